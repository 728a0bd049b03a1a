"""The poll loop: on the grid, in fair turns, patient with the dead, quick with the living.

The bus is a table of moods; time moves only when someone sleeps or the bus is asked.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterd.events import PollFailed, Reading
from meterd.readers.line import LinkStats, ReadFailed, Surroundings
from meterd.readers.polling import Poller, next_slot

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

    async def run(self, emit: Callable[[Any], None] | None = None) -> World:
        around = Surroundings(self.clock, emit or self.told.append, random.Random(3))
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


async def test_polls_are_on_the_grid_and_not_counted_from_the_start() -> None:
    world = await World(Meter("m1"), until_ms=30_100).run()
    assert world.asked("m1") == [10_000, 20_000, 30_000]
    assert world.bus.log[-1][1] == "close"


async def test_every_may_be_as_short_as_a_tenth_of_a_second() -> None:
    world = await World(Meter("m1", 100), until_ms=1_700).run()
    assert world.asked("m1") == [1_300, 1_400, 1_500, 1_600, 1_700]


async def test_a_slow_meter_is_not_waited_for_an_hour() -> None:
    world = await World(Meter("m1", 900_000), until_ms=1_800_001).run()
    assert world.asked("m1") == [10_000, 900_000, 1_800_000]


async def test_meters_of_one_line_take_turns_in_the_order_of_the_file() -> None:
    world = await World(Meter("m2"), Meter("m1"), until_ms=20_100).run()
    assert [entry for entry in world.bus.log if entry[1] != "close"] == [
        (10_000, "m2"), (10_020, "m1"), (20_000, "m2"), (20_020, "m1"),
    ]  # fmt: skip


async def test_a_dead_meter_does_not_hold_up_its_bus() -> None:
    world = World(Meter("m1", 1_000), Meter("dead", 1_000), until_ms=61_000)
    world.bus.moods["dead"] = silent()
    await world.run()
    missed = len(world.asked("dead"))
    assert len(world.readings("m1")) >= 59 - missed
    late = [at % 1000 for at in world.asked("m1") if at % 1000 > ANSWER_MS]
    assert len(late) <= missed
    assert all(lateness <= TIMEOUT_MS for lateness in late)


async def test_a_failing_meter_is_asked_less_often_and_offline_after_ten_seconds() -> None:
    world = World(Meter("dead", 1_000), now_ms=0, until_ms=60_000)
    world.bus.moods["dead"] = silent()
    await world.run()
    assert world.asked("dead") == [1_000, 3_000, 7_000, 11_000, 21_000, 31_000, 41_000, 51_000]
    assert [(f.at_ms, f.offline) for f in world.failures("dead")][:5] == [
        (2_000, False), (4_000, False), (8_000, False), (12_000, True), (22_000, True),
    ]  # fmt: skip
    assert {f.reason for f in world.failures("dead")} == {"timeout"}


async def test_a_slow_meter_is_offline_after_three_polls() -> None:
    world = World(Meter("dead", 10_000), until_ms=50_001)
    world.bus.moods["dead"] = silent()
    await world.run()
    assert world.asked("dead") == [10_000, 20_000, 30_000, 40_000, 50_000]
    assert [f.offline for f in world.failures("dead")] == [False, False, True, True, True]


async def test_one_that_answers_again_is_back_on_its_grid_at_once() -> None:
    world = World(Meter("m1", 1_000), now_ms=0, until_ms=34_000)
    world.bus.moods["m1"] = silent(2_500, 30_000)
    await world.run()
    assert world.asked("m1")[:4] == [1_000, 2_000, 3_000, 5_000]
    assert world.asked("m1")[-3:] == [23_000, 33_000, 34_000]
    assert world.readings("m1")[-2:] == [33_020, 34_020]


async def test_a_meter_that_fails_again_begins_to_count_anew() -> None:
    world = World(Meter("m1", 5_000), now_ms=0, until_ms=60_000)
    world.bus.moods["m1"] = lambda now_ms: "" if now_ms == 20_000 else "timeout"
    await world.run()
    assert [(f.at_ms, f.offline) for f in world.failures("m1")][:6] == [
        (6_000, False), (11_000, False), (16_000, True),
        (26_000, False), (31_000, False), (36_000, True),
    ]  # fmt: skip


async def test_a_line_that_was_mended_is_tried_at_the_next_slot() -> None:
    world = World(Meter("m1", 1_000), now_ms=0, until_ms=5_000)
    world.bus.moods["m1"] = silent()
    world.bus.soon = True
    await world.run()
    assert world.asked("m1") == [1_000, 3_000, 5_000]


async def test_a_line_that_is_down_is_reopened_at_least_every_ten_seconds() -> None:
    world = World(Meter("m1", 1_000), Meter("m2", 60_000), until_ms=200_000)
    world.bus.down_until_ms = 150_000
    await world.run()
    opened = world.asked("open")
    waits = [b - a for a, b in pairwise(opened)]
    assert max(waits) <= 10_000
    assert waits == sorted(waits[:4]) + waits[4:]
    assert len(opened) < 35
    assert world.asked("m1")[:2] == [2_000, opened[-1]]  # not asked while it is down
    assert world.asked("m2")[0] == opened[-1] + ANSWER_MS  # it missed a poll
    assert not world.stats.meters["m1"].failures.keys() - {"connect"}
    assert world.stats.up


async def test_a_meter_that_missed_nothing_is_left_to_its_grid() -> None:
    world = World(Meter("m1", 1_000), Meter("m2", 60_000), until_ms=61_000)
    world.bus.down_from_ms, world.bus.down_until_ms = 20_000, 40_000
    await world.run()
    assert world.asked("m2") == [10_020, 60_020]
    assert [type(told) for told in world.told if told.meter == "m2"] == [Reading, Reading]


async def test_all_meters_of_a_line_that_is_down_are_told_to_be_offline() -> None:
    world = World(Meter("m1", 1_000), Meter("m2", 10_000), until_ms=40_000)
    world.bus.down_until_ms = 150_000
    await world.run()
    first = world.failures("m1")[0].at_ms
    offline = {f.meter: f.at_ms for f in reversed(world.told) if getattr(f, "offline", False)}
    assert first + 10_000 <= offline["m1"] <= first + 12_000
    assert offline["m2"] == 30_000
    assert not world.stats.up


async def test_a_line_that_opens_but_never_answers_is_given_more_and_more_time() -> None:
    world = World(Meter("m1", 100), until_ms=120_000)
    world.bus.moods["m1"] = lambda now_ms: "closed"
    await world.run()
    assert len(world.asked("open")) < 25


async def test_a_cycle_that_does_not_fit_is_read_in_fair_turns() -> None:
    world = World(Meter("a", 100), Meter("b", 100), Meter("c", 1_000), until_ms=31_000)
    world.bus.answer_ms = 90
    await world.run()
    a, b, c = (len(world.asked(name)) for name in "abc")
    assert abs(a - b) <= 5
    assert c in (29, 30)
    assert (a + b + c) * 90 >= 29_000
    assert world.stats.meters["a"].late_max_ms > 0


@pytest.mark.parametrize("by_ms", [-3_600_000, -4_000, 4_000, 3_600_000])
async def test_a_clock_that_is_set_costs_at_most_one_step_of_the_grid(by_ms: int) -> None:
    start = 7_200_000
    world = World(Meter("m1"), now_ms=start, until_ms=start + 100_000 + max(0, by_ms))
    world.clock.step(start + 45_000, by_ms)
    told: list[int] = []

    def note(_: object) -> None:
        told.append(world.clock.mono)
        if len(told) > 9:
            raise OverError

    await world.run(note)
    waits = [b - a for a, b in pairwise(told)]
    assert max(waits) <= 20_000
    assert waits[-3:] == [10_000] * 3


async def test_a_queue_that_is_full_is_counted_and_the_loop_goes_on() -> None:
    world = World(Meter("m1"), until_ms=40_100)

    def full(_: object) -> None:
        raise asyncio.QueueFull

    await world.run(full)
    assert (world.stats.dropped, world.stats.meters["m1"].polls) == (4, 4)


async def test_the_statistics_say_how_it_goes() -> None:
    world = World(Meter("m1"), Meter("m2"), until_ms=30_100)
    world.bus.moods["m2"] = silent(15_000, 25_000)
    await world.run()
    m1, m2 = world.stats.meters["m1"], world.stats.meters["m2"]
    assert (m1.polls, m1.failures, m1.duration_ms, m1.duration_sum_ms) == (3, {}, 20, 60)
    assert (m2.polls, m2.failures, m2.duration_sum_ms) == (3, {"timeout": 1}, 1_040)
    assert (m2.late_ms, m2.late_max_ms) == (20, 20)


async def test_a_line_without_meters_has_nothing_to_do() -> None:
    around = Surroundings(FakeClock(0, 1), lambda _: None, random.Random(1))
    await Poller(Bus(FakeClock(0, 1)), (), around, LinkStats("hall")).run()


async def test_who_stops_the_loop_finds_the_line_closed() -> None:
    world = World(Meter("m1"), until_ms=10**9)
    task = asyncio.ensure_future(world.run())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert world.bus.log[-1][1] == "close"


@pytest.mark.parametrize(
    ("now_ms", "last_ms", "slot_ms"),
    [
        (1_234, 0, 10_000),
        (10_000, 10_000, 20_000),
        (9_999, 10_000, 20_000),  # a timer that fired a little early
        (10_001, 10_000, 20_000),
        (39_000, 10_000, 40_000),  # polls that did not fit are not made up for
        (5_000, 3_600_000, 10_000),  # a clock that was set back
    ],
)
def test_the_grid(now_ms: int, last_ms: int, slot_ms: int) -> None:
    assert next_slot(now_ms, 10_000, last_ms) == slot_ms


@settings(max_examples=40, deadline=None)  # each is two and a half minutes of polling
@given(
    st.lists(st.sampled_from([100, 700, 1_000, 7_000, 10_000, 60_000]), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 150_000), st.integers(0, 90_000))),
    st.integers(0, 20_000),
)
def test_the_laws_of_patience(
    grids: Sequence[int], silences: Sequence[tuple[int, int, int]], now_ms: int
) -> None:
    """Whoever fails when: asked often enough, offline not too early and not too late."""
    world = World(
        *(Meter(f"m{n}", every) for n, every in enumerate(grids)),
        now_ms=now_ms,
        until_ms=150_000,
    )

    def mood(index: int) -> Mood:
        mine = [(start, start + length) for who, start, length in silences if who == index]
        return lambda at: "timeout" if any(a <= at < b for a, b in mine) else ""

    world.bus.moods = {meter.meter: mood(n) for n, meter in enumerate(world.meters)}
    asyncio.run(world.run())
    others_ms = (TIMEOUT_MS + ANSWER_MS) * len(grids)
    for meter in world.meters:
        asked = world.asked(meter.meter)
        longest = max((b - a for a, b in pairwise(asked)), default=0)
        assert longest <= max(10_000, meter.every_ms) + others_ms
        check_offline(meter.meter, world)


def check_offline(meter: str, world: World) -> None:
    """Offline exactly when three polls in a row have failed over at least 10 s."""
    failed, since = 0, 0
    for told in world.told:
        if told.meter != meter:
            continue
        if isinstance(told, Reading):
            failed = 0
            continue
        failed += 1
        since = told.at_ms - TIMEOUT_MS if failed == 1 else since
        assert told.offline == (failed >= 3 and told.at_ms - since >= 10_000)
