"""Bookings poured into intervals: the pieces add up, edges are edges, gaps keep their hull."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterd.events import GAP, GOOD, MISSING, QUESTIONABLE, Booking, Interval
from meterd.metering.calendar import DAY_MS, Calendar, parse_iso
from meterd.metering.interval import Track, TrackState

UTC = Calendar("UTC")
MINUTE = 60_000
FIVE = 5 * MINUTE
NOON = parse_iso("2026-01-10T12:00:00Z")
WORKED = json.loads(
    (Path(__file__).parents[1] / "cases/reference/calendar_and_money.json").read_text()
)


def track() -> Track:
    return Track("m", ("energy_import", "measured", ""), TrackState())


def booking(start_min: float, end_min: float, amount: int, quality: str = GOOD) -> Booking:
    start_ms, end_ms = (NOON + round(minutes * MINUTE) for minutes in (start_min, end_min))
    return Booking("m", "energy_import", start_ms, end_ms, amount, quality)


def poured(*bookings: Booking) -> tuple[Track, list[Interval]]:
    row = track()
    return row, [closed for piece in bookings for closed in row.cover(piece, UTC, FIVE)]


def table(intervals: list[Interval]) -> list[tuple[int, int, int]]:
    """(minutes after noon of start and end, amount)."""
    return [
        ((i.start_ms - NOON) // MINUTE, (i.end_ms - NOON) // MINUTE, i.amount) for i in intervals
    ]


@pytest.mark.parametrize("case", WORKED["gap_splits"], ids=lambda case: case["note"])
def test_energy_is_split_at_edges_by_time_as_worked(case: dict[str, Any]) -> None:
    """The shares of the spans between the edges, read off the five minutes in them."""
    start, end = parse_iso(case["t0"]), parse_iso(case["t1"])
    edges = [start, *(parse_iso(edge) for edge in case["boundaries"] if case["t0"] < edge), end]
    row = track()
    closed = row.cover(Booking("m", "q", start, end, case["counts"], GAP), UTC, FIVE)
    shares = [
        sum(piece.amount for piece in closed if first <= piece.start_ms < last)
        for first, last in pairwise(edges)
    ]
    assert shares == case["expect"]


def test_a_booking_inside_one_interval_waits_for_its_end() -> None:
    row, closed = poured(booking(0, 2, 10), booking(2, 4, 10))
    assert closed == []
    assert (row.state.amount, row.state.until_ms) == (20, NOON + 4 * MINUTE)
    assert table(row.cover(booking(4, 5, 1), UTC, FIVE)) == [(0, 5, 21)]
    assert (row.state.amount, row.state.start_ms) == (0, NOON + FIVE)


def test_a_booking_over_several_intervals_is_divided_by_time() -> None:
    row, closed = poured(booking(0, 1, 3), booking(1, 12, 11))
    assert table(closed) == [(0, 5, 3 + 4), (5, 10, 5)]
    assert row.state.amount == 2


def test_what_is_odd_goes_to_the_later_side() -> None:
    row, closed = poured(booking(0, 15, 10))
    assert [piece.amount for piece in closed] == [3, 3, 4]
    assert row.state.amount == 0


def test_the_first_interval_misses_what_lies_before_the_first_reading() -> None:
    _row, closed = poured(booking(2, 2, 0), booking(2, 5, 9))
    assert [(piece.amount, piece.missing_ms) for piece in closed] == [(9, 2 * MINUTE)]


def test_a_loss_window_is_missing_time_in_every_interval_it_touches() -> None:
    row, closed = poured(booking(0, 3, 3), booking(3, 13, 0, MISSING))
    assert [piece.missing_ms for piece in closed] == [2 * MINUTE, FIVE]
    assert [piece.quality for piece in closed] == [GOOD, MISSING]
    assert row.state.missing_ms == 3 * MINUTE


def test_a_gap_leaves_its_hull_on_every_interval_it_touches() -> None:
    _row, closed = poured(booking(0, 4, 4), booking(4, 24, 20, GAP), booking(24, 30, 6))
    hull = (NOON + 4 * MINUTE, NOON + 24 * MINUTE)
    assert [(piece.gap_from_ms, piece.gap_to_ms) for piece in closed] == [hull] * 5 + [(0, 0)]
    assert [piece.gap for piece in closed] == [1, 5, 5, 5, 4, 0]
    assert [piece.quality for piece in closed] == [GAP] * 5 + [GOOD]


def test_two_gaps_in_one_interval_leave_one_hull() -> None:
    _row, closed = poured(
        booking(-20, 1, 21, GAP), booking(1, 2, 1), booking(2, 20, 18, GAP)
    )  # fmt: skip
    shared = closed[4]
    assert table([shared]) == [(0, 5, 5)]
    assert (shared.gap_from_ms, shared.gap_to_ms) == (NOON - 20 * MINUTE, NOON + 20 * MINUTE)


def test_a_lower_bound_is_questionable_and_a_long_one_has_no_known_shape() -> None:
    _row, closed = poured(
        booking(0, 5, 5, QUESTIONABLE), booking(5, 25, 20, QUESTIONABLE)
    )  # fmt: skip
    assert [piece.questionable for piece in closed] == [5] * 5
    assert [piece.quality for piece in closed] == [QUESTIONABLE] * 5
    assert [piece.gap_to_ms - piece.gap_from_ms for piece in closed[:2]] == [0, 20 * MINUTE]


def test_the_last_event_that_shaped_an_interval_is_kept() -> None:
    row = track()
    for minute, event in enumerate(["baseline_set", "", "flaky_cleared", ""]):
        piece = booking(minute, minute + 1, 1)
        row.cover(Booking("m", "q", piece.start_ms, piece.end_ms, 1, GOOD, event=event), UTC, FIVE)
    closed = row.cover(booking(4, 10, 1), UTC, FIVE)
    assert [piece.event for piece in closed] == ["flaky_cleared", ""]


def test_an_event_at_the_end_of_an_interval_is_not_the_next_ones() -> None:
    row = track()
    row.cover(Booking("m", "q", NOON, NOON + FIVE, 1, GOOD, event="rollover"), UTC, FIVE)
    (closed,) = row.cover(booking(5, 10, 1), UTC, FIVE)
    assert closed.event == ""


@pytest.mark.parametrize(("minutes", "hull"), [(15, False), (15.001, True)])
def test_the_shape_of_fifteen_minutes_is_known(minutes: float, hull: bool) -> None:
    _row, closed = poured(booking(0, minutes, 15, GAP))
    assert [bool(piece.gap_to_ms) for piece in closed] == [hull] * 3


def test_energy_of_no_time_at_all_is_kept_where_time_stands() -> None:
    """The wall clock was stepped back: bookings have no length until it has caught up."""
    row, closed = poured(booking(0, 5, 5), booking(5, 5, 7), booking(3, 3, 1))
    assert table(closed) == [(0, 5, 5)]
    assert (row.state.amount, row.state.until_ms) == (8, NOON + FIVE)


def test_an_event_of_no_energy_and_no_time_opens_the_row() -> None:
    row, closed = poured(booking(5, 5, 0))
    assert closed == []
    assert (row.state.start_ms, row.state.end_ms) == (NOON + FIVE, NOON + 2 * FIVE)


def test_a_clock_set_ahead_closes_what_is_open_and_invents_nothing() -> None:
    row, _ = poured(booking(0, 2, 2))
    closed = row.jump(NOON + 61 * MINUTE, UTC, FIVE)
    assert [(*entry, piece.missing_ms) for entry, piece in zip(table(closed), closed, strict=True)
            ] == [(0, 5, 2, 3 * MINUTE)]  # fmt: skip
    assert row.state.start_ms == NOON + 60 * MINUTE
    assert row.state.missing_ms == MINUTE
    assert row.state.total == 2


def test_a_clock_set_ahead_to_the_end_of_an_interval_closes_it() -> None:
    row, _ = poured(booking(0, 2, 2))
    assert table(row.jump(NOON + FIVE, UTC, FIVE)) == [(0, 5, 2)]


def test_a_small_step_ahead_stays_in_the_interval() -> None:
    row, _ = poured(booking(0, 2, 2))
    assert row.jump(NOON + 4 * MINUTE, UTC, FIVE) == []
    assert track().jump(NOON, UTC, FIVE) == []


@pytest.mark.parametrize(
    ("zone", "day", "intervals"),
    [
        ("Europe/Berlin", "2026-03-28T23:00:00Z", 276),
        ("Europe/Berlin", "2026-10-24T22:00:00Z", 300),
        ("Australia/Lord_Howe", "2026-10-03T13:30:00Z", 282),
        ("Asia/Kathmandu", "2026-01-01T18:15:00Z", 288),
    ],
)
def test_a_day_has_as_many_intervals_as_its_hours_hold(zone: str, day: str, intervals: int) -> None:
    calendar = Calendar(zone)
    start, end = calendar.day(parse_iso(day))
    closed = track().cover(Booking("m", "q", start, end, 1_000_003, GAP), calendar, FIVE)
    assert len(closed) == intervals
    assert sum(piece.amount for piece in closed) == 1_000_003


LENGTHS = st.sampled_from([MINUTE, FIVE, 7 * MINUTE, 60 * MINUTE])
SPANS = st.lists(
    st.tuples(
        st.integers(0, 1000) | st.integers(0, DAY_MS),
        st.integers(0, 10**9),
        st.sampled_from([GOOD, GAP, QUESTIONABLE, MISSING]),
    ),
    max_size=8,
)


@pytest.mark.law
@given(st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe"]), LENGTHS, SPANS)
def test_what_is_poured_in_comes_out(
    zone: str, length_ms: int, spans: list[tuple[int, int, str]]
) -> None:
    row, calendar = track(), Calendar(zone)
    at_ms, poured_in, closed = parse_iso("2026-03-28T11:59:59Z"), 0, []
    for span_ms, used, quality in spans:
        amount = 0 if quality == MISSING else used
        piece = Booking("m", "q", at_ms, at_ms + span_ms, amount, quality)
        closed += row.cover(piece, calendar, length_ms)
        at_ms, poured_in = piece.end_ms, poured_in + amount
    assert sum(i.amount for i in closed) + row.state.amount == poured_in == row.state.total
    assert all(one.end_ms == two.start_ms for one, two in pairwise(closed))
    assert all(calendar.interval(i.start_ms, length_ms) == (i.start_ms, i.end_ms) for i in closed)
    for i in closed:
        assert 0 <= i.gap + i.questionable <= i.amount
        assert 0 <= i.missing_ms <= i.end_ms - i.start_ms


def test_what_is_told_late_takes_no_time_and_brings_its_own_hull() -> None:
    late = Booking(
        "m", "energy_import", NOON + MINUTE, NOON + MINUTE, 7, GAP,
        event="replacement_completed", since_ms=NOON - FIVE,
    )  # fmt: skip
    row, closed = poured(booking(0, 1, 3), late)
    assert (closed, row.state.amount, row.state.gap, row.state.until_ms) == (
        [],
        10,
        7,
        NOON + MINUTE,
    )
    (interval,) = row.cover(booking(1, 5, 1), UTC, FIVE)
    assert (interval.amount, interval.gap, interval.event) == (11, 7, "replacement_completed")
    assert (interval.gap_from_ms, interval.gap_to_ms) == (NOON - FIVE, NOON + MINUTE)
