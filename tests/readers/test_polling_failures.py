"""The poll loop and those that fail: patient with the dead, quick with the living."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from tests.readers.bus import ANSWER_MS, TIMEOUT_MS, Meter, Mood, World, silent

from meterd.events import Reading


async def test_a_dead_meter_is_asked_after_all_that_are_due_with_it() -> None:
    world = World(Meter("dead", 2_000), Meter("m1", 2_000), Meter("m2", 2_000), until_ms=61_000)
    world.bus.moods["dead"] = silent()
    await world.run()
    late = {at % 2_000 for name in ("m1", "m2") for at in world.asked(name)[1:]}
    assert late == {0, 20}
    assert {at % 2_000 for at in world.asked("dead")[1:]} == {40}
    assert len(world.asked("m1")) == 30


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


async def test_the_log_has_a_line_when_something_changed_and_no_other() -> None:
    world = World(Meter("well", 5_000), Meter("late", 5_000), Meter("once", 5_000), now_ms=0)
    world.bus.moods["late"] = silent(0, 30_000)
    world.bus.moods["once"] = silent(20_000, 21_500)
    with capture_logs() as lines:
        await world.run()
    assert [(line["event"], line["meter"], line["link"]) for line in lines] == [
        ("Meter does not answer.", "late", "hall"),
        ("Meter is offline.", "late", "hall"),
        ("Meter answers again.", "late", "hall"),
    ]
    assert world.failures("once")


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


async def test_a_line_that_worked_again_is_at_first_reopened_quickly() -> None:
    world = World(Meter("m1", 1_000), until_ms=160_000)
    world.bus.down_until_ms = 60_000
    world.bus.moods["m1"] = lambda now_ms: "closed" if 100_000 <= now_ms < 110_000 else ""
    await world.run()
    again = [at for at in world.asked("open") if at >= 100_000]
    assert again[0] <= 101_000


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
