"""Meter readings at the edges of a period, and what may be claimed of the display."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tests.billing.site import FEBRUARY, JANUARY, KWH
from tests.shapes.statement.case import interval, meter, state

from meterd.metering.meter_state import MeterState
from meterd.metering.register import RegisterState
from meterd.shapes.statement.books import MeterFacts
from meterd.shapes.statement.registers import EdgeReading, edges

SPAN = (JANUARY, FEBRUARY)


def at(facts: MeterFacts, as_of_ms: int = FEBRUARY) -> tuple[EdgeReading, EdgeReading]:
    start, end = edges(facts, SPAN, as_of_ms)
    assert start is not None
    assert end is not None
    return start, end


def test_the_difference_of_two_edges_is_what_was_booked_between_them() -> None:
    start, end = at(meter())
    assert (start.lifetime_kwh, end.lifetime_kwh) == ("1080", "1188")
    assert Decimal(end.lifetime_kwh) - Decimal(start.lifetime_kwh) == 119 - 11
    assert (start.time, end.time) == ("2025-12-31T23:00:00Z", "2026-01-31T23:00:00Z")
    assert {start.how, end.how} == {"interpolated"}


def test_nothing_but_use_has_moved_the_display_so_it_showed_the_same() -> None:
    start, _end = at(meter(after_start=None))
    assert start.dial_kwh == "1080", "no event could have moved it"


@pytest.mark.parametrize(
    ("moved", "dials"),
    [((0, 0), ("80", "188")), ((1, 0), (None, "188")), ((None, None), (None,) * 2)],
)
def test_a_display_that_something_else_has_moved_is_known_only_since_then(
    moved: tuple[Any, Any], dials: tuple[Any, Any]
) -> None:
    swapped = state(dial=200 * KWH, adjusted=-1000 * KWH)
    start, end = at(meter(state=swapped, after_start=moved[0], after_end=moved[1]))
    assert (start.dial_kwh, end.dial_kwh) == dials
    assert start.lifetime_kwh == "1080"


def test_an_edge_in_a_gap_says_so() -> None:
    gap = interval(FEBRUARY, gap_from_ms=FEBRUARY - 1, gap_to_ms=FEBRUARY + 1)
    start, end = at(meter(at_end=[gap]))
    assert (start.how, end.how) == ("interpolated", "across a gap")


def test_a_meter_that_was_first_read_later_begins_with_its_first_reading() -> None:
    start, _end = at(meter(since_start=199 * KWH, at_start=[]))
    assert (start.lifetime_kwh, start.how) == ("1000", "first reading")


def test_a_period_that_runs_ends_with_the_last_reading() -> None:
    _start, end = at(meter(), as_of_ms=FEBRUARY - 1)
    assert (end.lifetime_kwh, end.dial_kwh, end.how) == ("1200", "1200", "last reading")
    assert end.time == "2026-02-01T23:00:00Z"


@pytest.mark.parametrize(
    "known", [None, MeterState(), MeterState(registers={"energy_import": RegisterState()})]
)
def test_without_a_counter_there_are_no_readings(known: MeterState | None) -> None:
    assert edges(meter(state=known), SPAN, FEBRUARY) == (None, None)


def test_a_counter_whose_intervals_are_all_closed() -> None:
    whole = state()
    whole.tracks.clear()
    assert at(msgspec.structs.replace(meter(), state=whole))[1].lifetime_kwh == "1189"
