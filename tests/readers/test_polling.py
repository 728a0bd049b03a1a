"""The poll loop: on the grid, in fair turns, whatever the clock and the queue do."""

from __future__ import annotations

import asyncio
import random
from itertools import pairwise

import pytest
from tests.readers.bus import Bus, FakeClock, Meter, OverError, World, silent

from meterd.readers.line import LinkStats, Surroundings
from meterd.readers.polling import Poller, next_slot


async def test_polls_are_on_the_grid_and_not_counted_from_the_start() -> None:
    world = await World(Meter("m1"), until_ms=30_100).run()
    assert world.asked("m1") == [10_000, 20_000, 30_000]
    assert world.bus.log[-1][1] == "close"


async def test_every_may_be_as_short_as_a_tenth_of_a_second() -> None:
    world = await World(Meter("m1", 100), until_ms=1_700).run()
    assert world.asked("m1") == [1_300, 1_400, 1_500, 1_600, 1_700]


async def test_a_line_has_a_place_of_its_own_behind_the_grid() -> None:
    world = World(Meter("often", 100), Meter("m1"), Meter("hourly", 3_600_000), until_ms=30_900)
    world.phase = 0.7
    await world.run()
    assert world.asked("m1") == [10_350, 20_350, 30_350]
    assert world.asked("hourly") == [10_370]
    assert {at % 100 for at in world.asked("often")} <= {7, 70, 90}
    assert world.stats.meters["m1"].late_max_ms == 0


async def test_a_dead_meter_keeps_the_place_of_its_line() -> None:
    world = World(Meter("dead", 1_000), now_ms=0, until_ms=40_000)
    world.bus.moods["dead"] = silent()
    world.phase = 0.5
    await world.run()
    assert [at - 50 for at in world.asked("dead")] == [1_000, 3_000, 7_000, 11_000, 21_000, 31_000]


async def test_a_slow_meter_is_not_waited_for_an_hour() -> None:
    world = await World(Meter("m1", 900_000), until_ms=1_800_001).run()
    assert world.asked("m1") == [10_000, 900_000, 1_800_000]


async def test_meters_of_one_line_take_turns_in_the_order_of_the_file() -> None:
    world = await World(Meter("m2"), Meter("m1"), until_ms=20_100).run()
    assert [entry for entry in world.bus.log if entry[1] != "close"] == [
        (10_000, "m2"), (10_020, "m1"), (20_000, "m2"), (20_020, "m1"),
    ]  # fmt: skip


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
