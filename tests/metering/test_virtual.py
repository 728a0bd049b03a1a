"""A virtual meter: gauges of an instant, counters of the same time, and never less than nothing."""

from __future__ import annotations

import msgspec
import pytest
from tests.metering.derived import (
    ENERGY,
    FIVE,
    HOUR,
    KWH,
    MINUTE,
    NET,
    NOON,
    SECOND,
    A,
    B,
    Site,
    real,
    virtual,
)

from meterd.events import GAP, QUESTIONABLE
from meterd.metering.virtual import SETTLE_MS

SUM = virtual("sum", energy_import="a.energy_import + b.energy_import")


def both(site: Site, minute: float, a: tuple[float, float], b: tuple[float, float]) -> None:
    site.read("a", minute, *a)
    site.read("b", minute, *b)


# -- gauges -----------------------------------------------------------------------------------


def test_its_gauges_are_those_of_the_instant_when_all_parts_are_there() -> None:
    site = Site(A, B, NET)
    both(site, 0, (100, 30), (50, 10))
    assert site.kw("net") is None, "other parts of this cycle may still come"
    site.pass_to(NOON + SETTLE_MS)
    assert site.kw("net") == 20
    assert site.stage.meters["net"].state.at_ms == NOON
    assert site.told() == ["online a", "online b", "online net"]


def test_it_looks_once_a_cycle_and_takes_the_newest_of_each_part() -> None:
    site = Site(A, B, NET)
    site.read("a", 0, kw=30)
    site.read("b", 0.005, kw=10)
    site.read("a", 0.01, kw=31)
    site.pass_to(NOON + 2 * SECOND)
    assert site.kw("net") == 21
    assert site.stage.meters["net"].state.at_ms == NOON + 600


def test_without_a_part_it_is_off_line_and_says_which() -> None:
    site = Site(A, B, NET)
    site.read("a", 0, kw=30)
    site.pass_to(NOON + MINUTE)
    assert site.kw("net") is None
    assert not site.stage.meters["net"].state.online
    site.read("b", 2, kw=10)
    site.pass_to(NOON + 3 * MINUTE)
    assert site.kw("net") == 20
    site.told()
    site.fail("b", 4, offline=False)
    site.pass_to(NOON + 5 * MINUTE)
    assert site.told() == ["read_failed b"]
    site.fail("b", 6)
    site.pass_to(NOON + 7 * MINUTE)
    (gone, silent) = site.events()
    assert (gone.kind, gone.meter) == ("offline", "b")
    assert (silent.kind, silent.meter, silent.at_ms) == ("offline", "net", NOON + 6 * MINUTE)
    assert silent.numbers == {"reason": "b is silent"}
    site.read("a", 8, kw=5)
    site.fail("b", 8)
    site.pass_to(NOON + 9 * MINUTE)
    assert site.told() == []


def test_a_part_that_is_silent_for_too_long_is_none() -> None:
    site = Site(A, B, NET)
    both(site, 0, (100, 30), (50, 10))
    site.read("a", 14, kw=30)
    site.pass_to(NOON + 20 * MINUTE)
    assert site.kw("net") is None
    assert site.told()[-2:] == ["offline b", "offline net"]


def test_a_quantity_that_was_not_read_makes_its_own_missing_and_no_other() -> None:
    spec = virtual("v", active_power="a.active_power * 2", energy_import="a.energy_import")
    site = Site(A, spec)
    site.read("a", 0, 100, 7)
    site.read("a", 1, 101)
    site.pass_to(NOON + 2 * MINUTE)
    meter = site.stage.meters["v"]
    assert (meter.state.online, meter.state.gauges) == (True, {})
    assert site.kwh("v") == 1


