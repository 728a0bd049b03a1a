"""Changes of value: a device that tells of one is read at once, not only on its grid.

A subscription only hastens the next reading; the poll goes on whatever becomes of it. It is
renewed when half its time has passed, with a new process number, and when the device answers
again after a silence: it may have been restarted and know of nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import structlog

from meterd.config.bacnet import BacnetDevice
from meterd.config.bacnet_names import object_name
from meterd.readers.bacnet_ip import services
from meterd.readers.bacnet_ip.conversation import Ask
from meterd.readers.bacnet_ip.refusals import RefusedError
from meterd.readers.line import ReadFailed, Surroundings

log = structlog.get_logger()

SPACING_MS: Final = 1_000
"""A value that changes all the time is read so often, and no more."""
TRY_AGAIN_S: Final = 30
PROCESS_MAX: Final = 1 << 22


class Watch:
    """The subscriptions of one device. news: it told of a change. lost: subscribe anew."""

    def __init__(self, device: BacnetDevice, lifetime_s: int, around: Surroundings) -> None:
        self.news = asyncio.Event()
        self.lost = asyncio.Event()
        self.processes: tuple[int, ...] = ()
        self._device = device
        self._lifetime_s = lifetime_s
        self._around = around
        self._objects = sorted({point.oid for point in device.points if point.cov})
        self._refused: set[tuple[int, int]] = set()

    @property
    def wanted(self) -> bool:
        """Whether the configuration asks for it."""
        return bool(self._objects)

    def hear(self, process: int) -> None:
        """A notification came."""
        if process in self.processes:
            self.news.set()

    async def keep(self, way: Callable[[], Awaitable[Ask]]) -> None:
        """Subscribe, and again in time, for ever. way: how the device is asked."""
        while True:
            self.lost.clear()
            try:
                ask = await way()
                await self._subscribe(ask)
                pause_s = self._lifetime_s / 2
            except ReadFailed:
                pause_s = TRY_AGAIN_S
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self.lost.wait()

    async def _subscribe(self, ask: Ask) -> None:
        process = self._around.chance.randrange(1, PROCESS_MAX)
        self.processes = (process, *self.processes[:1])  # the last ones may still speak
        for oid in self._objects:
            request = services.subscribe(process, oid, self._lifetime_s)
            try:
                await ask(services.SUBSCRIBE_COV, request)
            except RefusedError as refusal:
                self._tell(oid, refusal)

    def _tell(self, oid: tuple[int, int], refusal: RefusedError) -> None:
        if oid not in self._refused:
            self._refused.add(oid)
            log.info(
                "A BACnet object takes no subscription; it is polled.",
                meter=self._device.meter,
                object=object_name(oid),
                why=str(refusal),
            )

    async def follow(self, read: Callable[[], Awaitable[None]]) -> None:
        """Read the device whenever it tells of a change, for ever."""
        clock = self._around.clock
        while True:
            await self.news.wait()
            self.news.clear()
            with suppress(ReadFailed):  # the poll will tell
                await read()
            await clock.sleep_until(clock.mono_ms() + SPACING_MS)
