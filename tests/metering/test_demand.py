"""Demand windows: the reference cases, a few telling hours, and the law recomputed naively."""

import csv
import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from meterd.events import Interval
from meterd.metering import demand
from meterd.metering.calendar import Calendar, iso, parse_iso
from meterd.metering.demand import REACTIVE, Demand, DemandState, Peak
from meterd.specs import DemandSpec

CASES = Path(__file__).parents[1] / "cases/reference"
MINUTE = 60_000
FIVE = 5 * MINUTE
BERLIN = Calendar("Europe/Berlin")
NOON = parse_iso("2026-01-10T12:00:00+01:00")


def used(start_ms: int, amount: int, meter: str = "m", **more: Any) -> Interval:
    """Five minutes of a meter."""
    row = Interval(meter, "energy_import", "measured", "", start_ms, start_ms + FIVE, amount)
    return msgspec.structs.replace(row, **more)


def windows(minutes: int, step: int = 0, quantity: str = "kw") -> DemandSpec:
    return DemandSpec(minutes * MINUTE, (step or minutes) * MINUTE, quantity)


def peak_of(spec: DemandSpec, rows: list[Interval], sources: tuple[str, ...] = ("m",)) -> Any:
    """(minutes after noon of start and end, amount) of the peak, or None."""
    counted = Demand(spec, BERLIN, None, sources)
    for row in rows:
        counted.add(row)
    peak = counted.state.peak
    return peak and ((peak.start_ms - NOON) // MINUTE, (peak.end_ms - NOON) // MINUTE, peak.amount)


def hour(*amounts: int, meter: str = "m", **more: Any) -> list[Interval]:
    return [used(NOON + n * FIVE, amount, meter, **more) for n, amount in enumerate(amounts)]


def reference_hours() -> list[Interval]:
    with (CASES / "demand/load_5min.csv").open() as file:
        rows = csv.DictReader(file)
        return [
            used(parse_iso(row["interval_start_utc"]), int(row["wh"]) * 3600)
            for row in rows
            if row["wh"]
        ]


def test_the_reference_peaks() -> None:
    case = json.loads((CASES / "demand/demand_cases.json").read_text())
    rows = reference_hours()
    assert sum(row.amount for row in rows) == case["total_wh_present"] * 3600
    for expected in case["peaks"]:
        spec = windows(expected["window_min"], expected["step_min"])
        counted = Demand(spec, Calendar(case["tz"]))
        for row in rows:
            counted.add(row)
        peak = counted.state.peak
        assert peak is not None
        assert peak.amount == expected["wh"] * 3600
        assert (iso(peak.start_ms), iso(peak.end_ms)) == (
            expected["start_utc"],
            expected["end_utc"],
        )
        assert f"{peak.kw():.3f}" == expected["kw"]


def test_the_reference_kva_is_found_per_window_not_from_the_peak_and_an_average() -> None:
    case = json.loads((CASES / "power_factor.json").read_text())
    counted = Demand(windows(15, quantity="kva"), BERLIN, None, ("active", "reactive"))
    found: list[Peak] = []
    for n, quarter in enumerate(case["intervals"]):
        start = NOON + n * 15 * MINUTE
        span: dict[str, Any] = {"end_ms": start + 15 * MINUTE}
        assert not counted.add(used(start, round(quarter["kwh"] * 3_600_000), **span))
        found += counted.add(
            used(start, round(quarter["kvarh"] * 3_600_000), quantity=REACTIVE, **span)
        )
    assert [peak.kw() for peak in found] == [quarter["kva"] for quarter in case["intervals"]]
    assert counted.state.peak == found[case["peak_kva_interval"]]


HOURS = {
    "a window is counted from the hour, not from the first reading": (
        windows(15),
        [used(NOON + n * FIVE, 1) for n in range(1, 6)],
        (15, 30, 3),
    ),
    "a rolling window ends at every step": (windows(15, 5), hour(1, 5, 5, 5, 1), (5, 20, 15)),
    "ties go to the first": (windows(10), hour(2, 2, 1, 3, 4, 0), (0, 10, 4)),
    "a missing minute keeps a window from setting a peak": (
        windows(10),
        [*hour(1, 1, 9), *hour(0, 0, 0, 9, missing_ms=MINUTE)[3:], *hour(0, 0, 0, 0, 2, 2)[4:]],
        (20, 30, 4),
    ),
    "a hole keeps every rolling window that touches it from setting a peak": (
        windows(10, 5),
        [row for row in hour(1, 1, 9, 9, 0, 9, 1, 1) if row.amount or row.start_ms == NOON],
        (10, 20, 18),
    ),
    "no window, no peak": (windows(60), hour(*[9] * 11), None),
    "nothing used is a demand of nothing": (windows(10), hour(0, 0), (0, 10, 0)),
}  # fmt: skip


@pytest.mark.parametrize(("spec", "rows", "expected"), HOURS.values(), ids=HOURS.keys())
def test_hours(spec: DemandSpec, rows: list[Interval], expected: Any) -> None:
    assert peak_of(spec, rows) == expected


@pytest.mark.parametrize(
    ("from_min", "to_min", "expected"),
    [(0, 10, (0, 10, 18)), (2, 7, (0, 10, 18)), (-1, 7, (10, 20, 2)), (5, 11, (10, 20, 2))],
    ids=["the window is the gap", "inside", "begins before", "ends after"],
)
def test_a_gap_sets_a_peak_only_from_inside_one_window(
    from_min: int, to_min: int, expected: Any
) -> None:
    gap: dict[str, Any] = {
        "gap_from_ms": NOON + from_min * MINUTE,
        "gap_to_ms": NOON + to_min * MINUTE,
    }
    rows = [*hour(9, 9, **gap), *hour(0, 0, 1, 1)[2:]]
    assert peak_of(windows(10), rows) == expected


def test_two_gaps_count_from_the_first_to_the_last() -> None:
    early = {"gap_from_ms": NOON - FIVE, "gap_to_ms": NOON + MINUTE}
    inside = {"gap_from_ms": NOON + 2 * MINUTE, "gap_to_ms": NOON + 3 * MINUTE}
    rows = [used(NOON, 1, "a", **inside), used(NOON, 1, "b", **early)]
    assert peak_of(windows(5), rows, ("a", "b")) is None
    assert peak_of(windows(5), rows[::-1], ("a", "b")) is None
    assert peak_of(windows(5), [rows[0], used(NOON, 1, "b")], ("a", "b")) == (0, 5, 2)


def test_sources_are_added_window_by_window_before_the_maximum() -> None:
    first, second = hour(9, 0, 4, meter="a"), hour(0, 9, 6, meter="b")
    assert peak_of(windows(5), [*first, *second], ("a", "b")) == (10, 15, 10)
    assert peak_of(windows(5), [*second, *first], ("a", "b")) == (10, 15, 10)
    assert peak_of(windows(5), first, ("a", "b")) is None


def test_a_step_that_one_source_has_passed_waits_for_nobody() -> None:
    counted = Demand(windows(5), BERLIN, None, ("a", "b"))
    for row in [*hour(1, 1, 1, meter="a")[1:], *hour(8, 8, 8, meter="b")]:
        counted.add(row)
    assert counted.state.peak == Peak(NOON + FIVE, NOON + 2 * FIVE, 9)
    assert counted.state.pending == {}
    assert not counted.add(used(NOON, 8, "b"))


def test_what_waits_for_a_dead_source_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demand, "PENDING_MAX", 3)
    counted = Demand(windows(5), BERLIN, None, ("a", "b"))
    for row in [*hour(5, 4, 3, 2, meter="a"), *hour(5, 4, 3, 2, meter="b")]:
        counted.add(row)
    assert counted.state.dropped == 1
    assert counted.state.peak == Peak(NOON + FIVE, NOON + 2 * FIVE, 8)


