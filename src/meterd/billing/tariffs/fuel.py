"""Adjustments per kWh that change by the month, as for fuel; by the month of the energy."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from meterd.billing.tariffs.charge import KWH, Charge, charged, in_kwh
from meterd.billing.tariffs.metered import Stretch
from meterd.tariff import TariffSpec


def fuel(tariff: TariffSpec, stretches: Iterable[Stretch]) -> list[Charge]:
    """A line for each distinct rate other than 0."""
    if not tariff.fuel:
        return []
    by_rate: dict[Decimal, Fraction] = {}
    for stretch in stretches:
        rate = tariff.fuel[stretch.month - 1]
        by_rate[rate] = by_rate.get(rate, Fraction(0)) + in_kwh(stretch.import_j)
    return [charged("fuel adjustment", kwh, KWH, rate) for rate, kwh in by_rate.items() if rate]
