"""What reading agents over SNMP costs: CPU per 1,000 points, beside gufo-snmp and collectd.

200 agents of 20 objects each are polled every second by GET, version 2c, from a server in
another process. In the same run, by turns: our reader as the daemon runs it, a bare loop of
the library gufo-snmp on the same event loop (which does not look at error statuses, types
or the order of things), and, as far as they are installed (apt-get install collectd-core
prometheus-snmp-exporter), collectd's snmp plugin, which asks for each value by itself, and the
exporter, which asks for many at once and tells them over HTTP.

    python bench/snmp_read.py [--agents 200] [--rounds 5] [--loop asyncio] [--no-peers]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import urlopen

import structlog

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from bench.peers.process import cpu_ms, free_port, running

from meterd.clock import SystemClock  # run from a checkout
from meterd.config.secret import Secret
from meterd.config.snmp import SnmpDevice, SnmpLink, SnmpLogin, SnmpPoint
from meterd.events import PollFailed, Reading
from meterd.readers import snmp
from meterd.readers.line import LinkStats, Surroundings
from meterd.sim.snmp_agent import SnmpAgent
from meterd.sim.snmp_ber import number

POINTS = 20
EVERY_MS = 1000
WARM_UP = 2  # polls that are not counted
OBJECTS = [f"1.3.6.1.4.1.318.1.1.26.4.3.1.{n}.1" for n in range(1, POINTS + 1)]
UPTIME = "1.3.6.1.2.1.1.3.0"
NAMES = ["active_power", "voltage_l1", "voltage_l2", "voltage_l3", "energy_import"]


def points() -> tuple[SnmpPoint, ...]:
    """A PDU as they come: watts, volts, a counter, and what else it shows."""
    names = [*NAMES, *(f"value_{n}" for n in range(POINTS - len(NAMES)))]
    units = {"active_power": "W", "energy_import": "kWh"}
    return tuple(
        SnmpPoint(quantity=name, oid=oid, unit=units.get(name, ""))
        for name, oid in zip(names, OBJECTS, strict=True)
    )


async def serve(agents: int) -> None:
    """The other side: so many agents; prints their ports."""
    values = {oid: number("gauge32", 230_000 + n) for n, oid in enumerate(OBJECTS)}
    served = [SnmpAgent({UPTIME: number("timeticks", 5), **values}) for _ in range(agents)]
    print(*[await agent.start() for agent in served], flush=True)
    await asyncio.Event().wait()


async def gufo(ports: list[int], polls: int) -> float:
    """The library alone, all agents at once, every second. CPU ms per 1,000 points."""
    from gufo.snmp.aio import SnmpSession  # noqa: PLC0415  # a peer, not a part of ours

    sessions = [SnmpSession("127.0.0.1", port, timeout=1) for port in ports]
    asked = [UPTIME, *OBJECTS]
    start = 0
    for poll in range(polls + WARM_UP):
        await asyncio.sleep(EVERY_MS / 1000)
        start = start or (poll == WARM_UP and time.process_time_ns())
        answers = await asyncio.gather(*(session.get_many(asked) for session in sessions))
        assert all(len(answer) == POINTS + 1 for answer in answers)
    return (time.process_time_ns() - start) / 1e6 / (polls * len(ports) * POINTS) * 1000


async def ours(ports: list[int], polls: int) -> float:
    """The reader as the daemon runs it. CPU ms per 1,000 points."""
    readings = 0

    def emit(told: Reading | PollFailed) -> None:
        nonlocal readings
        assert isinstance(told, Reading), told
        readings += 1

    devices = tuple(
        SnmpDevice(
            meter=f"m{port}", host="127.0.0.1", port=port, points=points(), every_ms=EVERY_MS
        )
        for port in ports
    )
    link = SnmpLink(name="park", login=SnmpLogin(community=Secret("public")), devices=devices)
    around = Surroundings(SystemClock(), emit, random.Random(1))
    task = asyncio.create_task(snmp.run(link, {}, around, LinkStats("park")))
    await asyncio.sleep(EVERY_MS * (WARM_UP + 0.5) / 1000)
    start, before = time.process_time_ns(), readings
    await asyncio.sleep(EVERY_MS * polls / 1000)
    cost = (time.process_time_ns() - start) / 1e6 / ((readings - before) * POINTS) * 1000
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return cost


Side = Callable[[list[int], int], Coroutine[Any, Any, float]]


def measured(side: Side, ports: list[int], options: argparse.Namespace) -> float:
    """CPU ms per 1,000 points, on a new event loop."""
    if options.loop == "uvloop":
        import uvloop  # noqa: PLC0415  # only if asked for

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(side(ports, options.polls))
    return asyncio.run(side(ports, options.polls))


DATA = '<Data "d{n}">\nType "gauge"\nInstance "d{n}"\nValues "{oid}"\n</Data>\n'
HOST = (
    '<Host "h{n}">\nAddress "127.0.0.1:{port}"\nVersion 2\nCommunity "public"\n'
    "Collect {data}\n</Host>\n"
)


def collectd(ports: list[int], polls: int) -> float:
    """collectd's snmp plugin on the same agents. CPU ms per 1,000 points."""
    program = shutil.which("collectd", path="/usr/sbin:/usr/bin")
    assert program is not None
    data = " ".join(f'"d{n}"' for n in range(POINTS))
    lines = [f"Interval {EVERY_MS / 1000}\nReadThreads 5\nLoadPlugin snmp\n<Plugin snmp>\n"]
    lines += [DATA.format(n=n, oid=oid) for n, oid in enumerate(OBJECTS)]
    lines += [HOST.format(n=n, port=port, data=data) for n, port in enumerate(ports)]
    with TemporaryDirectory(prefix="meterd-bench-") as folder:
        file = Path(folder) / "collectd.conf"
        head = (
            f'BaseDir "{folder}"\nPIDFile "{folder}/pid"\nTypesDB "/usr/share/collectd/types.db"\n'
        )
        file.write_text(head + "".join(lines) + "</Plugin>\n")
        with running([program, "-f", "-C", str(file)], Path(folder) / "log") as process:
            time.sleep(EVERY_MS * (WARM_UP + 1) / 1000)
            before = cpu_ms(process.pid)
            time.sleep(EVERY_MS * polls / 1000)
            return (cpu_ms(process.pid) - before) / (polls * len(ports) * POINTS) * 1000