def test_a_demand_goes_on_where_it_was_saved() -> None:
    rows = hour(1, 2, 3, 9, 2, 1, 4, 8)
    whole = Demand(windows(15, 5), BERLIN)
    for row in rows:
        whole.add(row)
    for cut in range(len(rows)):
        state: DemandState | None = None
        for part in (rows[:cut], rows[cut:]):
            counted = Demand(windows(15, 5), BERLIN, state)
            for row in part:
                counted.add(row)
            body = msgspec.msgpack.encode(counted.state)
            state = msgspec.msgpack.decode(body, type=DemandState)
        assert state == whole.state


def test_other_sources_start_their_windows_anew_and_keep_the_peak() -> None:
    before = Demand(windows(10, 5), BERLIN, None, ("a",))
    for row in hour(3, 3, 1, meter="a"):
        before.add(row)
    after = Demand(windows(10, 5), BERLIN, before.state, ("a", "b"))
    assert (after.state.pending, after.state.recent) == ({}, [])
    assert after.state.peak == Peak(NOON, NOON + 2 * FIVE, 6)


def test_the_short_end_of_an_odd_day_is_no_window() -> None:
    """Lord Howe's clocks go forward by half an hour: 23.5 hours have no 24th hour."""
    lord_howe = Calendar("Australia/Lord_Howe")
    start, end = lord_howe.day(parse_iso("2026-10-04T12:00:00+11:00"))
    assert end - start == 23.5 * 60 * MINUTE
    for spec, count in ((windows(60), 23), (windows(120, 60), 22)):
        counted = Demand(spec, lord_howe)
        found = [counted.add(used(at, 1)) for at in range(start, end + 120 * MINUTE, FIVE)]
        ends = [peak.end_ms for peaks in found for peak in peaks]
        assert len([at for at in ends if at <= end]) == count
        assert next(at - end for at in ends if at > end) == spec.window_ms


