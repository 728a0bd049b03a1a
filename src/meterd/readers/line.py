"""What a physical line is to the poll loop, and what both tell the world of it.

A protocol that asks and is answered is a `Line`; `polling.py` decides when it is asked.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import NamedTuple, Protocol, TypeVar

import msgspec

from meterd.clock import Clock
from meterd.events import PollFailed, Reading
from meterd.orders import LossDeclared, ReplacementOrdered

Registers = Mapping[str, Collection[str]]
"""Meter -> its quantities that are counters, besides the canonical ones."""

Emit = Callable[[Reading | PollFailed], None]
"""Takes an input of the pipeline; must not block. asyncio.QueueFull: it was not taken."""


Chance = random.Random
"""Where jitter and ids come from; handed in, so that a test is the same at every run."""


def _nobody(_told: object) -> None:
    """Where nobody listens."""


def _never(_meter: str) -> int | None:
    """Where nothing is remembered."""
    return None


async def _nothing(_meter: str) -> dict[str, int]:
    """Where no counter has ever been read."""
    return {}


def _on_the_grid(_meter: str) -> float:
    """Where nobody is asked later than the grid says."""
    return 0.0


class Surroundings(NamedTuple):
    """What a reader is given: the time, where its readings go, and its source of chance.

    order: takes what a device itself tells of its counter being set. last_ms: the time of a
    meter's newest reading, from before this run too; None for none. lose: takes the word that
    counters were not followed. counters: what a meter's counters showed last, base units, once
    all that was told before is committed. phase: where in the time over which lines are
    spread the line of a meter has its place, from 0 to 1.
    """

    clock: Clock
    emit: Emit
    chance: Chance
    order: Callable[[ReplacementOrdered], None] = _nobody
    last_ms: Callable[[str], int | None] = _never
    lose: Callable[[LossDeclared], None] = _nobody
    counters: Callable[[str], Awaitable[Mapping[str, int]]] = _nothing
    phase: Callable[[str], float] = _on_the_grid


class ReadFailed(Exception):  # noqa: N818  # named as the event it becomes
    """A device was asked and gave no reading. The text names the thing and the place.

    reason: one word of a small set, for counting. link_down: the line itself is unusable.
    soon: the line has been mended since, so the device is worth asking at its next slot.
    """

    def __init__(
        self, reason: str, text: str, *, link_down: bool = False, soon: bool = False
    ) -> None:
        super().__init__(text)
        self.reason = reason
        self.link_down = link_down
        self.soon = soon


class Device(Protocol):
    """What the poll loop must know of a device."""

    @property
    def meter(self) -> str:
        """The meter's name."""
        ...

    @property
    def every_ms(self) -> int:
        """Its grid: it is asked when the wall clock is a multiple of this."""
        ...


Asked_contra = TypeVar("Asked_contra", bound=Device, contravariant=True)


class Line(Protocol[Asked_contra]):
    """One physical link. Its methods bound their own time; nothing is cancelled from here."""

    async def open(self) -> None:
        """Make the line usable; ReadFailed with `link_down` if it cannot be."""
        ...

    async def read(self, device: Asked_contra) -> Reading:
        """One reading of one device, opening the line if need be; ReadFailed if none."""
        ...

    def close(self) -> None:
        """Let go of the line, at once."""
        ...


class DeviceStats(msgspec.Struct):
    """How polling one meter goes. late_ms: behind the grid when it was last asked."""

    polls: int = 0
    failures: dict[str, int] = {}
    duration_ms: int = 0
    duration_sum_ms: int = 0
    late_ms: int = 0
    late_max_ms: int = 0


class LinkStats(msgspec.Struct):
    """How one line goes; written by its reader, read by whoever shows it.

    opened: how often it was. faults: what happened on the wire that was not an answer, by
    reason. dropped: readings and failures that a full queue did not take. busy_s: seconds in
    which a request was under way or had to be waited out; None where many are at a time.
    since_ms: from when on busy_s counts (monotonic).
    """

    link: str
    up: bool = True
    opened: int = 0
    faults: dict[str, int] = {}
    dropped: int = 0
    meters: dict[str, DeviceStats] = {}
    busy_s: float | None = None
    since_ms: int = 0


def tally(counts: dict[str, int], reason: str) -> None:
    """One more of this kind."""
    counts[reason] = counts.get(reason, 0) + 1


class PlannedRequest(msgspec.Struct, frozen=True):
    """One request of a cycle. unit: where the device is. table, address, count: what is asked.

    wire_s: seconds of the line that it takes with its answer, 0 where a line is not the limit.
    least_s: the part of them that is certain; the rest is an estimate.
    """

    meter: str
    unit: int | str
    table: str
    address: int | str
    count: int
    request_bytes: int
    reply_bytes: int
    points: tuple[str, ...]
    wire_s: float = 0.0
    least_s: float = 0.0
