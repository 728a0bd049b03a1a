"""So many Modbus TCP meters on 127.0.0.1, in a process of their own so as not to be counted.

    python bench/peers/devices.py METERS POINTS

Prints its ports as a JSON list. For every line it then reads it prints, as a JSON object,
how many words were asked for since the line before, and how late the requests came behind
the whole second of the wall clock (ms; 99 of a hundred came sooner).
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys
import time
from collections import deque
from pathlib import Path
from typing import Final

import uvloop

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.peers.meter import words  # run from a checkout

REQUEST_BYTES: Final = 12
KEPT_MAX: Final = 500_000
EARLY_S: Final = 0.02
"""A timer may fire so much before its time."""
_ASKED: Final = struct.Struct(">HHHBBHH")
_ANSWER: Final = struct.Struct(">HHHBBB")


class Meters:
    """What all meters show now, and what was asked of them."""

    def __init__(self, points: int) -> None:
        self._points = points
        self._born_s = int(time.time())
        self.begin()
        self.turn()

    def begin(self) -> None:
        """Count anew."""
        self.words = 0
        self.late_ms: deque[float] = deque(maxlen=KEPT_MAX)

    def turn(self) -> None:
        """Show what is due now, and again at half past every second, between two polls."""
        now_s = time.time() - self._born_s
        self.image = words(self._points, int(now_s + 1))
        asyncio.get_running_loop().call_later(1 - (now_s + 0.5) % 1 + EARLY_S, self.turn)

    def asked(self) -> dict[str, float]:
        """The figures since `begin`."""
        late = sorted(self.late_ms) or [0.0]
        return {"words": self.words, "late_ms": late[len(late) * 99 // 100]}


class Served(asyncio.Protocol):
    """One connection to one meter."""

    def __init__(self, meters: Meters) -> None:
        self._meters = meters

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._write = transport.write  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Whole requests, as clients send them on loopback; anything else ends the bench."""
        meters = self._meters
        assert len(data) == REQUEST_BYTES, data
        tid, _protocol, _length, unit, function, address, count = _ASKED.unpack(data)
        head = _ANSWER.pack(tid, 0, 3 + 2 * count, unit, function, 2 * count)
        self._write(head + meters.image[2 * address : 2 * (address + count)])
        meters.words += count
        meters.late_ms.append(1000 * ((time.time() + EARLY_S) % 1 - EARLY_S))


async def serve(count: int, points: int) -> None:
    """Answer until standard input ends."""
    loop = asyncio.get_running_loop()
    meters = Meters(points)
    servers = [
        await loop.create_server(lambda: Served(meters), "127.0.0.1", 0) for _ in range(count)
    ]
    print(json.dumps([server.sockets[0].getsockname()[1] for server in servers]), flush=True)
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while await orders.readline():
        print(json.dumps(meters.asked()), flush=True)
        meters.begin()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), int(sys.argv[2])))
