"""Bars of a graph: the energy of each bucket, its mean power and its highest demand.

What is not known is None, never 0. A row that reaches over the edge of a bucket is split by
time, in integers, so that the bars add up to what was used.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

import msgspec

from meterd.billing.figures import shown
from meterd.billing.slots import Slot
from meterd.metering.calendar import Calendar, iso
from meterd.metering.demand import Peak
from meterd.units import kwh

EDGES_MAX: Final = 2_000
"""More than any view has: two months of hours are 1,500."""

Edges = Sequence[int]
"""Instants between buckets, the first and the last included."""


class Filled(msgspec.Struct):
    """What lies in a bucket. covered_ms: time covered, added up over the sources."""

    amount: int = 0
    covered_ms: int = 0


def by_day(start_ms: int, end_ms: int, calendar: Calendar) -> list[int]:
    """Edges at the starts of the local days between, and at both ends."""
    edges = [start_ms]
    while edges[-1] < end_ms:
        edges.append(min(calendar.day(edges[-1])[1], end_ms))
    return edges


def by_clock(start_ms: int, end_ms: int, length_ms: int, calendar: Calendar) -> list[int]:
    """Edges of equal length that start anew with every local day; the last of a day may be
    shorter."""
    edges = [start_ms]
    while edges[-1] < end_ms:
        edges.append(min(calendar.interval(edges[-1], length_ms)[1], end_ms))
        assert len(edges) <= EDGES_MAX, "a view of too many buckets"
    return edges


def filled(slots: Sequence[Slot], edges: Edges) -> list[Filled]:
    """The rows, shared out among the buckets by time."""
    found = [Filled() for _ in range(len(edges) - 1)]
    for slot in slots:
        length_ms = slot.end_ms - slot.start_ms
        first = max(0, bisect_right(edges, slot.start_ms) - 1)
        for index in range(first, len(found)):
            from_ms = max(slot.start_ms, edges[index]) - slot.start_ms
            to_ms = min(slot.end_ms, edges[index + 1]) - slot.start_ms
            if to_ms <= from_ms:
                break
            bucket = found[index]
            bucket.amount += slot.amount * to_ms // length_ms - slot.amount * from_ms // length_ms
            bucket.covered_ms += (
                slot.covered_ms * to_ms // length_ms - slot.covered_ms * from_ms // length_ms
            )
    return found


def bars(
    slots: Sequence[Slot], peaks: Sequence[Peak], edges: Edges, sources: int
) -> list[dict[str, Any]]:
    """The buckets as JSON has them.

    average_kw: over the time that is covered. peak_kw: of the highest complete demand window
    that touches the bucket. coverage: part of the bucket's time that the sources cover.
    """
    highest = _highest(peaks, edges)
    found = filled(slots, edges)
    return [
        _bar(span_ms, bucket, peak, sources)
        for span_ms, bucket, peak in zip(pairwise(edges), found, highest, strict=True)
    ]


def _highest(peaks: Sequence[Peak], edges: Edges) -> list[Fraction | None]:
    found: list[Fraction | None] = [None] * (len(edges) - 1)
    for peak in peaks:
        kw = peak.demand()
        first = max(0, bisect_right(edges, peak.start_ms) - 1)
        for index in range(first, len(found)):
            if edges[index] >= peak.end_ms:
                break
            found[index] = max(found[index] or kw, kw)
    return found


def _bar(
    span_ms: tuple[int, int], bucket: Filled, peak: Fraction | None, sources: int
) -> dict[str, Any]:
    start_ms, end_ms = span_ms
    known = bucket.covered_ms > 0
    whole_ms = (end_ms - start_ms) * sources
    return {
        "start": iso(start_ms),
        "end": iso(end_ms),
        "kwh": kwh(bucket.amount) if known else None,
        "average_kw": shown(mean_kw(bucket, sources)),
        "peak_kw": shown(peak),
        "coverage": shown(min(Fraction(1), Fraction(bucket.covered_ms, whole_ms))),
    }


def mean_kw(bucket: Filled, sources: int) -> Fraction | None:
    """All sources' mean power over the time that they cover, kW."""
    return Fraction(bucket.amount * sources, bucket.covered_ms) if bucket.covered_ms else None
