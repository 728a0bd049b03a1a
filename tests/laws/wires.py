"""Connections of a world of its own: bytes arrive after a while, in order, whole or in pieces."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any, Final

DELAY_S: Final = 0.002
"""From one end to the other."""
GAP_S: Final = 0.0005
"""Between two pieces."""
IN_PIECES: Final = 0.05
"""How often what is written at once arrives in two pieces."""


class End(asyncio.Transport):
    """One end of a connection: what is written here arrives at the other."""

    def __init__(self, protocol: asyncio.Protocol, chance: Random) -> None:
        super().__init__()
        self.peer = self
        self._protocol = protocol
        self._chance = chance
        self._loop = asyncio.get_running_loop()
        self._last_s = 0.0
        self._closed = self._lost = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send it on its way."""
        if self._closed:
            return
        whole = bytes(data)
        cut = self._chance.randrange(len(whole)) if self._chance.random() < IN_PIECES else 0
        for piece in (whole[:cut], whole[cut:]):
            if piece:
                self._later(self.peer._arrive, piece)

    def close(self) -> None:
        """Close once all has arrived."""
        if not self._closed:
            self._later(self.peer._end)
            self._loop.call_soon(self._end)
            self._closed = True

    def abort(self) -> None:
        """Close."""
        self.close()

    def is_closing(self) -> bool:
        """Whether it is closed."""
        return self._closed

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """There is no socket."""
        return default

    def _later(self, call: Any, *args: bytes) -> None:
        self._last_s = max(self._last_s + GAP_S, self._loop.time() + DELAY_S)
        self._loop.call_at(self._last_s, call, *args)

    def _arrive(self, data: bytes) -> None:
        if not self._closed:
            self._protocol.data_received(data)

    def _end(self) -> None:
        if not self._lost:
            self._closed = self._lost = True
            self._protocol.connection_lost(None)


def connect(ours: asyncio.Protocol, theirs: asyncio.Protocol, chance: Random) -> End:
    """Connect two protocols; returns our end."""
    near, far = End(ours, chance), End(theirs, chance)
    near.peer, far.peer = far, near
    theirs.connection_made(far)
    ours.connection_made(near)
    return near


class Datagrams(asyncio.DatagramTransport):
    """A socket for datagrams to one address, on which nobody is ever heard but who was asked."""

    def __init__(self, protocol: asyncio.DatagramProtocol, peer: Hears, host: str) -> None:
        super().__init__()
        self._protocol: asyncio.BaseProtocol = protocol
        self._peer = peer
        self._host = host
        self._loop = asyncio.get_running_loop()
        self._closed = False
        protocol.connection_made(self)

    def sendto(self, data: bytes | bytearray | memoryview, addr: Any = None) -> None:
        """Send one on its way."""
        self._loop.call_later(DELAY_S, self._peer, self._host, bytes(data), self)

    def arrive(self, data: bytes) -> None:
        """One has come."""
        if not self._closed:
            assert isinstance(self._protocol, asyncio.DatagramProtocol)
            self._protocol.datagram_received(data, (self._host, 0))

    def nobody(self) -> None:
        """The network says that nobody is there."""
        if not self._closed:
            assert isinstance(self._protocol, asyncio.DatagramProtocol)
            self._protocol.error_received(ConnectionRefusedError())

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hand it over."""
        self._protocol = protocol

    def close(self) -> None:
        """Hear no more."""
        self._closed = True

    def abort(self) -> None:
        """Hear no more."""
        self._closed = True

    def is_closing(self) -> bool:
        """Whether it is closed."""
        return self._closed

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Whom it asks; there is no socket."""
        return (self._host, 0) if name == "peername" else default


Hears = Callable[[str, bytes, Datagrams], None]
"""Takes a datagram: for which host, and who has asked."""
