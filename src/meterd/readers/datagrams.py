"""A socket for datagrams that nobody keeps by mistake."""

from __future__ import annotations

import asyncio
from typing import Any, cast


async def datagram_socket(
    protocol: asyncio.DatagramProtocol, **where: Any
) -> asyncio.DatagramTransport:
    """The protocol's socket; where: as `loop.create_datagram_endpoint` takes it. Raises OSError.

    Whoever is cancelled meanwhile leaves none behind. uvloop 0.23 would: its socket stays open,
    keeps its port, and is known to nobody but the loop.
    """
    opening = _Opening(protocol)
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.create_datagram_endpoint(lambda: opening, **where)
    except BaseException:
        if opening.transport is not None:
            opening.transport.abort()
        raise
    return transport


class _Opening(asyncio.DatagramProtocol):
    """Knows the socket before the one who waits for it does, and hands it over."""

    def __init__(self, protocol: asyncio.DatagramProtocol) -> None:
        self._protocol = protocol
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)
        self.transport.set_protocol(self._protocol)
        self._protocol.connection_made(self.transport)
