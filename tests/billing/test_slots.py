"""Sums over all sources of a bill, and the demand windows that they fill."""

from __future__ import annotations

from typing import Any

from tests.billing.site import BERLIN, FIVE, JANUARY, KWH, MINUTE

from meterd.billing.slots import Slot, sources_of, windows
from meterd.specs import DemandSpec

QUARTER = DemandSpec()


def slot(number: int, amount: int = KWH, sources: int = 1, **more: Any) -> Slot:
    start_ms = JANUARY + number * FIVE
    return Slot(start_ms, start_ms + FIVE, amount, sources, FIVE * sources, **more)


def test_a_source_that_is_silent_counts_and_one_too_many_does_too() -> None:
    assert sources_of([]) == 1
    assert sources_of([slot(0)], enabled=3) == 3
    assert sources_of([slot(0, sources=2)], enabled=1) == 2


def test_a_window_is_what_all_sources_cover() -> None:
    rows = [slot(n, KWH * (n + 1)) for n in range(6)]
    found = windows(rows, QUARTER, BERLIN, 1)
    assert [peak.demand() for peak in found] == [24, 60]
    assert windows(rows, QUARTER, BERLIN, 2) == [], "the other source said nothing"


def test_a_rolling_window_ends_at_every_step() -> None:
    rolling = DemandSpec(15 * MINUTE, FIVE)
    assert len(windows([slot(n) for n in range(6)], rolling, BERLIN, 1)) == 4


def test_a_gap_that_reaches_out_of_a_window_leaves_none() -> None:
    gap = {"gap_from_ms": JANUARY - 1, "gap_to_ms": JANUARY + FIVE}
    rows = [slot(0, **gap), *(slot(n) for n in range(1, 6))]
    assert len(windows(rows, QUARTER, BERLIN, 1)) == 1


def test_a_row_longer_than_a_step_is_in_no_window() -> None:
    hour = Slot(JANUARY, JANUARY + 12 * FIVE, KWH, 1, 12 * FIVE)
    assert windows([hour, *(slot(n) for n in range(12, 15))], QUARTER, BERLIN, 1)[0].amount == (
        3 * KWH
    )
