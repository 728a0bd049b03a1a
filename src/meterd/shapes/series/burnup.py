"""The burn-up: energy used so far, the allowance by elapsed seconds, and where it will end.

Two projections: linear, at the rate so far, and by the profile of weekdays and hours, which
knows that a weekend is coming. Neither is ever below what is used already.
Source: seed 003, "Cumulative"; reference/billing.md section 4, "Projection".
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

import msgspec

from meterd.billing.figures import shown
from meterd.billing.projection import SILENT_MS
from meterd.billing.slots import Slot
from meterd.metering.calendar import Calendar, iso
from meterd.shapes.series.buckets import Filled, by_clock, filled
from meterd.shapes.series.profile import Cells, to_come
from meterd.units import JOULES_PER_KWH, kwh

STEP_MS: Final = 6 * 3_600_000
"""Four points a day: a month is a smooth line, and a short answer."""


class BurnUp(msgspec.Struct, frozen=True):
    """What the chart is drawn from.

    span_ms: [start, end) of the period. now_ms: up to where it may be known. allowance: kWh,
    None without one. known: the profile. ended: nothing is to come any more.
    """

    span_ms: tuple[int, int]
    now_ms: int
    allowance: Decimal | None
    sources: int
    known: Cells
    ended: bool = False


def burn_up(slots: Sequence[Slot], chart: BurnUp, calendar: Calendar) -> dict[str, Any]:
    """points: at each instant what was used before it; None over a gap, and in the future."""
    start_ms, end_ms = chart.span_ms
    reached_ms = min(max(start_ms, chart.now_ms), end_ms)
    edges = by_clock(start_ms, end_ms, STEP_MS, calendar)
    if reached_ms not in edges:
        edges = sorted([*edges, reached_ms])
    used_j = sum(slot.amount for slot in slots)
    linear, profile = _projections(used_j, reached_ms, chart, calendar)
    return {
        "used_kwh": kwh(used_j),
        "projection": {"linear": shown(linear), "profile": shown(profile)},
        "points": list(_points(slots, edges, chart, linear)),
    }


def _projections(
    used_j: int, reached_ms: int, chart: BurnUp, calendar: Calendar
) -> tuple[Fraction | None, Fraction | None]:
    """kWh at the end of the period; None in the first hour and once it has ended."""
    start_ms, end_ms = chart.span_ms
    if chart.ended or reached_ms - start_ms < SILENT_MS:
        return None, None
    used = Fraction(used_j, JOULES_PER_KWH)
    linear = used * (end_ms - start_ms) / (reached_ms - start_ms)
    rest = to_come(chart.known, (reached_ms, end_ms), calendar, chart.sources)
    return linear, None if rest is None else used + rest / JOULES_PER_KWH


def _points(
    slots: Sequence[Slot], edges: Sequence[int], chart: BurnUp, linear: Fraction | None
) -> list[dict[str, Any]]:
    used_j = 0
    points = [_point(edges[0], 0, chart, linear)]
    for (_start_ms, end_ms), bucket in zip(pairwise(edges), filled(slots, edges), strict=True):
        used_j += bucket.amount
        known = end_ms <= chart.now_ms and bucket != Filled()
        points.append(_point(end_ms, used_j if known else None, chart, linear))
    return points


def _point(
    at_ms: int, used_j: int | None, chart: BurnUp, linear: Fraction | None
) -> dict[str, Any]:
    start_ms, end_ms = chart.span_ms
    part = Fraction(at_ms - start_ms, end_ms - start_ms)
    allowed = None if chart.allowance is None else Fraction(chart.allowance) * part
    ahead = at_ms >= chart.now_ms and linear is not None
    return {
        "time": iso(at_ms),
        "used_kwh": None if used_j is None else kwh(used_j),
        "allowance_kwh": shown(allowed),
        "projection_kwh": shown(linear * part) if ahead and linear is not None else None,
    }