EXPORTED = """bench:
  version: 2
  auth: {{community: public}}
  get: [{oids}]
  metrics: [{metrics}]
"""


def exporter(ports: list[int], polls: int) -> float:
    """prometheus-snmp-exporter, asked for every agent every second. CPU ms per 1,000 points."""
    program = shutil.which("prometheus-snmp-exporter")
    assert program is not None
    metrics = ", ".join(
        f"{{name: d{n}, oid: {oid}, type: gauge, help: d{n}}}" for n, oid in enumerate(OBJECTS)
    )
    place = f"127.0.0.1:{free_port()}"
    with TemporaryDirectory(prefix="meterd-bench-") as folder:
        file = Path(folder) / "snmp.yml"
        file.write_text(EXPORTED.format(oids=", ".join(OBJECTS), metrics=metrics))
        command = [program, f"--config.file={file}", f"--web.listen-address={place}"]
        with running(command, Path(folder) / "log") as process, ThreadPoolExecutor(16) as asking:
            time.sleep(EVERY_MS * WARM_UP / 1000)
            _scrape(place, ports, asking)
            before, start = cpu_ms(process.pid), time.monotonic()
            for poll in range(polls):
                _scrape(place, ports, asking)
                time.sleep(max(0.0, start + (poll + 1) * EVERY_MS / 1000 - time.monotonic()))
            return (cpu_ms(process.pid) - before) / (polls * len(ports) * POINTS) * 1000


def _scrape(place: str, ports: list[int], asking: ThreadPoolExecutor) -> None:
    """Every agent once; all its points must be there."""

    def one(port: int) -> int:
        url = f"http://{place}/snmp?module=bench&target=127.0.0.1:{port}"
        with urlopen(url, timeout=10) as answer:  # our own process
            return int(answer.read().count(b"\nd"))

    assert all(count == POINTS for count in asking.map(one, ports))


def rounds(ports: list[int], options: argparse.Namespace) -> dict[str, float]:
    """The median of each side, measured by turns."""
    sides = {"gufo-snmp": gufo, "meterd": ours}
    found: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(options.rounds):
        for name, side in sides.items():
            found[name].append(measured(side, ports, options))
        if options.peers and shutil.which("collectd", path="/usr/sbin:/usr/bin"):
            found.setdefault("collectd", []).append(collectd(ports, options.polls))
        if options.peers and shutil.which("prometheus-snmp-exporter"):
            found.setdefault("snmp-exporter", []).append(exporter(ports, options.polls))
    return {name: median(costs) for name, costs in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU per 1,000 points over SNMP")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--polls", type=int, default=4, help="polls of each agent per round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--loop", choices=["uvloop", "asyncio"], default="uvloop")
    parser.add_argument("--no-peers", dest="peers", action="store_false")
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(options.agents))
        return
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    command = [sys.executable, __file__, "--serve", "--agents", str(options.agents)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            found = rounds([int(port) for port in server.stdout.readline().split()], options)
        finally:
            server.terminate()
    print(f"{options.agents} agents x {POINTS} objects every {EVERY_MS} ms, {options.loop}")
    for name, cost in found.items():
        print(f"{name:14} {cost:7.2f} ms per 1,000 points, ratio {found['meterd'] / cost:5.2f}")


if __name__ == "__main__":
    main()
