"""Lines on which nobody ever answers cost neither memory nor descriptors (D6)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

from tests.sinks.peers import free_port
from tests.system.home import Home
from tests.system.often import often
from tests.system.peers import Daemon, files, pass_time, resident_kib

LINES: Final = 10
"""Of each protocol; a line with nobody on it is asked one question at a time."""
DEVICES: Final = 3
"""On each line."""
WARM: Final = 300
"""Failures until everything has been done once, and all devices are known to be off line."""
FAILURES: Final = often(180, 5_000)
"""Those that are off line are asked seldom: some six of them a second."""
SPARE_KIB: Final = 1_024
POINTS: Final[dict[str, dict[str, Any]]] = {
    "snmp": {"oid": "1.3.6.1.4.1.99.1"},
    "modbus_tcp": {"table": "input", "address": 0, "type": "float32"},
    "bacnet": {"object": "analog-input,1"},
}


@contextmanager
def hole() -> Iterator[int]:
    """A port that swallows datagrams, at every address of this host."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("", 0))
        yield one.getsockname()[1]


@asynccontextmanager
async def mute() -> AsyncIterator[int]:
    """A port where one is let in and told nothing."""

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(swallow, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


def line(protocol: str, port: int) -> dict[str, Any]:
    """A connection on which nobody answers."""
    if protocol == "snmp":
        return {"community": "public"}
    if protocol == "bacnet":
        return {"bind": "127.0.0.1/8", "port": free_port()}
    return {"host": "127.0.0.1", "port": port}


def add(home: Home, protocol: str, port: int) -> None:
    """All lines of a protocol, their devices asked as often as can be."""
    for n in range(LINES):
        name = f"{protocol}-{n}"
        home.config["connections"][name] = {
            "protocol": protocol, "timeout": "100ms", **line(protocol, port)
        }  # fmt: skip
        for unit in range(1, DEVICES + 1):
            place = f"127.0.{n + 1}.{unit}:{port}"
            home.config["meters"].append(
                {
                    "name": f"{name}-{unit}",
                    "connection": name,
                    "address": unit if protocol == "modbus_tcp" else place,
                    "every": "100ms",
                    "points": {"active_power": {**POINTS[protocol], "unit": "W"}},
                }
            )


async def taken_after(daemon: Daemon, failures: int) -> tuple[int, int]:
    """(descriptors, KiB of memory) once so many polls have given no reading."""
    while sum((await daemon.metrics()).all("meterd_poll_failures_total")) < failures:
        await pass_time(1)
    return files(daemon), resident_kib(daemon)


async def test_d6_a_poll_that_is_not_answered_leaves_nothing_behind(home: Home) -> None:
    with hole() as agent, hole() as device:
        async with mute() as server:
            for protocol, port in zip(POINTS, (agent, server, device), strict=True):
                add(home, protocol, port)
            daemon = await home.run()
            files_before, memory = await taken_after(daemon, WARM)
            files_then, memory_then = await taken_after(daemon, WARM + FAILURES)
            assert files_then <= files_before + 2 * LINES  # those that are just asked
            assert memory_then <= memory + SPARE_KIB
            assert await daemon.end() == 0
