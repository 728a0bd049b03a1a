"""Samples that a bill does not believe (seed 003, "Reliability")."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from meterd.events import TOLD_LATE, Interval
from meterd.metering.calendar import iso
from meterd.specs import BillSpec
from meterd.units import decimal_text, kwh

ANOMALY: Final = "anomaly_ceiling"


def over_ceiling(interval: Interval, ceiling_kw: Decimal | None) -> bool:
    """Whether an interval implies more power than a bill believes of one source.

    Over the whole of the interval: one count of a coarse register is no anomaly. What was
    told late was used over the whole time that it is told of.
    """
    length_ms = interval.end_ms - interval.start_ms
    if interval.event in TOLD_LATE:
        length_ms = max(length_ms, interval.gap_to_ms - interval.gap_from_ms)
    return ceiling_kw is not None and interval.amount > ceiling_kw * length_ms


def anomaly(terms: BillSpec, interval: Interval) -> dict[str, Any]:
    """The numbers of the event that tells of a discarded sample."""
    length_ms = interval.end_ms - interval.start_ms
    return {
        "bill": terms.name,
        "start": iso(interval.start_ms),
        "end": iso(interval.end_ms),
        "kwh": kwh(interval.amount),
        "kw": decimal_text(Fraction(interval.amount, length_ms)),
        "ceiling_kw": str(terms.max_source_kw),
    }
