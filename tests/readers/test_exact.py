"""One exact line, one rounding."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from meterd.readers.exact import AMOUNT_MAX, line

NUMBERS = st.integers(-(2**64), 2**64) | st.floats(allow_nan=False, allow_infinity=False)
FACTORS = st.fractions(max_denominator=10**6)


@given(NUMBERS, FACTORS, FACTORS)
def test_an_amount_is_rounded_once_half_away_from_zero(
    raw: float, times: Fraction, plus: Fraction
) -> None:
    exact = Fraction(raw) * times + plus
    context = Context(prec=1000)
    shown = context.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    amount = int(shown.to_integral_value(ROUND_HALF_UP))
    assert line(times, plus, True)(raw) == (None if abs(amount) > AMOUNT_MAX else amount)


@given(NUMBERS, FACTORS, FACTORS)
def test_a_gauge_is_the_nearest_float(raw: float, times: Fraction, plus: Fraction) -> None:
    try:
        nearest = float(Fraction(raw) * times + plus)
    except OverflowError:
        nearest = None
    assert line(times, plus, False)(raw) == nearest


def test_what_is_too_large_is_absent() -> None:
    assert line(Fraction(10**30), Fraction(0), False)(1e300) is None
    assert line(Fraction(1), Fraction(0), False)(7) == 7.0