def test_a_window_is_compared_by_energy_and_shown_as_power() -> None:
    low, high = Peak(0, 900_000, 900_000), Peak(0, 900_000, 1_000_000)
    assert high.above(low)
    assert not low.above(low)
    assert (low.kw(), high.kw()) == (1.0, 1.111111)
    assert high.demand() == Fraction(10, 9)
    assert Peak(0, 1000, 3000, 4000).demand() == 5
    assert Peak(0, 1000, 1000, 1000).demand() == Fraction(1_414_213_562_373, 10**12)
    assert Peak(0, 1000, 3000, 4001).above(Peak(0, 1000, 5000))
    assert not Peak(0, 1000, 3000, 4000).above(Peak(0, 1000, 5000))


def test_a_window_is_a_whole_number_of_steps_and_a_step_of_intervals() -> None:
    with pytest.raises(AssertionError):
        Demand(DemandSpec(15 * MINUTE, 10 * MINUTE), BERLIN)
    with pytest.raises(AssertionError, match="does not divide"):
        Demand(windows(5), BERLIN).add(used(NOON, 1, end_ms=NOON + 10 * MINUTE))


def test_every_window_of_a_whole_day_is_found_once() -> None:
    start, end = BERLIN.day(NOON)
    counted = Demand(windows(15), BERLIN)
    found = [peak for at in range(start, end, FIVE) for peak in counted.add(used(at, 1))]
    assert (found[0].start_ms, found[-1].end_ms, len(found)) == (start, end, 96)
    assert all(before.end_ms == after.start_ms for before, after in pairwise(found))


def test_a_row_of_a_long_absence_is_in_no_window() -> None:
    absence = msgspec.structs.replace(
        used(NOON, 10**12), end_ms=NOON + 60 * MINUTE, gap=10**12, gap_from_ms=1, gap_to_ms=NOON
    )
    after = [used(NOON + 60 * MINUTE + n * FIVE, 7) for n in range(3)]
    assert peak_of(windows(15), [*hour(1, 1, 1)[:1], absence, *after]) == (60, 75, 21)
