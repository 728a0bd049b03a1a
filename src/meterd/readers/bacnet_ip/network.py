"""One connection's socket, and the ways to those who can be reached through it."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from functools import partial

import msgspec

from meterd.config.bacnet import BacnetLink
from meterd.readers.bacnet_ip import services
from meterd.readers.bacnet_ip.conversation import Ask
from meterd.readers.bacnet_ip.cov import Watch
from meterd.readers.bacnet_ip.directory import Directory
from meterd.readers.bacnet_ip.gate import Gate
from meterd.readers.bacnet_ip.tags import GarbageError
from meterd.readers.line import LinkStats, ReadFailed, Surroundings, tally


class Network:
    """One connection's socket and what is known of those who can be reached through it."""

    def __init__(self, link: BacnetLink, around: Surroundings, stats: LinkStats) -> None:
        from meterd.readers.bacnet_ip.stack import Stack  # noqa: PLC0415 - 30 MB, only if read

        self.directory = Directory(around.clock, link.timeout_ms)
        self.watches: list[Watch] = []
        self._stats = stats
        self._stack = Stack(link, stats, self._hear)
        self._gate = Gate(self._stack.ask)
        self._opening = asyncio.Lock()
        self._is_open = False

    async def open(self) -> None:
        """Bind our socket, unless it is; ReadFailed with `link_down`."""
        async with self._opening:
            if not self._is_open:
                await self._stack.open()
                self._is_open = True
                self._stats.opened += 1

    def close(self) -> None:
        """Let go of the socket."""
        self._stack.close()
        self._is_open = False

    async def way(self, address: str) -> Ask:
        """How the device at an address of the file is asked; ReadFailed if it is not found."""
        await self.open()
        if address.isdecimal():
            return self._gate.to(await self.directory.where(int(address), self._stack.tell))
        return self._gate.to(await self._stack.place(address))

    async def instance(self, address: str) -> int:
        """The device instance at an address of the file, as far as it is known."""
        if address.isdecimal():
            return int(address)
        who = await self._stack.place(address)
        return await self.directory.instance_at(who, partial(self.who_is, who))

    async def who_is(self, to: Hashable | None = None) -> None:
        """Ask everybody, or one, to tell of themselves."""
        await self._stack.tell(services.WHO_IS, services.who_is(), to)

    async def place(self, text: str) -> Hashable:
        """HOST:PORT as an address."""
        return await self._stack.place(text)

    def to(self, who: Hashable) -> Ask:
        """How somebody who was heard is asked."""
        return self._gate.to(who)

    def forget(self, address: str) -> None:
        """The device at an address did not answer: look for it again."""
        if address.isdecimal():
            self.directory.forget(int(address))

    def _hear(self, who: Hashable, service: int, content: bytes) -> None:
        try:
            if service == services.I_AM:
                self.directory.hear(who, services.i_am(content))
            elif service == services.COV_NOTIFICATION:
                process, _oid = services.notification(content)
                for watch in self.watches:
                    watch.hear(process)
        except GarbageError:
            tally(self._stats.faults, "garbage")


async def beside(link: BacnetLink, around: Surroundings) -> Network:
    """A network that is open, on any port where a running daemon has the link's own."""
    network = Network(link, around, LinkStats(link.name))
    try:
        await network.open()
    except ReadFailed as taken:
        if taken.reason != "bind":
            raise
        network = Network(msgspec.structs.replace(link, port=0), around, LinkStats(link.name))
        await network.open()
    return network
