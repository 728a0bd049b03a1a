"""One exact line, one rounding."""

from __future__ import annotations

import struct
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterd.readers.exact import AMOUNT_MAX, line, shortest

NUMBERS = st.integers(-(2**64), 2**64) | st.floats(allow_nan=False, allow_infinity=False)
FACTORS = st.fractions(max_denominator=10**6) | st.integers(-6, 6).map(lambda n: Fraction(10) ** n)


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
    whole = isinstance(raw, int) or raw.is_integer()
    meant = raw if whole else repr(shortest(raw))
    try:
        nearest = float(Fraction(meant) * times + plus)
    except OverflowError:
        nearest = None
    assert line(times, plus, False)(raw) == nearest


def single(value: float) -> float:
    """As a device holds it that has 32 bits for it."""
    found: float = struct.unpack(">f", struct.pack(">f", value))[0]
    return found


@given(st.integers(-999_999, 999_999), st.integers(-20, 20))
def test_a_float32_is_the_decimal_of_up_to_six_digits_that_was_meant(
    digits: int, exponent: int
) -> None:
    meant = float(f"{digits}e{exponent}")
    whole = single(meant).is_integer() and not meant.is_integer()
    assert shortest(single(meant)) == (single(meant) if whole or exponent > 0 else meant)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float32_stays_the_float32_it_is(raw: float) -> None:
    assert single(shortest(raw)) == raw
    assert len(repr(shortest(raw))) <= len(repr(raw))


@pytest.mark.parametrize("raw", [0.1, 1e300, 5e-324, 123456.789012345, 230.0])
def test_what_is_no_float32_or_is_whole_stays_as_it_is(raw: float) -> None:
    assert shortest(raw) == raw


def test_a_gauge_shows_what_a_float32_means_and_a_counter_what_it_is() -> None:
    factor = single(0.98)
    assert line(Fraction(1), Fraction(0), False)(factor) == 0.98
    assert line(Fraction(1, 1000), Fraction(0), False)(single(230.1)) == 0.2301
    assert line(Fraction(1, 1000), Fraction(0), False)(single(-8.607518)) == -0.008607518
    assert line(Fraction(1, 1000), Fraction(0), False)(single(1.5e-7)) == 1.5e-10
    assert line(Fraction(80), Fraction(0), False)(single(230.1)) == 18408.0
    assert line(Fraction(10**9), Fraction(0), True)(factor) == 980_000_019
    assert line(Fraction(1), Fraction(0), False)(True) == 1.0


def test_what_is_too_large_is_absent() -> None:
    assert line(Fraction(10**30), Fraction(0), False)(1e300) is None
    assert line(Fraction(1), Fraction(0), False)(7) == 7.0
