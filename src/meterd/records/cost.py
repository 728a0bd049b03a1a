"""What a record's usage costs: exact until it is printed, then rounded once.

Between the two it is a decimal string of at most nine places, because a price per kWh of
a number of joules seldom ends.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from meterd.units import EXACT, UNITS, cents, plain

_PLACES = 9


def cost(usage: int, usage_unit: str, per_unit: Decimal | None) -> str | None:
    """`usage` base units at a price per `usage_unit`, half up at nine places.

    None where there is no price. Source: seed 001, "cost".
    """
    return None if per_unit is None else cost_of(Fraction(usage) * Fraction(per_unit), usage_unit)


def cost_of(priced: Fraction, usage_unit: str) -> str:
    """The same of base units times prices per `usage_unit`, added up."""
    exact = priced / UNITS[usage_unit].factor * 10**_PLACES
    doubled = 2 * abs(exact.numerator) + exact.denominator
    rounded = doubled // (2 * exact.denominator)
    signed = Decimal(rounded if exact >= 0 else -rounded)
    return format(plain(signed.scaleb(-_PLACES, EXACT)), "f")


def printed(amount: str | None, cost_unit: str) -> float:
    """A cost as the column shows it: money to its currency's places, half up; else as it is.

    No cost is 0.0, the column's default. A currency is written as three capitals.
    """
    if amount is None:
        return 0.0
    number = Decimal(amount)
    if len(cost_unit) == 3 and cost_unit.isalpha() and cost_unit.isupper():
        step = cents(cost_unit)
        number = number.quantize(step, ROUND_HALF_UP, EXACT)
    return float(number)
