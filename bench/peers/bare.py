"""The floor: an event loop that exchanges meterd's frames each second and looks at nothing.

python bench/peers/bare.py POINTS PORT...
"""

from __future__ import annotations

import asyncio
import struct
import sys
import time

import uvloop


class Bare(asyncio.Protocol):
    """Sends the same request whenever told; counts the bytes that come back."""

    heard = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.write = transport.write  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.heard += len(data)


async def ask(points: int, ports: list[int]) -> None:
    """One burst on every whole second."""
    loop = asyncio.get_running_loop()
    request = struct.pack(">HHHBBHH", 1, 0, 6, 1, 4, 0, 2 * points)
    meters = [(await loop.create_connection(Bare, "127.0.0.1", port))[1] for port in ports]
    while True:
        await asyncio.sleep(1 - time.time() % 1)
        for meter in meters:
            meter.write(request)


if __name__ == "__main__":
    uvloop.run(ask(int(sys.argv[1]), [int(port) for port in sys.argv[2:]]))
