"""Which address a device instance has, found by Who-Is and I-Am, and kept.

Two devices that claim one instance are both believed to be wrong: the meter is not read
until only one of them claims it. A device that falls silent is looked for again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from typing import Final

from meterd.clock import Clock
from meterd.readers.bacnet_ip import services
from meterd.readers.bacnet_ip.services import IAm
from meterd.readers.line import ReadFailed

GRACE_MS: Final = 300
"""After a first I-Am so long is waited for another that claims the same instance."""
HEARD_MAX: Final = 10_000
"""Devices that are remembered; a site has fewer."""
ANY_INSTANCE: Final = 0x3FFFFF
"""What stands for a device's own instance where nobody knows it; old devices do not know that."""

Tell = Callable[[int, bytes], Awaitable[None]]
"""Sends an unconfirmed service to everybody."""


class Directory:
    """Who was heard. bound: instance -> the address it is read at."""

    def __init__(self, clock: Clock, timeout_ms: int) -> None:
        self.heard: dict[Hashable, IAm] = {}
        self._clock = clock
        self._locks: dict[int, asyncio.Lock] = {}
        self._timeout_s = timeout_ms / 1000
        self._bound: dict[int, Hashable] = {}
        self._claims: dict[int, set[Hashable]] = {}
        self._news: dict[int, asyncio.Event] = {}
        self._told: dict[Hashable, asyncio.Event] = {}

    def hear(self, who: Hashable, told: IAm) -> None:
        """A device tells of itself."""
        if len(self.heard) < HEARD_MAX:
            self.heard[who] = told
        if who in self._told:
            self._told[who].set()
        claims = self._claims.get(told.instance)
        if claims is not None:
            claims.add(who)
            self._news[told.instance].set()
        elif self._bound.get(told.instance, who) != who:
            del self._bound[told.instance]  # another claims it: ask who is there

    def forget(self, instance: int) -> None:
        """It does not answer there any more."""
        self._bound.pop(instance, None)

    async def instance_at(self, who: Hashable, ask: Callable[[], Awaitable[None]]) -> int:
        """The instance at an address; ANY_INSTANCE if it does not tell. ask: sends it Who-Is."""
        if who not in self.heard:
            news = self._told[who] = asyncio.Event()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._timeout_s):
                    await ask()
                    await news.wait()
            self._told.pop(who, None)
        told = self.heard.get(who)
        return ANY_INSTANCE if told is None else told.instance

    async def where(self, instance: int, tell: Tell) -> Hashable:
        """The address of an instance; ReadFailed if nobody claims it, or several do."""
        async with self._locks.setdefault(instance, asyncio.Lock()):
            found = self._bound.get(instance)
            return await self._look_for(instance, tell) if found is None else found

    async def _look_for(self, instance: int, tell: Tell) -> Hashable:
        claims: set[Hashable] = set()
        self._claims[instance] = claims
        news = self._news[instance] = asyncio.Event()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._timeout_s):
                    await tell(services.WHO_IS, services.who_is(instance, instance))
                    await news.wait()
            if claims:
                await self._clock.sleep_until(self._clock.mono_ms() + GRACE_MS)
        finally:
            del self._claims[instance], self._news[instance]
        if not claims:
            text = f"device {instance} does not answer Who-Is; write its address: HOST:PORT"
            raise ReadFailed("no_such_device", text)
        if len(claims) > 1:
            places = " and ".join(sorted(map(str, claims)))
            raise ReadFailed("duplicate_instance", f"device {instance} is claimed by {places}")
        found = self._bound[instance] = claims.pop()
        return found
