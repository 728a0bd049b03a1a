"""Raw numbers to amounts and gauges: one exact line, one rounding. Pure, for every protocol.

value = raw x times + plus. A register becomes an integer of base units, rounded half away
from zero; a gauge becomes the float nearest to it. A counter's float32 is taken at its exact
worth, as it stands on the wire; a gauge's as the decimal that its device meant.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import partial
from math import frexp, lcm, log10
from struct import Struct
from typing import Final

AMOUNT_MAX: Final = 2**63 - 1
"""No meter counts further, and no store keeps more: a larger amount is absent."""
_SINGLE: Final = Struct("f")
_POWERS: Final = frozenset(10**n for n in range(7))
"""What a gauge is often divided by."""
_LOWEST: Final = -20
_HIGHEST: Final = 24
"""Binary exponents of float32 numbers: of a millionth, and of the largest with a fraction."""

Number = int | float


def _tries(exponent: int) -> tuple[float, tuple[float, ...]]:
    """For numbers below 2 ** exponent: half a float32's last place, and the powers of ten that
    leave six or seven digits of them, one more, and so on to nine or ten."""
    digits = 7 - len(str(int(2.0**exponent))) if exponent > 0 else 7 + int(-exponent * log10(2))
    return 2.0 ** (exponent - 25), tuple(10.0 ** (digits + n) for n in range(4))


_TRIES: Final = tuple(_tries(exponent) for exponent in range(_LOWEST, _HIGHEST + 1))


def line(times: Fraction, plus: Fraction, register: bool) -> Callable[[Number], Number | None]:
    """The function from a finite raw number to an amount (register) or a gauge's float.

    None for what is too large to keep.
    """
    under = lcm(times.denominator, plus.denominator)
    over, add = int(times * under), int(plus * under)
    if register:
        return partial(_amount, over, add, under)
    if over == 1 and add == 0 and under in _POWERS:
        return partial(_divided, under)
    return partial(_gauge, over, add, under)


def _divided(under: int, raw: Number) -> float:
    """raw / under; one division of exact numbers rounds once, too."""
    return shortest(raw, under) if type(raw) is float else raw / under


def shortest(raw: float, under: int = 1) -> float:
    """The float nearest to the shortest decimal that is this float32: 0.98, not 0.9800000191.

    under: a power of ten, up to a million, by which that decimal is divided. What is no
    float32 stays as it is.
    """
    mantissa, exponent = frexp(raw)
    if raw.is_integer() or not (mantissa * 16_777_216.0).is_integer():
        return raw / under
    if exponent < _LOWEST:
        return _tiny(raw, under)
    half, powers = _TRIES[exponent - _LOWEST]
    for power in powers:
        digits = round(raw * power)
        if abs(digits / power - raw) < half:
            return digits / (power * under)  # powers of ten up to 22 are exact
    return raw / under


def _tiny(raw: float, under: int) -> float:
    """The same for numbers whose powers of ten are none that floats hold."""
    for digits in ("%.7g", "%.8g", "%.9g"):
        text = digits % raw
        if _SINGLE.pack(float(text)) == _SINGLE.pack(raw):
            return float(Decimal(text) / under)
    return raw / under


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
    top, bottom = (Decimal(repr(shortest(raw))) if fraction else raw).as_integer_ratio()
    try:
        return (top * over + add * bottom) / (bottom * under)
    except OverflowError:
        return None
