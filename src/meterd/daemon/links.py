"""The readers' tasks: one per physical link, kept as the configuration has them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Final, NamedTuple
from zlib import crc32

from meterd.clock import Clock
from meterd.config.links import Link
from meterd.daemon.drive import Drive
from meterd.daemon.supervise import end, supervise
from meterd.orders import LossDeclared, ReplacementOrdered
from meterd.readers.line import Emit, LinkStats, Registers, Surroundings
from meterd.readers.protocols import reader
from meterd.specs import SiteSpec

PLACES: Final = 10
"""Lines that start together are cheaper than each by itself; a tenth of them is a fair burst."""


def stagger(meter: str) -> float:
    """The place of a line among those that start apart, by its first meter: always the same."""
    return crc32(meter.encode()) % PLACES / PLACES


class Tells(NamedTuple):
    """What readers may tell and ask besides readings (see `line.Surroundings`)."""

    order: Callable[[ReplacementOrdered], None]
    last_ms: Callable[[str], int | None]
    lose: Callable[[LossDeclared], None]
    counters: Callable[[str], Awaitable[Mapping[str, int]]]


def tells_of(drive: Drive) -> Tells:
    """What the path of the data takes and knows."""
    return Tells(drive.emit, drive.last_ms, drive.emit, drive.counters)


class Links:
    """Every link that is read. stats: how each goes, by name."""

    def __init__(self, emit: Emit, clock: Clock, tells: Tells | None = None) -> None:
        self.stats: dict[str, LinkStats] = {}
        self._clock = clock
        chance = random.Random()  # noqa: S311 - jitter, no secret
        self._around = Surroundings(clock, emit, chance, phase=stagger)
        if tells is not None:
            self._around = self._around._replace(**tells._asdict())
        self._running: dict[str, tuple[Link, Registers, asyncio.Task[None]]] = {}

    async def become(self, links: Iterable[Link], site: SiteSpec) -> None:
        """Read these links: those that did not change go on undisturbed."""
        wanted = {link.name: (link, _registers(link, site)) for link in links}
        for name, (link, registers, task) in list(self._running.items()):
            if wanted.get(name) != (link, registers):
                await end(task)
                del self._running[name], self.stats[name]
        for name, (link, registers) in wanted.items():
            if name not in self._running:
                stats = self.stats[name] = LinkStats(name)
                work = partial(reader(link.protocol).run, link, registers, self._around, stats)
                task = asyncio.create_task(supervise(f"link {name}", work, self._clock))
                self._running[name] = (link, registers, task)

    async def stop(self) -> None:
        """Hang up everywhere."""
        await end(*(task for _link, _registers, task in self._running.values()))
        self._running.clear()


def _registers(link: Link, site: SiteSpec) -> Registers:
    """Meter -> the quantities of it that are counters."""
    names = {device.meter for device in link.devices}
    return {
        meter.name: tuple(register.quantity for register in meter.registers)
        for meter in site.meters
        if meter.name in names
    }
