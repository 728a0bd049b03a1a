"""Demand: bills the highest demand of the period against an allowance in kW or kVA."""

from __future__ import annotations

from fractions import Fraction

from meterd.metering.demand import Peak
from meterd.specs import BillSpec


def unit(terms: BillSpec) -> str:
    """Kilowatts, or kilovolt-amperes where the demand window is in kVA."""
    return "kVA" if terms.demand.quantity == "kva" else "kW"


def used(_energy_j: int, peak: Peak | None) -> Fraction | None:
    """The peak; None until the first complete window."""
    return peak.demand() if peak else None


def projected(used_kw: Fraction, _part: Fraction) -> Fraction:
    """The peak so far."""
    return used_kw
