"""Money: Decimal, rounded once per printed line to the currency's own exponent.

Source: reference/billing.md section 4, "Money"; ISO 4217 for the exponents.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import (
    ROUND_DOWN,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import Final

from meterd.units import EXACT, cents

ROUNDINGS: Final = {
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
    "half_down": ROUND_HALF_DOWN,
    "up": ROUND_UP,
    "down": ROUND_DOWN,
}


def round_money(amount: Decimal, currency: str, rounding: str = "half_up") -> Decimal:
    """The amount as a bill prints it: half up is away from zero, so -0.125 is -0.13.

    rounding: half_up (what bills print), or another of ROUNDINGS; up is away from zero.
    """
    place = cents(currency)
    return amount.quantize(place, ROUNDINGS[rounding], context=EXACT)


def total(amounts: Iterable[Decimal], currency: str) -> Decimal:
    """The sum of lines that are rounded already; without a line, zero to the exponent."""
    return round_money(sum(amounts, Decimal(0)), currency)
