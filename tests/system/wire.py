"""A wire between two programs that is cut at any byte: both ends are reset."""

from __future__ import annotations

import asyncio
from contextlib import suppress

PIECE = 4096


class Wire:
    """Leads from a port of its own to another one. cuts: how often it was cut."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self.cuts = 0
        self._target = target
        self._left: int | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def lay(self) -> None:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut_after(self, size: int) -> None:
        """So many bytes still come through, towards the target; a message may end halfway."""
        self._left = size

    async def remove(self) -> None:
        self._cut()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def _cut(self) -> None:
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()

    async def _join(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            far, forth = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            back.transport.abort()
            return
        self._ends |= {back, forth}
        with suppress(OSError):
            await asyncio.gather(self._lead(near, forth, True), self._lead(far, back, False))

    async def _lead(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, counted: bool
    ) -> None:
        while piece := await source.read(PIECE):
            if counted and self._left is not None:
                piece, self._left = piece[: self._left], max(0, self._left - len(piece))
            sink.write(piece)
            await sink.drain()
            if counted and self._left == 0:
                self._left = None
                self.cuts += 1
                self._cut()
                return
        sink.transport.abort()
