"""A whole simulated site: Modbus TCP, SNMP, BACnet, pulses, records, bills; no hardware.

Two months of history are made first, with a rollover, a replacement, a glitch and an outage
in it; then the site runs live until Ctrl-C. Everything is in a temporary directory.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import sys
from argparse import ArgumentParser, Namespace
from contextlib import AsyncExitStack
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from meterd.cli.bills import bill_rows, period_rows
from meterd.cli.exits import FINDING, CliError
from meterd.cli.logging import configure_logging
from meterd.cli.printing import as_table
from meterd.cli.run import event_loop
from meterd.cli.site import Stored
from meterd.clock import SystemClock
from meterd.config.compile import site_spec
from meterd.config.inventory import inventory
from meterd.config.load import Loaded, load
from meterd.daemon.daemon import Daemon
from meterd.metering.calendar import DAY_MS
from meterd.pipeline import Origin, Pipeline
from meterd.sim.field import Field
from meterd.sim.site import HISTORY_DAYS, STEP_MS, Site, history
from meterd.stores import Batch
from meterd.stores.sqlite import SqliteStore

HTTP_PORT: Final = 9850
BATCH: Final = 20_000
METER_COLUMNS: Final = (
    "name", "protocol", "kwhLifetime", "kwhLastMonth", "kwhThisMonth", "peakDemandKw",
    "costLastMonth",
)  # fmt: skip
BILL_COLUMNS: Final = (
    "bill", "start", "status", "used", "unit", "allowance", "percent", "projection", "peak",
    "cost", "currency",
)  # fmt: skip
TO_TRY: Final = ("bills", "records", "events --kind rollover", "read rack-12", "audit")


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    parser.add_argument("--port", type=int, help=f"of the web server; default {HTTP_PORT}")
    parser.add_argument("--seconds", type=float, help="stop by itself after so long")


def run(args: Namespace) -> int:
    """Until Ctrl-C, SIGTERM or --seconds."""
    configure_logging({"METERD_LOG": "WARNING", **os.environ})
    with (
        TemporaryDirectory(prefix="meterd-demo-") as folder,
        asyncio.Runner(loop_factory=event_loop()) as runner,
    ):
        try:
            return runner.run(_live(Path(folder), args))
        except OSError as error:
            raise CliError(f"cannot start: {error}", FINDING) from error


async def _live(folder: Path, args: Namespace) -> int:
    clock = SystemClock()
    now_ms = clock.now_ms()
    site = Site(now_ms - now_ms % STEP_MS - HISTORY_DAYS * DAY_MS)
    field = Field(site, clock, folder)
    http_port = args.port or _free_port()
    async with AsyncExitStack() as at_the_end:
        at_the_end.push_async_callback(field.stop)
        places = await field.start() | {"HTTP_PORT": str(http_port)}
        found = _configuration(folder, field.bacnet, places)
        path = folder / "meterd.db"
        store = SqliteStore.open(path, now_ms=now_ms, new_epoch=secrets.token_hex(5))
        at_the_end.callback(store.close)
        began_ms = clock.mono_ms()
        print(f"Booking {HISTORY_DAYS} days of a simulated site: some seconds.", flush=True)
        count = _remember(found, store, site, clock)
        field.begin()
        took_s = (clock.mono_ms() - began_ms) / 1000
        print(f"{count:,} readings of {HISTORY_DAYS} days of history booked in {took_s:.1f} s.\n")
        daemon = Daemon(found, store, clock, os.environ)
        _show(Stored(daemon.site, store.reader(), daemon.drive.pipeline), found, http_port)
        if args.seconds:
            loop = asyncio.get_running_loop()
            loop.call_later(args.seconds, os.kill, os.getpid(), signal.SIGTERM)
        return await daemon.run()


def _configuration(folder: Path, bacnet: bool, places: dict[str, str]) -> Loaded:
    """Write the demo's files where the user can look at them and use them."""
    package = files("meterd.sim")
    chillers = "demo_chillers_bacnet.yaml" if bacnet else "demo_chillers_modbus.yaml"
    text = (package / "demo.yaml").read_text("utf-8")
    text = text.replace("CHILLERS\n", (package / chillers).read_text("utf-8"))
    for name, value in places.items():
        text = text.replace(name, value)
    text += f"\nstore: sqlite://{folder / 'meterd.db'}\n"
    (folder / "meterd.yaml").write_text(text, "utf-8")
    (folder / "demo_meter.yaml").write_text(
        (package / "demo_meter.yaml").read_text("utf-8"), "utf-8"
    )
    found = load(folder / "meterd.yaml", os.environ)
    if found.config is None:
        raise CliError(f"the demo's own configuration is wrong: {found.findings}", FINDING)
    return found


def _remember(found: Loaded, store: SqliteStore, site: Site, clock: SystemClock) -> int:
    """Feed the history through the same pipeline, in event time."""
    assert found.config is not None
    spec = site_spec(found.config)
    store.register_configurations(spec.records, inventory(found.config))
    pipeline = Pipeline(spec, store.load(), Origin(int(store.epoch, 16)))
    count = 0
    for reading in history(site, clock.now_ms()):
        pipeline.feed(reading)
        count += 1
        if count % BATCH == 0:
            _commit(pipeline, store)
    _commit(pipeline, store)
    return count


def _commit(pipeline: Pipeline, store: SqliteStore) -> None:
    outputs, snapshot = pipeline.take(views=False)
    store.commit_now(Batch(outputs, snapshot.saved, {}, pipeline.state.now_ms))


def _show(site: Stored, found: Loaded, http_port: int) -> None:
    assert found.config is not None
    config = found.config
    protocols = {
        meter.name: config.connections[meter.connection or ""].protocol for meter in config.meters
    }
    views = (site.pipeline.meter_view(name) for name in site.pipeline.meters)
    rows = (
        {**view.fields, "name": view.meter, "protocol": protocols[view.meter]} for view in views
    )
    as_table(rows, METER_COLUMNS)
    print()
    as_table(period_rows(bill_rows(site)), BILL_COLUMNS)
    program, file = sys.argv[0], found.path
    print(
        "\nRunning live; Ctrl-C ends it and leaves nothing behind. Meanwhile look at\n"
        f"  http://127.0.0.1:{http_port}/\n"
        f"  http://127.0.0.1:{http_port}/v1/meters  /v1/bills  /v1/records  /v1/events  /metrics\n"
        + "".join(f"  {program} {verb} -c {file}\n" for verb in TO_TRY),
        flush=True,
    )


def _free_port() -> int:
    """The usual port, or any other while that is taken."""
    for port in (HTTP_PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            free: int = probe.getsockname()[1]
            return free
    raise CliError("no free port on 127.0.0.1", FINDING)
