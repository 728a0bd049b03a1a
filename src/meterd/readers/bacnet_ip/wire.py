"""Our UDP sockets on a BACnet/IP network, and the BBMD that we may be registered with.

Everything that comes in is looked at here first: what is no BACnet/IP, what is our own, and
what only a server could answer goes no further. The port is ours alone: two programs on one
port would get each other's answers.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from ipaddress import IPv4Interface
from typing import Final

import structlog

from meterd.config.bacnet import BacnetLink
from meterd.readers.bacnet_ip import bvll
from meterd.readers.bacnet_ip.bvll import Address, Carried
from meterd.readers.datagrams import datagram_socket
from meterd.readers.line import LinkStats, ReadFailed, tally

log = structlog.get_logger()

PORT: Final = 47_808
"""Where BACnet devices are; Who-Is goes there too if our own port is another."""
RECEIVE_BYTES: Final = 1 << 20
"""What the host may keep for us while we are busy: a thousand answers."""
_REGISTER_AGAIN_S: Final = 5
_EVERY_INTERFACE: Final = "0.0.0.0"  # noqa: S104 - where the file names none
_TO_ALL: Final = "255.255.255.255"
_TO_ALL_HERE: Final = "127.255.255.255"

Receive = Callable[[Carried], None]


class Wire(asyncio.DatagramProtocol):
    """One link's sockets, from `open` to `close`."""

    def __init__(self, link: BacnetLink, stats: LinkStats, receive: Receive) -> None:
        self._link = link
        self._stats = stats
        self._receive = receive
        self._socket: asyncio.DatagramTransport | None = None
        self._ear: asyncio.DatagramTransport | None = None
        self._own: Address = ("", 0)
        self._bbmd: Address | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._registered = asyncio.Event()

    async def open(self) -> None:
        """Bind; ReadFailed with `link_down` where the address or the port is not to be had."""
        try:
            await self._open()
        except BaseException:  # cancelled too: our port must be free for the next try
            self.close()
            raise

    async def _open(self) -> None:
        link = self._link
        host = str(IPv4Interface(link.bind).ip) if link.bind else _EVERY_INTERFACE
        try:
            self._socket = await datagram_socket(self, sock=_bound((host, link.port)))
            if link.bbmd:
                self._bbmd = await resolved(link.bbmd)
        except OSError as error:
            text = (
                f"{host}:{link.port}: {error.strerror or error}. Is another BACnet program there?"
            )
            raise ReadFailed("bind", text, link_down=True) from error
        self._own = self._socket.get_extra_info("sockname")[:2]
        if self._bbmd is not None:
            self._register()
        elif link.bind:
            await self._listen()

    async def _listen(self) -> None:
        """Hear what is sent to everybody; who is bound to one address does not by itself."""
        try:
            ear = _bound((self.everybody, self._link.port or PORT), shared=True)
            self._ear = await datagram_socket(self, sock=ear)
        except OSError as error:
            log.info("Broadcasts are not heard.", link=self._link.name, why=str(error))

    @property
    def everybody(self) -> str:
        """The broadcast address of our network."""
        if not self._link.bind:
            return _TO_ALL
        interface = IPv4Interface(self._link.bind)
        if interface.network.prefixlen < 31:
            return str(interface.network.broadcast_address)
        return _TO_ALL_HERE if interface.is_loopback else _TO_ALL

    def close(self) -> None:
        """Let go of the port, at once."""
        for transport in (self._socket, self._ear):
            if transport is not None:
                transport.abort()
        if self._timer is not None:
            self._timer.cancel()
        self._socket = self._ear = self._timer = None
        self._registered.clear()

    # -- out ------------------------------------------------------------------------------

    def send(self, npdu: bytes, to: Address) -> None:
        """To one address."""
        self._put(bvll.message(bvll.UNICAST, npdu), to)

    def broadcast(self, npdu: bytes) -> None:
        """To everybody: through the BBMD if we are registered with one."""
        if self._bbmd is not None:
            self._put(bvll.message(bvll.DISTRIBUTE, npdu), self._bbmd)
            return
        for port in {self._link.port or PORT, PORT}:
            self._put(bvll.message(bvll.BROADCAST, npdu), (self.everybody, port))

    def _put(self, datagram: bytes, to: Address) -> None:
        if self._socket is not None:
            self._socket.sendto(datagram, to)

    # -- in -------------------------------------------------------------------------------

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """One datagram."""
        if addr == self._own:
            return  # our own broadcast
        code = bvll.result_of(data)
        if code is not None:
            if addr == self._bbmd:
                self._told(code)
            return
        carried = bvll.carried(data, addr)
        if carried is None:
            tally(self._stats.faults, "no_bacnet")
        elif bvll.is_for_client(carried.npdu):
            self._receive(carried)

    def error_received(self, exc: Exception) -> None:
        """The host cannot send."""
        tally(self._stats.faults, type(exc).__name__)

    # -- the BBMD -------------------------------------------------------------------------

    async def registered(self) -> None:
        """Return when broadcasts can go out; may last for ever."""
        if self._bbmd is not None:
            await self._registered.wait()

    def _register(self) -> None:
        """Register, and again before the time is up; sooner while it is not answered."""
        assert self._bbmd is not None
        self._put(bvll.register(self._link.ttl_s), self._bbmd)
        half_s = self._link.ttl_s / 2
        again_s = half_s if self._registered.is_set() else min(half_s, _REGISTER_AGAIN_S)
        self._timer = asyncio.get_running_loop().call_later(again_s, self._register)

    def _told(self, code: int) -> None:
        """The BBMD's answer to a registration or to what it was to distribute."""
        if code == 0:
            self._registered.set()
            return
        tally(self._stats.faults, "bbmd")
        if self._registered.is_set():
            self._registered.clear()
            log.warning("The BBMD refuses.", link=self._link.name, code=code)


def _bound(place: Address, *, shared: bool = False) -> socket.socket:
    """A UDP socket. shared: others may hear the same."""
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        one.setblocking(False)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT) if shared else ():
            one.setsockopt(socket.SOL_SOCKET, option, 1)
        one.bind(place)
    except OSError:
        one.close()
        raise
    return one


async def resolved(text: str) -> Address:
    """HOST or HOST:PORT as an IPv4 address and port; OSError for a name that is none."""
    host, _, port = text.partition(":")
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(
            host, int(port or PORT), family=socket.AF_INET, type=socket.SOCK_DGRAM
        )
    except UnicodeError as error:
        raise OSError(f"{host} is no name") from error
    return str(found[0][4][0]), int(found[0][4][1])
