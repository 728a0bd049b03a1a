"""Energy quota: bills all energy used in the period against an allowance in kWh."""

from __future__ import annotations

from fractions import Fraction

from meterd.metering.demand import Peak
from meterd.specs import BillSpec
from meterd.units import JOULES_PER_KWH


def unit(_terms: BillSpec) -> str:
    """Kilowatt-hours."""
    return "kWh"


def used(energy_j: int, _peak: Peak | None) -> Fraction:
    """The energy of the period's own samples, kWh."""
    return Fraction(energy_j, JOULES_PER_KWH)


def projected(used_kwh: Fraction, part: Fraction) -> Fraction:
    """Used at the same rate to the end, kWh; `part` is at most 1, so never below used."""
    return used_kwh / part
