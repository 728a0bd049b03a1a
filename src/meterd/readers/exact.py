"""Raw numbers to amounts and gauges: one exact line, one rounding. Pure, for every protocol.

value = raw x times + plus. A register becomes an integer of base units, rounded half away
from zero; a gauge becomes the float nearest to it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from math import lcm
from typing import Final

AMOUNT_MAX: Final = 2**63 - 1
"""No meter counts further, and no store keeps more: a larger amount is absent."""
_FLOAT_EXACT: Final = 2**53  # integers up to here are floats without rounding

Number = int | float


def line(times: Fraction, plus: Fraction, register: bool) -> Callable[[Number], Number | None]:
    """The function from a finite raw number to an amount (register) or a gauge's float.

    None for what is too large to keep.
    """
    under = lcm(times.denominator, plus.denominator)
    over, add = int(times * under), int(plus * under)
    if register:
        return partial(_amount, over, add, under)
    if over == under == 1 and add == 0:
        return float
    if over == 1 and add == 0 and under <= _FLOAT_EXACT:
        return lambda raw: raw / under  # one division of exact numbers rounds once, too
    return partial(_gauge, over, add, under)


def _amount(over: int, add: int, under: int, raw: Number) -> int | None:
    """(raw x over + add) / under, exactly, rounded half away from zero."""
    top, bottom = raw.as_integer_ratio()
    number = 2 * (top * over + add * bottom)
    bottom *= under
    amount = (abs(number) + bottom) // (2 * bottom)
    if amount > AMOUNT_MAX:
        return None
    return amount if number >= 0 else -amount


def _gauge(over: int, add: int, under: int, raw: Number) -> float | None:
    """(raw x over + add) / under as the nearest float."""
    top, bottom = raw.as_integer_ratio()
    try:
        return (top * over + add * bottom) / (bottom * under)
    except OverflowError:
        return None
