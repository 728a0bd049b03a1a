"""Money that is owed whatever was used: per month, per day or per year.

"month" is the billing period, however long; days are counted, so that 0.50 a day is 15.50 in
January; a twelfth of a year falls on every period. A version that holds in a part of the
period has its share by days.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from meterd.billing.tariffs.charge import Charge, charged
from meterd.billing.tariffs.metered import PartUse
from meterd.tariff import Amount


def fixed(
    amounts: Iterable[Amount], part: PartUse, accrued: Fraction = Fraction(1)
) -> list[Charge]:
    """A line for each. accrued: the part of the period for which they are owed."""
    return [_charge(amount, part).shared(accrued) for amount in amounts]


def owed(amounts: Iterable[Amount], part: PartUse) -> Fraction:
    """What they come to in the part, exactly."""
    return sum((_charge(amount, part).amount for amount in amounts), Fraction(0))


def _charge(amount: Amount, part: PartUse) -> Charge:
    if amount.per == "day":
        return charged("fixed", Fraction(part.days), "day", amount.amount)
    count = Fraction(1, 12) if amount.per == "year" else Fraction(1)
    unit = "year" if amount.per == "year" else "month"
    return charged("fixed", count, unit, amount.amount).shared(part.share)
