"""What lacks of a minimum: the period's, and in the last period of a year the year's.

A month's minimum is compared with all that stands above it (energy, demand, fixed). A year's
is compared with the sum of that of its periods, before their own minimum; a bill that began
within the year owes a twelfth of it for each of its periods (billing.md section 1.4).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from meterd.billing.tariffs.charge import Charge
from meterd.billing.tariffs.fixed import owed
from meterd.billing.tariffs.metered import Metered, PartUse
from meterd.tariff import Amount, TariffSpec
from meterd.units import decimal_text

YEAR = "year"


def minimum(
    tariff: TariffSpec, part: PartUse, charged: Decimal, accrued: Fraction = Fraction(1)
) -> list[Charge]:
    """The top-up of the part, if there is one. charged: what stands above it.

    accrued: the part of the period for which it is owed.
    """
    amounts = [amount for amount in tariff.minimum if amount.per != YEAR]
    return _top_up("minimum", owed(amounts, part) * accrued, Fraction(charged)) if amounts else []


def annual_minimum(
    amounts: Iterable[Amount], metered: Metered, charged: Decimal, accrued: Fraction = Fraction(1)
) -> list[Charge]:
    """The year's top-up in its last period. charged: of this period, before its minimum.

    accrued: the part of this period for which it is owed.
    """
    amounts = [amount for amount in amounts if amount.per == YEAR]
    if not (amounts and metered.year_ends):
        return []
    year = metered.month // 12
    earlier = [entry for entry in metered.past if entry.month // 12 == year]
    months = min(11, len(earlier)) + accrued
    least = sum((amount.amount for amount in amounts), Decimal(0))
    so_far = Fraction(charged) + sum(Fraction(entry.charged) for entry in earlier)
    return _top_up("annual minimum", Fraction(least) * months / 12, so_far)


def _top_up(name: str, least: Fraction, charged: Fraction) -> list[Charge]:
    lacking = least - charged
    rate = Decimal(decimal_text(max(lacking, Fraction(0))))
    return [Charge(name, Fraction(1), "period", rate, lacking)] if lacking > 0 else []
