"""Rows of `meterd samples --json` and `meterd adjustments --json` (contract section 6)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from meterd.billing.anomalies import ANOMALY
from meterd.events import Adjusted, Sample
from meterd.metering.calendar import iso
from meterd.units import decimal_text, kwh


def sample_row(sample: Sample) -> dict[str, Any]:
    """A sample: kwh exact, kw its mean power; a discarded one says so in `event`."""
    interval = sample.interval
    length_ms = interval.end_ms - interval.start_ms
    return {
        "start": iso(interval.start_ms),
        "end": iso(interval.end_ms),
        "meter": interval.meter,
        "kwh": kwh(interval.amount),
        "kw": decimal_text(Fraction(interval.amount, length_ms)),
        "method": interval.method,
        "quality": interval.quality,
        "event": ANOMALY if sample.discarded else interval.event or None,
    }


def adjustment_row(adjusted: Adjusted) -> dict[str, Any]:
    """An adjustment, with the period it corrects and the one that carries it."""
    return {
        "id": adjusted.id,
        "bill": adjusted.bill,
        "meter": adjusted.meter,
        "method": adjusted.method,
        "period": iso(adjusted.period_start_ms),
        "open_period": iso(adjusted.open_period_start_ms),
        "time": iso(adjusted.at_ms),
        "reason": adjusted.reason,
        "kwh": kwh(adjusted.amount),
        "before": kwh(adjusted.before),
        "after": kwh(adjusted.after),
    }
