"""What can be seen of a host without reading a meter: the checks of `meterd doctor`."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from meterd.cli.control import ask
from meterd.cli.exits import CliError
from meterd.config.connections import ModbusRtu, ModbusRtuTcp, ModbusTcp
from meterd.config.findings import blocking
from meterd.config.links import links
from meterd.config.load import load
from meterd.config.models import Config
from meterd.config.points import ModbusLink
from meterd.config.store import MEMORY, default_store, store_url
from meterd.readers.budget import SLOWER, budgets
from meterd.stores import StoreError
from meterd.stores.places import is_database, shown
from meterd.stores.queries import Reader

FREE_MB: Final = 200
"""Less free space than this will not last."""
CONNECT_S: Final = 2.0
BY_ID: Final = "Name it by its link in /dev/serial/by-id, which stays when adapters are replugged."
_RENUMBERED: Final = ("ttyUSB", "ttyACM")
CLOCK: Final = ("timedatectl", "show", "--property=NTPSynchronized", "--value")


class Check(NamedTuple):
    """One check. ok: None where it cannot tell."""

    name: str
    subject: str
    ok: bool | None
    what: str
    remedy: str = ""


def checks(config: Config, path: Path, store: str | None) -> Iterator[Check]:
    """Every check of the host, in the order in which a problem would show."""
    yield _configuration(path)
    yield from _store(config, path, store)
    yield _clock()
    yield from _ports(config)
    yield from _hosts(config)
    yield from _cycles(config)
    yield from _twins(config)


def _configuration(path: Path) -> Check:
    found = load(path, os.environ)
    said = f"{len(found.findings)} findings" if found.findings else "nothing wrong"
    ok = found.config is not None and not blocking(found.findings)
    return Check("configuration", str(path), ok, said, "`meterd check` lists them." * (not ok))


def _store(config: Config, path: Path, url: str | None) -> Iterator[Check]:
    configured = config.store.reveal() if config.store else default_store(os.environ)
    text = store_url(url or configured, Path.cwd() if url else path.parent.absolute())
    if is_database(text):
        yield _database(text)
        yield _daemon(text)
        return
    if text == MEMORY:
        return
    file = Path(text.removeprefix("sqlite://"))
    folder = next((one for one in file.parents if one.exists()), Path("/"))
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    remedy = "Make room: without it nothing is kept." * (free_mb < FREE_MB)
    yield Check("disk", str(folder), free_mb >= FREE_MB, f"{free_mb:,} MB free", remedy)
    writable = os.access(file if file.exists() else folder, os.W_OK)
    what = f"{file.stat().st_size:,} bytes" if file.exists() else "not made yet"
    remedy = "Run this as the daemon's user to know." * (not writable)
    yield Check("store", str(file), True if writable else None, what, remedy)
    yield _daemon(str(file))


def _database(url: str) -> Check:
    name = shown(url)
    try:
        with Reader.open(url) as reader:
            return Check("store", name, True, f"{len(reader.bills())} bills")
    except StoreError as error:
        return Check("store", name, False, str(error), "`meterd run` makes it, once it answers.")


def _daemon(store: str) -> Check:
    name = shown(store)
    try:
        answer = ask(store, "GET", "/healthz")
    except CliError as error:
        return Check("daemon", name, None, str(error))
    if answer is None:
        return Check("daemon", name, None, "none runs on this store")
    status, body = answer
    detail = body.get("detail", "well") if isinstance(body, dict) else "well"
    return Check("daemon", name, status < 400, detail, "Its log says more." * (status >= 400))


def _clock() -> Check:
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command
            CLOCK, capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return Check("clock", "host", None, "nobody here tells whether it is synchronised")
    ok = done.stdout.strip() == "yes"
    what = "synchronised" if ok else "not synchronised"
    return Check("clock", "host", ok, what, "Run a time service: bills end at midnight." * (not ok))


def _ports(config: Config) -> Iterator[Check]:
    for name, link in config.connections.items():
        if not isinstance(link, ModbusRtu):
            continue
        port = Path(link.port)
        if not port.exists():
            remedy = "Plug it in; name it by its link in /dev/serial/by-id."
            yield Check("port", name, False, f"{port} is not there", remedy)
        elif not os.access(port, os.R_OK | os.W_OK):
            remedy = f"Put the user into the group {_group(port)}."
            yield Check("port", name, False, f"{port} may not be opened", remedy)
        else:
            remedy = BY_ID * port.name.startswith(_RENUMBERED)
            yield Check("port", name, True, f"{port} is there", remedy)


def _group(port: Path) -> str:
    try:
        return port.group()
    except KeyError:
        return "of the port"


def _hosts(config: Config) -> Iterator[Check]:
    for name, link in config.connections.items():
        if isinstance(link, ModbusTcp | ModbusRtuTcp):
            yield _reached(name, link.host, link.port)
    for broker in config.brokers:
        url = urlsplit(broker.url.reveal())
        port = url.port or (8883 if url.scheme == "mqtts" else 1883)
        yield _reached("mqtt", url.hostname or "", port)


def _reached(name: str, host: str, port: int) -> Check:
    place = f"{host}:{port}"
    try:
        socket.create_connection((host, port), CONNECT_S).close()
    except (OSError, UnicodeError) as error:
        remedy = "Is it on, and does a route lead there?"
        return Check("host", name, False, f"{place}: {error}", remedy)
    return Check("host", name, True, f"{place} takes connections")


def _cycles(config: Config) -> Iterator[Check]:
    for budget in budgets(links(config)):
        if budget.estimate:
            certain = budget.share == budget.estimate or not budget.fits
            share = budget.share if certain else budget.estimate
            ok = budget.fits if certain or share <= 1 else None
            what = f"{share:.0%} of its time is asked" + ", by estimate" * (not certain)
            yield Check("line", budget.link.name, ok, what, SLOWER * (share > 1))


def _twins(config: Config) -> Iterator[Check]:
    """Meters that read the same counter of the same Modbus unit: one of them has the wrong
    address. Others of one unit are parts of it, as the outlets of a strip are."""
    first: dict[tuple[object, ...], str] = {}
    for link in links(config):
        for device in link.devices if isinstance(link, ModbusLink) else ():
            counters = [point for point in device.points if point.quantity == "energy_import"]
            for one in counters:
                which = (device.sunspec.instance or 1, one.sunspec or (one.table, one.address))
                other = first.setdefault((link.name, device.unit, which), device.meter)
                if other != device.meter:
                    what = f"unit {device.unit} of {link.name} is read as {other} too"
                    remedy = "Give each its own address, or the energy is billed twice."
                    yield Check("unit", device.meter, False, what, remedy)
