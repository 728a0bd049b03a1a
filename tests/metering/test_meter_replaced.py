"""What people tell of a meter: that its device was replaced, and what they have read off it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.metering.living import FIVE, KWH, MINUTE, NOON, Living, register, spec

from meterd.events import GAP, Event, Interval
from meterd.orders import ReplacementOrdered


def two() -> Living:
    """A meter that counts both ways, read twice."""
    living = Living(spec(register(), register("energy_export")))
    for minute in (0, 5):
        registers = {"energy_import": (500 + minute) * KWH, "energy_export": 70 * KWH}
        living.read(minute, registers=registers)
    living.told()
    return living


def one() -> Living:
    """A meter of one counter, read twice."""
    living = Living(spec(register()))
    living.read(0, 500)
    living.read(5, 505)
    living.told()
    return living


def told(living: Living, minute: float, **fields: Any) -> list[Event]:
    at_ms = NOON + round(minute * MINUTE)
    living.meter.replace(ReplacementOrdered("m", at_ms, "ann", **fields), living.journal)
    return [item for item in living.journal.take() if isinstance(item, Event)]


def test_all_its_counters_are_replaced_and_begin_with_their_next_readings() -> None:
    living = two()
    events = told(living, 6, serial="B")
    assert [(event.kind, event.quantity) for event in events] == [
        ("meter_replaced", "energy_import"), ("meter_replaced", "energy_export"),
    ]  # fmt: skip
    assert [booking.cut for booking in living.meter.bookings] == ["replacement"] * 2
    assert living.meter.state.texts == {"serial_number": "B"}
    living.read(10, registers={"energy_import": 3 * KWH, "energy_export": KWH}, serial="B")
    assert living.told() == ["baseline_set"] * 2


def test_one_of_them_is_replaced_where_it_is_named() -> None:
    living = two()
    values = {"old_final": 506 * KWH, "new_initial": 0}
    (event,) = told(living, 6, quantity="energy_import", **values)
    assert event.numbers["booked"] == "1"
    living.read(10, registers={"energy_import": 2 * KWH, "energy_export": 71 * KWH})
    assert [booking.amount for booking in living.meter.bookings] == [2 * KWH, KWH]


def test_values_of_nobody_knows_which_are_refused() -> None:
    living = two()
    (event,) = told(living, 6, old_final=506 * KWH)
    assert event.kind == "replacement_refused"
    assert event.numbers["why"] == (
        "m has energy_import and energy_export; say which of them the values are of"
    )
    assert living.meter.bookings == []


def test_a_counter_it_has_not_is_refused() -> None:
    (event,) = told(one(), 6, quantity="volume")
    assert event.numbers["why"] == "m has no counter 'volume'; it has energy_import"


def test_a_meter_without_counters_has_nothing_to_replace() -> None:
    (event,) = told(Living(spec()), 6)
    assert event.numbers["why"] == "m has no counter; say which of them the values are of"


def test_a_meter_that_was_never_read_has_nothing_to_replace() -> None:
    (event,) = told(Living(spec(register())), 6, serial="B")
    assert "was never read" in event.numbers["why"]


def test_values_are_of_the_only_counter_that_was_ever_read() -> None:
    living = Living(spec(register(), register("energy_export")))
    living.read(0, 500)
    living.told()
    (event,) = told(living, 5, old_final=501 * KWH, new_initial=0)
    assert (event.kind, event.quantity) == ("meter_replaced", "energy_import")


# -- late energy and the peak -------------------------------------------------------------------


def test_late_energy_is_in_the_interval_with_its_own_hull_and_sets_no_peak() -> None:
    living = Living(spec(register()))
    for minute, kwh, serial in [(0, 500, "A"), (5, 505, "A"), (10, 2, "B"), (15, 3, "B")]:
        living.read(minute, kwh, serial=serial)
    for minute in range(20, 60, 5):
        living.read(minute, 3, serial="B")
    before = living.meter.demand.state.peak
    living.told()
    (event,) = told(living, 57, serial="B", old_final=510 * KWH, new_initial=KWH)
    assert (event.kind, event.numbers["booked"]) == ("replacement_completed", "6")
    intervals: list[Interval] = []
    for minute in (60, 65, 70, 75, 80):
        living.read(minute, 3, serial="B")
        intervals += living.meter.intervals
    late = next(interval for interval in intervals if interval.amount)
    assert (late.amount, late.gap, late.quality) == (6 * KWH, 6 * KWH, GAP)
    assert (late.gap_from_ms, late.gap_to_ms) == (NOON + FIVE, NOON + 55 * MINUTE)
    assert late.event == "replacement_completed"
    assert living.meter.demand.state.peak == before
    assert living.meter.totals() == {"energy_import": (500 + 5 + 1 + 6) * KWH}


def test_late_energy_of_one_window_is_in_its_demand() -> None:
    living = Living(spec(register()))
    for minute, kwh, serial in [(0, 500, "A"), (1, 501, "A"), (4, 2, "B"), (8, 2, "B")]:
        living.read(minute, kwh, serial=serial)
    told(living, 9, serial="B", old_final=504 * KWH)
    living.read(15, 2, serial="B")
    peak = living.meter.demand.state.peak
    assert peak is None  # row 4 left three minutes that are not known
    told(living, 16, old_final=3 * KWH, new_initial=0)
    living.read(30, 1)
    assert living.meter.demand.state.peak is not None
    assert living.meter.demand.state.peak.amount == 2 * KWH


def test_what_comes_after_does_not_hide_that_it_was_late() -> None:
    living = one()
    told(living, 6, old_final=506 * KWH, new_initial=0)
    living.read(7, 9000)
    living.read(8, 1)
    living.read(11, 1)
    (interval,) = living.meter.intervals
    assert interval.event == "meter_replaced"
    assert (interval.gap_from_ms, interval.gap_to_ms) == (NOON + FIVE, NOON + 6 * MINUTE)


# -- readings that people enter -----------------------------------------------------------------


def test_who_entered_a_reading_is_told_with_what_it_said() -> None:
    living = one()
    living.read(10, 506, entered_by="ann", active_power=3.5)
    first, *_ = living.journal.take()
    assert isinstance(first, Event)
    assert (first.kind, first.at_ms, first.meter) == ("reading_entered", NOON + 10 * MINUTE, "m")
    assert first.numbers == {
        "actor": "ann", "values": {"energy_import": "506", "active_power": 3.5},
    }  # fmt: skip


@pytest.mark.parametrize(("days", "quality"), [(31, GAP), (0.01, "good")])
def test_what_was_used_between_two_readings_is_spread_over_the_time(
    days: float, quality: str
) -> None:
    living = Living(spec(register()))
    living.read(0, 500, entered_by="ann")
    living.read(days * 1440, 501, entered_by="ann")
    (booking,) = living.meter.bookings
    assert (booking.start_ms, booking.end_ms) == (NOON, NOON + round(days * 1440 * MINUTE))
    assert (booking.amount, booking.quality) == (KWH, quality)


def test_a_reading_entered_twice_is_a_duplicate() -> None:
    living = one()
    living.read(5, 505, entered_by="ann")
    assert living.told() == ["reading_entered", "duplicate"]
    assert living.meter.bookings == []
