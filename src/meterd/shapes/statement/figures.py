"""Figures as they are printed: rounded once, half up; JSON and CSV have them exact."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

PLACES: Final = Decimal("0.001")
"""Quantities are printed to the watt-hour."""
NONE: Final = "-"


def quantity(text: str | None, unit: str = "") -> str:
    """An exact amount as it is printed, half up; what is not known is a dash."""
    if text is None:
        return NONE
    rounded = Decimal(text).quantize(PLACES, ROUND_HALF_UP)
    return f"{rounded} {unit}".strip()


def percent(part: str | None) -> str:
    """A fraction as it is printed."""
    return NONE if part is None else f"{cents(Decimal(part) * 100)} %"


def cents(number: Decimal) -> Decimal:
    """To two places."""
    return number.quantize(Decimal("0.01"), ROUND_HALF_UP)
