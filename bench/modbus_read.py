"""What reading a meter over Modbus TCP costs: CPU per request and per point.

200 meters of 20 float32 points each are polled every second, each over a connection of its
own, from a server in another process. In the same run, by turns, a bare loop exchanges the
same frames and looks at nothing: that is the floor of this host and this event loop.

    python bench/modbus_read.py [--meters 200] [--every-ms 1000] [--rounds 5] [--loop asyncio]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

import structlog

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from meterd.clock import SystemClock  # run from a checkout
from meterd.config.points import ModbusDevice, ModbusLink, ModbusPoint
from meterd.events import PollFailed, Reading
from meterd.readers import modbus_tcp
from meterd.readers.line import LinkStats, Surroundings
from meterd.readers.modbus import frames
from meterd.sim.modbus_server import ModbusServer, Unit

POINTS = 20
WARM_UP = 2  # polls that are not counted: connecting, compiling
NAMES = ["active_power", "voltage_l1", "voltage_l2", "voltage_l3", "energy_import"]


def points() -> tuple[ModbusPoint, ...]:
    """A meter as they come: watts, volts, a counter, and what else it shows."""
    names = [*NAMES, *(f"value_{n}" for n in range(POINTS - len(NAMES)))]
    units = {"active_power": "W", "energy_import": "kWh"}
    return tuple(
        ModbusPoint(
            quantity=name, table="input", address=2 * n, type="float32", unit=units.get(name, "")
        )
        for n, name in enumerate(names)
    )


async def serve() -> None:
    """The other side: one unit, its words a ramp of float32; prints its port."""
    packed = struct.pack(f">{POINTS}f", *(230.0 + n / 7 for n in range(POINTS)))
    words = struct.unpack(f">{2 * POINTS}H", packed)
    server = ModbusServer({1: Unit(input=dict(enumerate(words)))})
    print(await server.start(), flush=True)
    await asyncio.Event().wait()


class Bare(asyncio.Protocol):
    """Sends the request when told; counts what comes back."""

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.answers = 0
        self.transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self.answers += 1

    def ask(self) -> None:
        assert self.transport is not None
        self.transport.write(self.request)


async def bare(port: int, meters: int, every_ms: int, polls: int) -> float:
    """The floor: one burst per slot. CPU us per request."""
    asked = frames.request(1, "input", 0, 2 * POINTS)
    loop = asyncio.get_running_loop()
    all_of_them = []
    for _ in range(meters):
        _, one = await loop.create_connection(lambda: Bare(b"\0\1" + asked.tail), "127.0.0.1", port)
        all_of_them.append(one)
    start = 0
    for poll in range(polls + WARM_UP):
        await asyncio.sleep(every_ms / 1000)
        start = start or (poll == WARM_UP and time.process_time_ns())
        for one in all_of_them:
            one.ask()
    await asyncio.sleep(every_ms / 1000)
    cost = time.process_time_ns() - start
    for one in all_of_them:
        assert one.transport is not None
        one.transport.close()
    return cost / 1000 / (sum(one.answers for one in all_of_them) - WARM_UP * meters)


def links(port: int, meters: int, every_ms: int) -> list[ModbusLink]:
    """A connection of its own for every meter."""
    return [
        ModbusLink(
            name=f"link{n}",
            host="127.0.0.1",
            port=port,
            devices=(ModbusDevice(meter=f"m{n}", unit=1, points=points(), every_ms=every_ms),),
        )
        for n in range(meters)
    ]


async def ours(port: int, meters: int, every_ms: int, polls: int) -> float:
    """The reader as the daemon runs it. CPU us per request."""
    readings = 0

    def emit(told: Reading | PollFailed) -> None:
        nonlocal readings
        assert isinstance(told, Reading), told
        readings += 1

    around = Surroundings(SystemClock(), emit, random.Random(1))
    tasks = [
        asyncio.create_task(modbus_tcp.run(link, {}, around, LinkStats(link.name)))
        for link in links(port, meters, every_ms)
    ]
    await asyncio.sleep(every_ms * (WARM_UP + 0.5) / 1000)
    start, before = time.process_time_ns(), readings
    await asyncio.sleep(every_ms * polls / 1000)
    cost = (time.process_time_ns() - start) / 1000 / (readings - before)
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
    return cost


Side = Callable[[int, int, int, int], Coroutine[Any, Any, float]]


def measured(side: Side, port: int, options: argparse.Namespace) -> float:
    """CPU microseconds per request, on a new event loop."""
    doing = side(port, options.meters, options.every_ms, options.polls)
    if options.loop == "uvloop":
        import uvloop  # noqa: PLC0415  # only if asked for

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(doing)
    return asyncio.run(doing)


def decoding() -> float:
    """CPU microseconds to decode one answer, without any line."""
    from meterd.readers.amounts import empty  # noqa: PLC0415
    from meterd.readers.modbus.words import decoder  # noqa: PLC0415

    decode = decoder(points(), 0)
    frame = bytes(frames.DATA_AT) + struct.pack(f">{POINTS}f", *(230.5 for _ in range(POINTS)))
    start = time.process_time_ns()
    for _ in range(5000):
        decode(frame, frames.DATA_AT, empty())
    return (time.process_time_ns() - start) / 1000 / 5000


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU per Modbus TCP request and point")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--meters", type=int, default=200)
    parser.add_argument("--every-ms", type=int, default=1000)
    parser.add_argument("--polls", type=int, default=4, help="polls of each meter per round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--loop", choices=["uvloop", "asyncio"], default="uvloop")
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve())
        return
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    command = [sys.executable, __file__, "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            port = int(server.stdout.readline())
            rounds = [
                (measured(bare, port, options), measured(ours, port, options))
                for _ in range(options.rounds)
            ]
        finally:
            server.terminate()
    floor, cost = (median(column) for column in zip(*rounds, strict=True))
    print(f"{options.meters} meters x {POINTS} float32 every {options.every_ms} ms, {options.loop}")
    print(f"bare loop   {floor:7.1f} us a request")
    print(f"meterd      {cost:7.1f} us a request {cost / POINTS:6.2f} us a point")
    print(f"of which decoding {decoding():5.1f} us a request")
    print(f"ratio       {cost / floor:7.2f}")


if __name__ == "__main__":
    main()
