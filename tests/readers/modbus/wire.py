"""A transport that the test is: what a connection writes, and what comes back to it."""

from __future__ import annotations

import asyncio
from typing import Any

from meterd.readers.modbus.client import Connection
from meterd.readers.modbus.frames import request

ASKED = request(17, "holding", 107, 2)
SHORT_MS, LONG_MS = 30, 600_000


class Wire(asyncio.Transport):
    """Takes what is written; the test says what comes back."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.aborted = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def write(self, data: Any) -> None:
        self.sent.append(bytes(data))

    def abort(self) -> None:
        self.aborted = True


def connected(timeout_ms: int = LONG_MS, tid: int = 0x1500) -> tuple[Connection, Wire]:
    connection, wire = Connection("hall:502", timeout_ms, tid, {}), Wire()
    connection.connection_made(wire)
    return connection, wire


def answer(sent: bytes, words: str = "022B0064", **changed: int) -> bytes:
    """The right answer to what was sent, or nearly."""
    tid = int.from_bytes(sent[:2], "big") + changed.get("tid", 0)
    data = bytes.fromhex(words)
    head = bytes([sent[6] + changed.get("unit", 0), sent[7] + changed.get("function", 0)])
    body = head + bytes([len(data)]) + data
    return (tid & 0xFFFF).to_bytes(2, "big") + b"\0\0" + len(body).to_bytes(2, "big") + body


async def asking(connection: Connection) -> asyncio.Task[bytes]:
    """A request that has just been sent."""
    task = asyncio.ensure_future(connection.exchange(ASKED))
    await asyncio.sleep(0)
    return task


def faults(connection: Connection) -> dict[str, int]:
    return connection._faults
