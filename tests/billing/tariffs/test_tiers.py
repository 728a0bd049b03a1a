"""Blocks of energy: where they end, and how much falls into each."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.billing.tariffs.written import tiers

from meterd.billing.tariffs.tiers import Scale, ends, filled, in_proportion

UNITS = {
    "kWh": 50,
    "kWh daily": 100 * 31,
    "kWh/kW": 100 * 8 // 2,
    "kWh/kW daily": 100 * 8 * 31,
}


@pytest.mark.parametrize("unit", UNITS)
def test_where_a_tier_ends(unit: str) -> None:
    """A tier by the day goes by the days of the part, any other by its share of the period."""
    scale = Scale(31, Fraction(1, 2), Fraction(8))
    assert ends(tiers("100 1", "2", unit=unit), scale) == [UNITS[unit], None]


def test_energy_falls_into_the_tiers_it_reaches() -> None:
    limits = [Fraction(10), Fraction(30), None]
    assert filled(limits, Fraction(0), Fraction(5)) == [5, 0, 0]
    assert filled(limits, Fraction(5), Fraction(45)) == [5, 20, 15]
    assert filled(limits, Fraction(40), Fraction(45)) == [0, 0, 5]


def test_the_last_tier_takes_what_is_above_its_end() -> None:
    assert filled([Fraction(10), Fraction(20)], Fraction(0), Fraction(25)) == [10, 15]


def test_every_rate_has_the_same_part_of_each_tier() -> None:
    limits = [Fraction(100), None]
    assert in_proportion(limits, Fraction(50), Fraction(200)) == [25, 25]
    assert in_proportion(limits, Fraction(0), Fraction(0)) == [0, 0]


amounts = st.fractions(min_value=0, max_value=10**6)


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=4, unique=True), amounts, amounts)
def test_tiers_conserve_energy(bounds: list[int], own: Fraction, others: Fraction) -> None:
    limits = [*map(Fraction, sorted(bounds)), None]
    assert sum(filled(limits, others, others + own)) == own
    assert sum(in_proportion(limits, own, own + others)) == own
    assert Decimal(0) <= min(filled(limits, Fraction(0), own))
