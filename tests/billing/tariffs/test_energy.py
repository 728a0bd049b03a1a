"""Energy by zone and tier, and by the prices of a series."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.billing.tariffs.written import cost, hours, lines, rate, tariff, used

from meterd.billing.tariffs.energy import by_tier, energy, marginal
from meterd.billing.tariffs.tiers import Scale
from meterd.tariff import NOTHING

TWO = hours({"hours": "8-20"}, None)
DAY = rate("0.30", name="day")
NIGHT = rate("0.10", name="night")
TIERED = rate("100 0.20", "0.10", name="base")
PLAIN = Scale(31, Fraction(1), Fraction(0))


def test_a_line_for_each_rate_that_was_used() -> None:
    spec = tariff(DAY, NIGHT, schedule=TWO)
    assert lines(cost(spec, used("3", 1), used("2", 0), used("1", 1))) == [
        ("day", "2", "0.3", "0.60"),
        ("night", "4", "0.1", "0.40"),
    ]
    assert lines(cost(spec, used("0", 1))) == [("night", "0", "0.1", "0.00")]
    assert lines(cost(spec)) == []


def test_tiers_count_the_energy_of_all_rates_and_share_it_in_proportion() -> None:
    spec = tariff(DAY, TIERED, schedule=TWO)
    assert lines(cost(spec, used("50", 0), used("150", 1))) == [
        ("day", "50", "0.3", "15.00"),
        ("base", "75", "0.2", "15.00"),
        ("base", "75", "0.1", "7.50"),
    ]


def test_tiers_in_the_order_of_time() -> None:
    spec = tariff(DAY, TIERED, schedule=TWO, chronological=True)
    before = cost(spec, used("50", 0), used("150", 1), used("0", 0))
    assert lines(before)[1:] == [("base", "50", "0.2", "10.00"), ("base", "100", "0.1", "10.00")]
    after = cost(spec, used("150", 1), used("50", 0))
    assert lines(after)[1:] == [("base", "100", "0.2", "20.00"), ("base", "50", "0.1", "5.00")]


@pytest.mark.parametrize("unit", ["kWh/kW", "kWh/kW daily"])
def test_tiers_by_the_billed_demand(unit: str) -> None:
    spec = tariff(rate("2 0.20", "0.10", unit=unit))
    found = cost(spec, used("200"), kw=Fraction(10), days=5)
    low = "20" if unit == "kWh/kW" else "100"
    assert lines(found)[0][1] == low


def test_what_no_rate_covers_has_no_price() -> None:
    spec = tariff(DAY, schedule=hours({"hours": "8-20"}))
    assert cost(spec, used("1"), used("1", NOTHING)) is None
    assert lines(cost(spec, used("1"), used("0", NOTHING)))[0][3] == "0.30"


def test_a_series_is_one_line_at_its_mean() -> None:
    spec = tariff(series="spot")
    hourly = [used("1", price=Decimal("0.10")), used("2", price=Decimal("-0.02"))]
    assert lines(cost(spec, *hourly)) == [("energy", "3", "0.02", "0.06")]
    assert lines(cost(spec, used("0"))) == [("energy", "0", "0", "0.00")]
    assert cost(spec, *hourly, used("1")) is None


def test_the_rate_of_one_more_kwh() -> None:
    assert marginal(TIERED, [Fraction(5), Fraction(0)]) == Decimal("0.20")
    assert marginal(TIERED, [Fraction(5), Fraction(1)]) == Decimal("0.10")
    assert marginal(TIERED, [Fraction(0), Fraction(0)]) == Decimal("0.20")


quantities = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 1)), max_size=12)


@given(quantities, st.booleans())
def test_energy_is_conserved(found: list[tuple[int, int]], chronological: bool) -> None:
    spec = tariff(TIERED, rate("30 1", "60 2", "3"), schedule=TWO, chronological=chronological)
    stretches = [used(str(kwh), zone) for kwh, zone in found]
    parts = by_tier(spec, stretches, PLAIN)
    assert sum(map(sum, parts.values())) == sum(kwh for kwh, _zone in found)
    charges = energy(spec, stretches, PLAIN)
    assert charges is not None
    assert sum(charge.quantity for charge in charges) == sum(kwh for kwh, _zone in found)


@given(quantities)
def test_in_proportion_the_order_does_not_matter(found: list[tuple[int, int]]) -> None:
    spec = tariff(TIERED, rate("30 1", "60 2", "3"), schedule=TWO)
    there = energy(spec, [used(str(kwh), zone) for kwh, zone in found], PLAIN)
    back = energy(spec, [used(str(kwh), zone) for kwh, zone in reversed(found)], PLAIN)
    assert there == back
