"""A line for the poll loop: a bus of meters in any mood, and a clock that is its time.

Time moves only when someone sleeps or the bus is asked.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest

from meterd.events import PollFailed, Reading
from meterd.readers.line import LinkStats, ReadFailed, Surroundings
from meterd.readers.polling import Poller

TIMEOUT_MS = 1000
ANSWER_MS = 20


class OverError(Exception):
    """The test's time is up."""


class FakeClock:
    """Time moves only when someone sleeps. The monotonic clock began at another time."""

    boot = "boot"

    def __init__(self, now_ms: int, until_ms: int) -> None:
        self.mono = 5_000
        self.ahead = now_ms - self.mono
        self.until_ms = until_ms
        self.steps: dict[int, int] = {}

    def now_ms(self) -> int:
        return self.mono + self.ahead

    def mono_ms(self) -> int:
        return self.mono

    def step(self, at_ms: int, by_ms: int) -> None:
        """At a wall-clock time the wall clock will be set forward (or back)."""
        self.steps[at_ms - self.ahead] = by_ms

    async def sleep_until(self, mono_ms: int) -> None:
        self.mono = max(self.mono, mono_ms)
        for at in [at for at in self.steps if at <= self.mono]:
            self.ahead += self.steps.pop(at)
        if self.now_ms() > self.until_ms:
            raise OverError
        await asyncio.sleep(0)


class Meter:
    def __init__(self, meter: str, every_ms: int = 10_000) -> None:
        self.meter = meter
        self.every_ms = every_ms


Mood = Callable[[int], str]
"""What happens when asked at this wall-clock time: "", or the reason of the failure."""


class Bus:
    """A line with meters of any mood."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.moods: dict[str, Mood] = {}
        self.log: list[tuple[int, str]] = []
        self.down_from_ms = self.down_until_ms = 0
        self.answer_ms = ANSWER_MS
        self.soon = False

    async def open(self) -> None:
        self.log.append((self.clock.now_ms(), "open"))
        if self.down_from_ms <= self.clock.now_ms() < self.down_until_ms:
            raise ReadFailed("connect", "bus: refused", link_down=True)

    async def read(self, device: Meter) -> Reading:
        now_ms = self.clock.now_ms()
        self.log.append((now_ms, device.meter))
        if self.down_from_ms <= now_ms < self.down_until_ms:
            raise ReadFailed("connect", "bus: refused", link_down=True)
        mood = self.moods[device.meter](now_ms) if device.meter in self.moods else ""
        if mood == "closed":
            raise ReadFailed(mood, "bus: closed at once", link_down=True)
        if mood:
            self.clock.mono += TIMEOUT_MS
            raise ReadFailed(mood, f"no answer from {device.meter}", soon=self.soon)
        self.clock.mono += self.answer_ms
        return Reading(device.meter, self.clock.now_ms(), {}, {})

    def close(self) -> None:
        self.log.append((self.clock.now_ms(), "close"))


class World:
    """A bus, its meters, and all that was emitted."""

    def __init__(self, *meters: Meter, now_ms: int = 1_234, until_ms: int = 60_000) -> None:
        self.clock = FakeClock(now_ms, until_ms)
        self.bus = Bus(self.clock)
        self.meters = meters
        self.stats = LinkStats("hall")
        self.told: list[Reading | PollFailed] = []
        self.phase = 0.0

    async def run(self, emit: Callable[[Any], None] | None = None) -> World:
        around = Surroundings(
            self.clock, emit or self.told.append, random.Random(3), phase=lambda _meter: self.phase
        )
        with pytest.raises(OverError):
            await Poller(self.bus, self.meters, around, self.stats).run()
        return self

    def asked(self, meter: str) -> list[int]:
        return [at for at, name in self.bus.log if name == meter]

    def failures(self, meter: str) -> list[PollFailed]:
        return [t for t in self.told if isinstance(t, PollFailed) and t.meter == meter]

    def readings(self, meter: str) -> list[int]:
        return [t.at_ms for t in self.told if isinstance(t, Reading) and t.meter == meter]


def silent(start_ms: int = 0, end_ms: int = 10**12) -> Mood:
    return lambda now_ms: "timeout" if start_ms <= now_ms < end_ms else ""
