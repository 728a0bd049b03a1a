"""What dead devices cost the living: how late these are read without and with them.

Living devices are polled every second from a server in another process, by the reader as the
daemon runs it; then again beside dead ones, which never answer. For each protocol it prints
the lateness of the living behind their grid (median, 99th percentile, worst), the readings
they lost, and the ratio of the percentiles. On a serial line, and behind one Modbus gateway,
a dead unit holds the line for `max_turnaround` or the timeout when it is asked, which is at
most once in ten seconds: there the limit is shown beside the worst.

    python bench/fairness.py [--seconds 20] [--protocols modbus_tcp,snmp]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import structlog

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from bench.peers.process import running

from meterd.clock import SystemClock  # run from a checkout
from meterd.config.bacnet import BacnetDevice, BacnetLink, BacnetPoint
from meterd.config.points import ModbusDevice, ModbusLink, ModbusPoint, SerialPort
from meterd.config.secret import Secret
from meterd.config.snmp import SnmpDevice, SnmpLink, SnmpLogin, SnmpPoint
from meterd.events import PollFailed, Reading
from meterd.readers.line import LinkStats, Surroundings
from meterd.readers.protocols import reader
from meterd.sim.modbus_server import ModbusServer, Unit
from meterd.sim.rtu_server import RtuLineServer
from meterd.sim.snmp_agent import SnmpAgent
from meterd.sim.snmp_ber import number

EVERY_MS = 1000
TIMEOUT_MS = 500
TURNAROUND_MS = 1000
HOST = "127.0.0.1"
OID = "1.3.6.1.4.1.318.1.1.26.4.3.1.9.1"
UPTIME = "1.3.6.1.2.1.1.3.0"
WARM_UP_MS = 2 * EVERY_MS


class Case(NamedTuple):
    """A kind of line. limit_ms: what a dead device may cost whoever shares its line."""

    alive: int
    dead: int
    limit_ms: int = 0


CASES = {
    "modbus_tcp": Case(50, 10),
    "snmp": Case(50, 10),
    "bacnet": Case(20, 5),
    "gateway": Case(6, 1, TIMEOUT_MS),
    "modbus_rtu": Case(6, 1, TURNAROUND_MS),
}


# -- the other side -----------------------------------------------------------------------


def unit() -> Unit:
    return Unit(holding={0: 0, 1: 4711})


async def serve(case: str) -> None:
    """Start the devices, living and dead; print where they are."""
    alive, dead, _limit = CASES[case]
    deaf: list[socket.socket] = []
    places: list[Any] = []
    if case == "modbus_tcp":
        places = [await ModbusServer({1: unit()}).start() for _ in range(alive)]
        deaf = [socket.create_server((HOST, 0)) for _ in range(dead)]
    elif case == "gateway":
        server = ModbusServer({n: unit() for n in range(1, alive + 1)})
        server.absent = None
        places = [await server.start()]
    elif case == "modbus_rtu":
        line = RtuLineServer({n: unit() for n in range(1, alive + 1)})
        places = [line.plug()]
    else:
        deaf = [udp() for _ in range(dead)]
        places = await (agents(alive) if case == "snmp" else controllers(alive))
    print(json.dumps([places, [one.getsockname()[1] for one in deaf]]), flush=True)
    await asyncio.Event().wait()


def udp() -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    found.bind((HOST, 0))
    return found


async def agents(count: int) -> list[int]:
    objects = {UPTIME: number("timeticks", 5), OID: number("gauge32", 4711)}
    return [await SnmpAgent(objects).start() for _ in range(count)]


async def controllers(count: int) -> list[int]:
    from meterd.sim.bacnet_server import BacnetServer, Point  # noqa: PLC0415  # it costs 30 MB

    ports = []
    for n in range(count):
        with udp() as probe:
            ports.append(probe.getsockname()[1])
        points = [Point(kind="analog-input", instance=1, name="P", units="kilowatts", value=4.2)]
        await BacnetServer(1000 + n, points).start(HOST, ports[-1])
    return ports


# -- our side -----------------------------------------------------------------------------


def modbus(units: dict[int, str], **more: Any) -> ModbusLink:
    """A link with these units."""
    point = ModbusPoint(quantity="own", table="holding", address=0, type="uint32")
    devices = tuple(
        ModbusDevice(meter=meter, unit=n, points=(point,), every_ms=EVERY_MS)
        for n, meter in units.items()
    )
    name = devices[0].meter
    return ModbusLink(name=name, host=HOST, timeout_ms=TIMEOUT_MS, devices=devices, **more)


def links(case: str, places: list[Any], deaf: list[int]) -> list[Any]:
    """The links to all of them; without `deaf` to the living alone."""
    units = {200 + n: f"dead{n}" for n in range(len(deaf))}  # asked before the others
    units |= {n: f"m{n}" for n in range(1, CASES[case].alive + 1)}
    named = [(f"m{n}", port) for n, port in enumerate(places)]
    named += [(f"dead{n}", port) for n, port in enumerate(deaf)]
    if case == "modbus_tcp":
        return [modbus({1: name}, port=port) for name, port in named]
    if case == "gateway":
        return [modbus(units, port=places[0])]
    if case == "modbus_rtu":
        port = SerialPort(path=places[0], baudrate=19_200)
        more = {"protocol": "modbus_rtu", "serial": port, "max_turnaround_ms": TURNAROUND_MS}
        return [modbus(units, **more)]
    if case == "snmp":
        oid = (SnmpPoint(quantity="own", oid=OID),)
        asked = tuple(
            SnmpDevice(meter=name, host=HOST, port=port, points=oid, every_ms=EVERY_MS)
            for name, port in named
        )
        login = SnmpLogin(community=Secret("public"))
        return [SnmpLink(name="m", login=login, timeout_ms=TIMEOUT_MS, devices=asked)]
    own = (BacnetPoint(quantity="active_power", oid=(0, 1)),)
    objects = tuple(
        BacnetDevice(meter=name, address=f"{HOST}:{port}", points=own, every_ms=EVERY_MS)
        for name, port in named
    )
    return [BacnetLink(name="m", bind=HOST, port=0, timeout_ms=TIMEOUT_MS, devices=objects)]


async def lateness(read: list[Any], seconds: float) -> dict[str, list[float]]:
    """Meter -> how late each of its readings came, in ms behind its grid, after a warm-up."""
    clock, late = SystemClock(), dict[str, list[float]]()
    from_ms = clock.now_ms() + WARM_UP_MS

    def emit(told: Reading | PollFailed) -> None:
        if isinstance(told, Reading) and told.at_ms > from_ms:
            late.setdefault(told.meter, []).append(told.at_ms % EVERY_MS)

    around = Surroundings(clock, emit, random.Random(1))
    work = [reader(link.protocol).run(link, {}, around, LinkStats(link.name)) for link in read]
    tasks = [asyncio.create_task(one) for one in work]
    await asyncio.sleep(seconds + WARM_UP_MS / 1000)
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    return late


class Found(NamedTuple):
    """How late the living were: median, 99th percentile and worst, ms; readings of each second."""

    p50: float
    p99: float
    worst: float
    share: float


def found(case: str, late: dict[str, list[float]], seconds: float) -> Found:
    every = sorted(one for some in late.values() for one in some)
    share = len(every) / (CASES[case].alive * seconds * 1000 / EVERY_MS)
    return Found(median(every), every[int(len(every) * 0.99)], every[-1], share)


def measured(case: str, seconds: float) -> tuple[Found, Found]:
    """Without the dead, and with them."""
    words = [sys.executable, __file__, "--serve", case]
    with TemporaryDirectory() as folder, running(words, Path(folder) / "log") as process:
        places, deaf = json.loads(_line(process))
        hidden = [0] * CASES[case].dead if case in {"gateway", "modbus_rtu"} else deaf
        alone, beside = (
            asyncio.run(lateness(links(case, places, some), seconds)) for some in ([], hidden)
        )
    return found(case, alone, seconds), found(case, beside, seconds)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--protocols", default=",".join(CASES))
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(options.serve))
        return
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    for case in options.protocols.split(","):
        alone, beside = measured(case, options.seconds)
        alive, dead, limit_ms = CASES[case]
        print(f"{case}: {alive} living, {dead} dead, every {EVERY_MS} ms")
        for name, one in (("alone", alone), ("beside the dead", beside)):
            print(f"  {name:16} {one.p50:6.1f} {one.p99:6.1f} {one.worst:6.1f} ms, ", end="")
            print(f"{100 * one.share:.1f} % of the readings")
        print(f"  ratio of p99     {beside.p99 / max(1, alone.p99):.2f}", end="")
        print(f"; limit of one hold-up {limit_ms} ms" if limit_ms else "")


if __name__ == "__main__":
    main()
