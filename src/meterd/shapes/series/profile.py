"""The shape of the load: by hour of the day, and by weekday and hour for what is to come.

Hours are those that local clocks show: of the hour that occurs twice both count to it, and
one that is skipped has no energy (reference/billing.md section 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

from meterd.billing.figures import shown
from meterd.billing.slots import Slot
from meterd.metering.calendar import Calendar
from meterd.shapes.series.buckets import Filled, by_clock, filled, mean_kw

HOUR_MS: Final = 3_600_000
HOURS: Final = 24
CELL_MS: Final = 2 * HOUR_MS
"""A weekday's hour is known once it has been seen so long: in two weeks."""
PROFILE_MS: Final = 35 * 24 * HOUR_MS
"""How far back a profile looks: five weeks, so that four of every weekday are whole."""

Cells = dict[tuple[int, int], Filled]


def cells(slots: Sequence[Slot], calendar: Calendar) -> Cells:
    """(weekday, hour) -> what was used then; Monday is 0."""
    found: Cells = {}
    for span in _runs(slots):
        edges = by_clock(span[0].start_ms, span[-1].end_ms, HOUR_MS, calendar)
        for (start_ms, _end_ms), bucket in zip(pairwise(edges), filled(span, edges), strict=True):
            local = calendar.local(start_ms)
            cell = found.setdefault((local.weekday(), local.hour), Filled())
            cell.amount += bucket.amount
            cell.covered_ms += bucket.covered_ms
    return found


def _runs(slots: Sequence[Slot]) -> Iterable[Sequence[Slot]]:
    """The rows of a day or so at a time, so that no run has too many edges."""
    first = 0
    for index, slot in enumerate(slots):
        if slot.start_ms - slots[first].start_ms >= HOURS * HOUR_MS:
            yield slots[first:index]
            first = index
    if slots:
        yield slots[first:]


def hourly(slots: Sequence[Slot], calendar: Calendar, sources: int) -> list[dict[str, Any]]:
    """Average consumption by local hour of the day.

    kwh: in such an hour, on average. hours: how many of them are covered.
    """
    by_hour = [Filled() for _ in range(HOURS)]
    for (_weekday, hour), cell in cells(slots, calendar).items():
        by_hour[hour].amount += cell.amount
        by_hour[hour].covered_ms += cell.covered_ms
    rows = []
    for hour, bucket in enumerate(by_hour):
        average = shown(mean_kw(bucket, sources))
        seen = shown(Fraction(bucket.covered_ms, HOUR_MS * sources))
        rows.append({"hour": hour, "kwh": average, "average_kw": average, "hours": seen})
    return rows


def to_come(
    known: Cells, span_ms: tuple[int, int], calendar: Calendar, sources: int
) -> Fraction | None:
    """Joules that [start, end) will take by the profile; None where an hour of it is unknown."""
    start_ms, end_ms = span_ms
    total = Fraction(0)
    for from_ms, to_ms in pairwise(by_clock(start_ms, end_ms, HOUR_MS, calendar)):
        local = calendar.local(from_ms)
        cell = known.get((local.weekday(), local.hour))
        if cell is None or cell.covered_ms < CELL_MS * sources:
            return None
        total += Fraction(cell.amount * sources, cell.covered_ms) * (to_ms - from_ms)
    return total
