"""Raw numbers to amounts and gauges: one exact line, one rounding. Pure, for every protocol.

value = raw x times + plus. A register becomes an integer of base units, rounded half away
from zero; a gauge becomes the float nearest to it. A counter's float32 is taken at its exact
worth, as it stands on the wire; a gauge's as the decimal that its device meant.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import partial
from math import lcm
from typing import Final

AMOUNT_MAX: Final = 2**63 - 1
"""No meter counts further, and no store keeps more: a larger amount is absent."""
_POWERS: Final = {10**n: n for n in range(1, 16)}
"""Powers of ten that are floats without rounding."""

_SINGLE: Final = struct.Struct("f")
_DIGITS: Final = ("%.7g", "%.8g", "%.9g")
"""Seven give every float32 of up to six digits back as it was; nine give back all."""

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
        return _plain
    if over == 1 and add == 0 and under in _POWERS:
        return partial(_shifted, f"e-{_POWERS[under]}", under)
    return partial(_gauge, over, add, under)


def shortest(raw: float) -> float:
    """The float nearest to the shortest decimal that is this float32: 0.98, not 0.9800000191.

    What is no float32 stays as it is.
    """
    return raw if raw.is_integer() else float(_decimal(raw))


def _decimal(raw: float) -> str:
    """The shortest decimal that is this float32, or this float if it is none."""
    try:
        single = _SINGLE.pack(raw)
    except OverflowError:
        return repr(raw)
    for digits in _DIGITS:
        text = digits % raw
        if _SINGLE.pack(float(text)) == single:
            return text if _SINGLE.unpack(single)[0] == raw else repr(raw)
    return repr(raw)


def _plain(raw: Number) -> float:
    return shortest(raw) if type(raw) is float else float(raw)


def _shifted(shift: str, under: int, raw: Number) -> float:
    """raw / under, which is a power of ten: shift is its exponent."""
    if type(raw) is float and not raw.is_integer():
        text = _decimal(raw)
        if "e" not in text:
            return float(text + shift)
        top, bottom = Decimal(text).as_integer_ratio()
        return top / (bottom * under)
    return raw / under  # one division of exact numbers rounds once, too


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
    fraction = type(raw) is float and not raw.is_integer()
    top, bottom = (Decimal(_decimal(raw)) if fraction else raw).as_integer_ratio()
    try:
        return (top * over + add * bottom) / (bottom * under)
    except OverflowError:
        return None
