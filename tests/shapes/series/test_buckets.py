"""Bars of energy: gaps are unknown, days have 23 to 25 hours, and nothing is lost at an edge."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from tests.billing.site import BERLIN, DAY, FIVE, HOUR, JANUARY, KWH, at

from meterd.billing.slots import Slot
from meterd.metering.demand import Peak
from meterd.shapes.series.buckets import bars, by_clock, by_day, filled, mean_kw


def slot(start_ms: int, amount: int = KWH, length_ms: int = FIVE, sources: int = 1) -> Slot:
    return Slot(start_ms, start_ms + length_ms, amount, sources, length_ms * sources)


def test_a_day_has_as_many_hours_as_its_clocks_show() -> None:
    march = by_day(at("03-28"), at("03-30", "23:00"), BERLIN)
    assert [after - before for before, after in pairwise(march)] == [
        DAY,
        DAY - HOUR,
        DAY,
    ]
    assert by_clock(JANUARY, JANUARY + HOUR, 25 * 60_000, BERLIN)[-1] == JANUARY + HOUR


def test_a_bar_is_energy_its_mean_and_its_highest_demand() -> None:
    edges = [JANUARY, JANUARY + HOUR, JANUARY + 2 * HOUR]
    rows = [slot(JANUARY + n * FIVE) for n in range(6)]
    peaks = [
        Peak(JANUARY, JANUARY + 3 * FIVE, KWH),
        Peak(JANUARY + 3 * FIVE, JANUARY + 6 * FIVE, 3 * KWH),
        Peak(JANUARY + 5 * FIVE, JANUARY + 8 * FIVE, 2 * KWH),
    ]
    first, second = bars(rows, peaks, edges, 1)
    assert first == {
        "start": "2025-12-31T23:00:00Z",
        "end": "2026-01-01T00:00:00Z",
        "kwh": "6",
        "average_kw": "12",
        "peak_kw": "12",
        "coverage": "0.5",
    }
    assert second["kwh"] is None, "what is not known is not 0"
    assert (second["average_kw"], second["peak_kw"], second["coverage"]) == (None, None, "0")


def test_a_row_over_an_edge_is_shared_by_time_and_none_of_it_is_lost() -> None:
    edges = [JANUARY, JANUARY + HOUR, JANUARY + 2 * HOUR, JANUARY + 3 * HOUR]
    long = slot(JANUARY - HOUR // 2, 1000, 3 * HOUR)
    assert [bucket.amount for bucket in filled([long], edges)] == [334, 333, 167]
    whole = slot(JANUARY, 1001, 3 * HOUR)
    assert sum(bucket.amount for bucket in filled([whole], edges)) == 1001


def test_a_window_that_reaches_into_two_bars_is_marked_in_both() -> None:
    edges = [JANUARY, JANUARY + FIVE, JANUARY + 2 * FIVE, JANUARY + 4 * FIVE]
    peak = Peak(JANUARY, JANUARY + 2 * FIVE, KWH)
    assert [bar["peak_kw"] for bar in bars([], [peak], edges, 1)] == ["6", "6", None]


def test_the_mean_of_several_sources_is_over_the_time_that_they_cover() -> None:
    (bucket,) = filled([slot(JANUARY, 2 * KWH, HOUR, sources=2)], [JANUARY, JANUARY + HOUR])
    assert mean_kw(bucket, 2) == Fraction(2)