def test_a_division_by_zero_is_missing_and_told_once() -> None:
    spec = virtual("v", ratio="a.active_power / b.active_power", same="a.active_power * 1")
    site = Site(A, B, spec)
    for minute, kw in enumerate([2, 0, 0, 4, 0]):
        site.read("a", minute, kw=8)
        site.read("b", minute, kw=kw)
        site.pass_to(NOON + minute * MINUTE + 2 * SECOND)
        shown = site.stage.meters["v"].state.gauges
        assert shown == ({"ratio": 8 / kw, "same": 8} if kw else {"same": 8})
    events = [event for event in site.events() if event.kind == "divided_by_zero"]
    assert [event.at_ms for event in events] == [NOON + MINUTE, NOON + 4 * MINUTE]
    assert (events[0].meter, events[0].quantity) == ("v", "ratio")
    assert events[0].numbers == {"expression": "a.active_power / b.active_power"}


def test_what_is_no_number_is_missing_and_told() -> None:
    site = Site(real("a", units={"label": ""}), virtual("v", copy="a.label"))
    site.read("a", 0, texts={"label": "B17"})
    site.settle()
    assert site.stage.meters["v"].state.gauges == {}
    assert site.told() == ["online a", "not_a_number v", "online v"]


def test_units_are_converted_once() -> None:
    part = real("a", units={"small": "W", "own": "L/s"})
    made = virtual("v", active_power="a.small * 3", flow="a.own")
    made = msgspec.structs.replace(made, units={"active_power": "kW", "flow": "m3/h"})
    site = Site(part, made)
    site.read("a", 0, gauges={"small": 0.1, "own": 1.0})
    site.settle()
    assert site.stage.meters["v"].state.gauges == {"active_power": 0.0003, "flow": 3.6}


def test_the_quality_is_that_of_the_worst_part() -> None:
    site = Site(A, B, NET)
    site.read("a", 0, kw=3)
    site.read("b", 0, kw=1, quality=QUESTIONABLE)
    site.settle()
    assert site.stage.meters["net"].state.quality == QUESTIONABLE


def test_power_alone_is_integrated_like_any_meters() -> None:
    site = Site(A, B, virtual("v", active_power="a.active_power - b.active_power"))
    for minute in (0, 5, 10):
        both(site, minute, (100 + minute, 30), (50, 18))
    site.settle()
    assert site.kwh("v") == 2
    powers = [one for one in site.intervals if one.meter == "v" and one.amount]
    assert [(one.method, one.amount / KWH) for one in powers] == [("integrated", 1)] * 2


# -- clocks ---------------------------------------------------------------------------------


def test_a_clock_that_is_set_back_does_not_stop_it() -> None:
    site = Site(A, B, NET)
    for minute, mono_ms, kw in ((0, 1000, 30), (-60, 61_000, 40)):
        for name, power in (("a", kw), ("b", 10)):
            site.read(name, minute, kw=power, mono_ms=mono_ms, boot="x")
        site.settle()
    assert site.kw("net") == 30
    assert site.stage.meters["net"].state.at_ms == NOON - HOUR


def test_a_new_boot_counts_from_its_own_clock() -> None:
    site = Site(A, B, NET)
    for boot, minute, mono_ms in (("x", 0, 900_000), ("y", 1, 1_000)):
        for name in ("a", "b"):
            site.read(name, minute, kw=5 + minute, mono_ms=mono_ms, boot=boot)
        site.settle()
    assert site.stage.meters["net"].state.at_ms == NOON + MINUTE


def test_an_older_reading_of_a_part_is_not_the_newest() -> None:
    site = Site(A, B, NET)
    for name, minute, mono_ms in (("a", 1, 61_000), ("b", 0.5, 31_000)):
        site.read(name, minute, kw=5, mono_ms=mono_ms, boot="x")
    site.settle()
    assert site.stage.meters["net"].state.at_ms == NOON + MINUTE


def test_an_hour_that_the_clock_skipped_is_no_time() -> None:
    site = Site(A, B, SUM)
    far = 60 * 24 * 365 * 20.0
    for minute, mono_ms, kwh in ((0, 1_000, 100), (1, 61_000, 101), (far, 121_000, 102)):
        for name in ("a", "b"):
            site.read(name, minute, kwh, mono_ms=mono_ms, boot="x")
    assert site.kwh("sum") == 4
    assert len(site.closed("sum")) == 2
    assert [start for start, _kwh, _q in site.closed("sum")] == [
        start for start, _kwh, _q in site.closed("a")
    ]


# -- registers --------------------------------------------------------------------------------


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
