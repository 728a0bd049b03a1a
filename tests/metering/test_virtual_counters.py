"""What a virtual meter counts: the same time as its parts, and never less than nothing."""

from __future__ import annotations

import msgspec
import pytest
from tests.metering.derived import (
    ENERGY,
    FIVE,
    HOUR,
    KWH,
    NET,
    NOON,
    SUM,
    A,
    B,
    Site,
    both,
    real,
    virtual,
)

from meterd.events import GAP


def test_it_counts_what_its_parts_have_counted_over_the_same_time() -> None:
    site = Site(A, B, NET)
    for step in range(5):
        both(site, 5 * step, (100 + 5 * step, 0), (50 + 2 * step, 0))
    assert site.kwh("net") == 12, "not 100 - 50 and so on: totals have no part in it"
    assert site.closed("net") == [(0, 3, "good"), (5, 3, "good"), (10, 3, "good"), (15, 3, "good")]
    assert site.closed("net") == [
        (start, a - b, quality)
        for (start, a, quality), (_, b, _q) in zip(site.closed("a"), site.closed("b"), strict=True)
    ]


def test_its_intervals_are_exactly_those_of_its_parts() -> None:
    site = Site(A, B, SUM)
    for step, second in enumerate(range(0, 1800, 7)):
        at = second / 60
        if step % 3:
            site.read("a", at, 100 + second * 0.000123)
        if step % 5:
            site.read("b", at, 50 + second * 0.000789)
    sums = {
        start: a + b
        for (start, a, _), (_, b, _q) in zip(site.closed("a"), site.closed("b"), strict=False)
    }
    counted = {start: kwh for start, kwh, _ in site.closed("sum")}
    assert len(counted) >= 5
    assert {start: round(sums[start] * KWH) for start in counted} == {
        start: round(kwh * KWH) for start, kwh in counted.items()
    }


def test_a_silent_part_holds_it_up_and_fills_it_when_it_returns() -> None:
    site = Site(A, B, SUM)
    both(site, 0, (100, 0), (50, 0))
    for minute in range(5, 65, 5):
        site.read("a", minute, 100 + minute)
        if minute == 5:
            site.read("b", minute, 51)
    assert site.closed("sum") == [(0, 6, "good")]
    assert site.kwh("sum") == 6
    site.read("b", 60, 62)
    assert site.kwh("sum") == 72
    filled = site.closed("sum")[1:]
    assert filled == [(minute, 6, GAP) for minute in range(5, 60, 5)]
    hulls = {
        (one.gap_from_ms, one.gap_to_ms) for one in site.intervals if one.meter == "sum" and one.gap
    }
    assert hulls == {(NOON + FIVE, NOON + HOUR)}, "nobody takes it for a peak"


def test_what_is_lost_in_a_part_is_missing_in_the_whole() -> None:
    strict = msgspec.structs.replace(ENERGY, on_decrease="strict")
    site = Site(A, real("b", registers=(strict,)), SUM)
    for step, kwh in enumerate((50, 51, 3, 4, 5, 6)):
        both(site, 5 * step, (100 + 5 * step, 0), (kwh, 0))
    qualities = [quality for _start, _kwh, quality in site.closed("sum")]
    assert "missing" in qualities
    assert site.kwh("sum") == sum(kwh for _, kwh, _ in site.closed("sum"))


def test_it_begins_where_all_parts_are_known() -> None:
    site = Site(A, B, SUM)
    for minute in (0, 5, 10):
        site.read("a", minute, 100 + minute)
    assert site.kwh("sum") is None
    site.read("b", 10, 50)
    assert site.kwh("sum") == 0, "what a counted before is no part of it"
    both(site, 15, (115, 0), (52, 0))
    assert site.kwh("sum") == 7


def test_less_than_nothing_is_a_debt_that_is_paid_first() -> None:
    site = Site(A, B, NET)
    totals = []
    for step, (a, b) in enumerate(((0, 0), (5, 1), (6, 6), (7, 7), (12, 8))):
        both(site, 5 * step, (100 + a, 0), (50 + b, 0))
        totals.append(site.kwh("net"))
    assert totals == [0, 4, 4, 4, 4], "4 counted, then 4 too many: they are owed"
    both(site, 25, (115, 0), (58, 0))
    assert site.kwh("net") == 7
    state = site.stage.meters["net"].registers["energy_import"].state
    assert (state.debt, state.dial, state.booked) == (0, 7 * KWH, 7 * KWH)
    debts = [(e.kind, e.numbers["debt"]) for e in site.events() if e.kind.startswith("debt")]
    assert debts == [("debt_raised", "4"), ("debt_paid", "0")]


def test_a_little_less_than_nothing_is_not_told() -> None:
    site = Site(A, B, NET)
    for step in range(6):
        both(site, 5 * step, (100 + step, 0), (50 + step + 0.009 * (step % 2), 0))
    assert not [event for event in site.events() if event.kind.startswith("debt")]


def test_with_other_terms_it_goes_on_and_the_time_between_is_missing() -> None:
    site = Site(A, B, SUM)
    both(site, 0, (100, 0), (50, 0))
    both(site, 5, (105, 0), (51, 0))
    heir = site.resumed(A, B, virtual("sum", energy_import="a.energy_import * 2"))
    heir.read("a", 12, 112)
    heir.read("a", 17, 117)
    assert heir.kwh("sum") == 6 + 2 * 12
    assert [start for start, _kwh, _q in heir.closed("sum")] == [5, 10]


def test_with_a_new_part_the_time_until_it_is_known_is_missing() -> None:
    site = Site(A, B, virtual("sum", energy_import="a.energy_import * 1"))
    for minute in (0, 5):
        site.read("a", minute, 100 + minute)
    heir = site.resumed(A, B, SUM)
    heir.read("a", 10, 110)
    heir.read("b", 10, 50)
    heir.read("a", 15, 115)
    heir.read("b", 15, 51)
    assert heir.closed("sum") == [(5, 0, "missing"), (10, 6, "good")]
    assert heir.kwh("sum") == 11


@pytest.mark.parametrize("after", [2, 5, 8, 11])
def test_a_restart_anywhere_changes_nothing(after: int) -> None:
    told, killed = Site(A, B, NET), Site(A, B, NET)
    for step in range(8):
        for name, kwh in (("a", 100 + 3 * step), ("b", 50 + 2 * (step // 3 * 3))):
            told.read(name, step, kwh, kwh / 10)
            killed.read(name, step, kwh, kwh / 10)
            if 2 * step + (name == "b") == after:
                bookings, intervals = killed.bookings, killed.intervals
                killed = killed.resumed()
                killed.bookings, killed.intervals = bookings, intervals
    told.settle()
    killed.settle()
    assert killed.bookings == told.bookings
    assert killed.intervals == told.intervals
    assert killed.stage.meters["net"].state == told.stage.meters["net"].state
