"""How much of a serial line's physical capacity the RTU reader uses.

The other side is a process with a pseudo terminal that behaves as a line does: a request takes
its characters to arrive, the unit waits out the silence and answers at once, and every
character of the answer takes its time. The capacity is what a master could do that loses
nothing: both frames' characters and a silence of 3.5 characters after each. Meters are polled
more often than fits, so that the line is never idle for want of work.

Two masters are measured on it, by turns: a bare one, which sends, waits and does nothing with
what it gets (what this host and its scheduler leave over), and the reader as the daemon runs
it. `by its rules` is the reader on a clock that moves only when it waits: what its own waiting
costs, on any host.

    python bench/rtu_line.py [--seconds 6] [--loop uvloop]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import random
import select
import struct
import subprocess
import sys
import time
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from bench.peers.still import StillClock, StillLoop  # run from a checkout

from meterd.clock import SystemClock
from meterd.config.points import ModbusDevice, ModbusLink, ModbusPoint, SerialPort
from meterd.events import PollFailed, Reading
from meterd.readers import modbus_rtu
from meterd.readers.line import LinkStats, Surroundings
from meterd.readers.modbus import rtu_line
from meterd.readers.modbus.rtu_bus import RtuBus
from meterd.sim.rtu_server import checksum

BITS: Final = 11  # start, eight data, parity, stop
LINES: Final = ((9600, 20), (19_200, 20), (19_200, 1), (38_400, 20), (115_200, 20))
"""Baud rate, and float32 points in one request."""
UNITS: Final = 32
FIFO: Final = 16
"""Characters that a port hands over at once."""
GOAL: Final = 0.95
VIRTUAL_S: Final = 20


def character_s(baud: int) -> float:
    return BITS / baud


def silence_s(baud: int) -> float:
    """3.5 characters; above 19,200 baud a fixed time."""
    return 3.5 * character_s(baud) if baud <= 19_200 else 0.00175


def wait_until(at_s: float) -> None:
    """Sleep most of it, and watch the clock for the rest."""
    while (left_s := at_s - time.perf_counter()) > 0:
        if left_s > 0.0015:
            time.sleep(left_s - 0.001)


def serve(baud: int, seconds: float) -> None:
    """The line and its units; prints the terminal's name, then how it was used."""
    master, slave = os.openpty()
    tty.setraw(slave)
    print(os.ttyname(slave), flush=True)
    one_s, quiet_s = character_s(baud), silence_s(baud)
    needed_s, first_s, last_s, requests = 0.0, 0.0, 0.0, 0
    while not first_s or last_s - first_s < seconds:
        if not select.select([master], [], [], 5)[0]:
            break
        began_s = time.perf_counter()
        request = os.read(master, 8)
        unit, function, _address, words = struct.unpack(">BBHH", request[:6])
        body = bytes([unit, function, 2 * words]) + struct.pack(
            f">{words // 2}f", *[230.5] * (words // 2)
        )
        answer = body + checksum(body)
        speaks_s = began_s + 8 * one_s + quiet_s
        for at in range(0, len(answer), FIFO):
            part = answer[at : at + FIFO]
            wait_until(speaks_s + (at + len(part)) * one_s)
            os.write(master, part)
        first_s = first_s or began_s
        last_s = speaks_s + len(answer) * one_s + quiet_s
        needed_s += (8 + len(answer)) * one_s + 2 * quiet_s
        requests += 1
    print(requests, needed_s, last_s - first_s, flush=True)


def link(path: str, baud: int, points: int) -> ModbusLink:
    """Meters that want more than the line can carry."""
    wanted = tuple(
        ModbusPoint(quantity=f"value_{n}", table="input", address=2 * n, type="float32")
        for n in range(points)
    )
    devices = tuple(
        ModbusDevice(meter=f"m{unit}", unit=unit, points=wanted, every_ms=100 if points > 1 else 20)
        for unit in range(1, UNITS + 1)
    )
    serial = SerialPort(path=path, baudrate=baud)
    return ModbusLink(
        name="riser",
        protocol="modbus_rtu",
        serial=serial,
        devices=devices,
        timeout_ms=1000,
        max_turnaround_ms=100,
    )


async def read(asked: ModbusLink, done: asyncio.Event) -> tuple[int, float]:
    """Read the line until it is done: readings, and CPU microseconds for each."""
    readings = 0

    def emit(told: Reading | PollFailed) -> None:
        nonlocal readings
        readings += isinstance(told, Reading)

    around = Surroundings(SystemClock(), emit, random.Random(1))
    start = time.process_time_ns()
    reading = asyncio.create_task(modbus_rtu.run(asked, {}, around, LinkStats("riser")))
    await done.wait()
    cost = (time.process_time_ns() - start) / 1000
    reading.cancel()
    await asyncio.wait([reading])
    return readings, cost / max(1, readings)


async def measured(baud: int, points: int, seconds: float) -> tuple[float, float, float]:
    """Share of the capacity, requests a second, CPU microseconds a reading."""
    command = [sys.executable, __file__, "--serve", str(baud), "--seconds", str(seconds)]
    server = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert server.stdout is not None
    path = (await server.stdout.readline()).decode().strip()
    done = asyncio.Event()
    reading = asyncio.create_task(read(link(path, baud, points), done))
    requests, needed_s, passed_s = (await server.stdout.readline()).split()
    done.set()
    _readings, cost = await reading
    await server.wait()
    return float(needed_s) / float(passed_s), int(requests) / float(passed_s), cost


def bare(baud: int, points: int, seconds: float) -> float:
    """Share of the capacity that a master uses who does nothing else."""
    command = [sys.executable, __file__, "--serve", str(baud), "--seconds", str(seconds)]
    frame = struct.pack(">BBHH", 1, 4, 0, 2 * points)
    request, size = frame + checksum(frame), 5 + 4 * points
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = os.open(server.stdout.readline().strip(), os.O_RDWR | os.O_NOCTTY)
        there = True
        while there and server.poll() is None:
            os.write(port, request)
            left = size
            while left and there and select.select([port], [], [], 0.5)[0]:
                there = bool(heard := os.read(port, left))  # nothing: the line is gone
                left -= len(heard)
            time.sleep(silence_s(baud))
        os.close(port)
        _requests, needed_s, passed_s = server.stdout.readline().split()
    return float(needed_s) / float(passed_s)


async def by_its_rules(baud: int, points: int) -> float:
    """Share of the capacity on a clock that costs nothing."""
    loop = asyncio.get_running_loop()
    one_s, quiet_s, needed_s = character_s(baud), silence_s(baud), 0.0
    size, first_s, ends_s = 5 + 4 * points, 0.0, 0.0

    async def dial(_link: ModbusLink, bus: RtuBus) -> Callable[[], None]:
        def write(request: bytes) -> None:
            nonlocal needed_s, first_s, ends_s
            first_s = first_s or loop.time()
            body = bytes([request[0], request[1], size - 5]) + bytes(size - 5)
            speaks_s = loop.time() + 8 * one_s + quiet_s
            loop.call_at(speaks_s + size * one_s, bus.hear, body + checksum(body))
            ends_s = speaks_s + size * one_s + quiet_s
            needed_s += (8 + size) * one_s + 2 * quiet_s

        bus.connect(write)
        return lambda: bus.disconnect("done")

    around = Surroundings(StillClock(), lambda _: None, random.Random(1))
    stats = LinkStats("riser")
    reading = asyncio.create_task(rtu_line.run(link("", baud, points), {}, (around, stats, dial)))
    await asyncio.sleep(VIRTUAL_S)
    share = needed_s / (ends_s - first_s)
    reading.cancel()
    await asyncio.wait([reading])
    return share


def main() -> None:
    parser = argparse.ArgumentParser(description="Share of an RTU line's capacity")
    parser.add_argument("--serve", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--loop", choices=["uvloop", "asyncio"], default="uvloop")
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.seconds)
        return
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    factory = None
    if options.loop == "uvloop":
        import uvloop  # noqa: PLC0415  # only if asked for

        factory = uvloop.new_event_loop
    print(f"{UNITS} units, {options.loop}; the goal is {GOAL:.0%} of characters and silences")
    print("baud     float32  by its rules  bare here  meterd here  requests/s  us CPU each")
    for baud, points in LINES:
        with asyncio.Runner(loop_factory=StillLoop) as runner:
            rules = runner.run(by_its_rules(baud, points))
        floor = bare(baud, points, options.seconds)
        with asyncio.Runner(loop_factory=factory) as runner:
            share, rate, cost = runner.run(measured(baud, points, options.seconds))
        print(
            f"{baud:<8} {points:>7} {rules:13.1%} {floor:10.1%} {share:12.1%} "
            f"{rate:11.1f} {cost:12.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
