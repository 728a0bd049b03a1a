"""Rows across a long absence."""

from itertools import pairwise

from tests.metering.test_interval import FIVE, UTC, booking, track

from meterd.events import GAP, Booking
from meterd.metering.calendar import DAY_MS, Calendar, parse_iso
from meterd.metering.interval import Track


def test_across_a_long_absence_rows_are_of_an_hour_until_the_last_of_it() -> None:
    """And memory has an end: five years of seconds would be 160 million rows."""
    berlin, years = Calendar("Europe/Berlin"), 5 * 365 * DAY_MS
    start_ms = parse_iso("2021-03-04T10:20:30Z")
    row = track()
    gone = Booking("m", "energy_import", start_ms, start_ms + years, 10**12 + 1, GAP)
    closed = row.cover(gone, berlin, 1000)
    assert len(closed) < years // 3_600_000 + 3_600 * 2
    assert sum(one.amount for one in closed) + row.state.amount == 10**12 + 1
    assert all(one.end_ms == two.start_ms for one, two in pairwise(closed))
    assert {one.end_ms - one.start_ms for one in closed} <= {1000, 2_369_000, 3_600_000}
    assert row.state.end_ms - row.state.start_ms == 1000, "what comes now is as fine as ever"
    (ordinary,) = row.cover(booking_after(row, 1000), berlin, 1000)
    assert ordinary.end_ms - ordinary.start_ms == 1000


def test_a_year_at_five_minutes_keeps_its_rows() -> None:
    row = track()
    closed = row.cover(booking(0, 365 * 1440, 5, GAP), UTC, FIVE)
    assert {one.end_ms - one.start_ms for one in closed} == {FIVE}


def booking_after(row: Track, span_ms: int) -> Booking:
    at_ms = row.state.until_ms
    return Booking("m", "energy_import", at_ms, at_ms + span_ms, 1)
