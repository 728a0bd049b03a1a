"""What usage costs."""

from __future__ import annotations

from decimal import Decimal

import pytest

from meterd.records.cost import cost, printed
from meterd.units import currency_places

COSTS = """
    usage        unit  price   exact         EUR      JPY  KWD     XYZ-points
    129794400    kWh   0.38    13.70052      13.7     14   13.701  13.70052
    36054000     m3    0.38    13.70052      13.7     14   13.701  13.70052
    1            kWh   0.36    0.0000001     0        0    0       0.0000001
    1            kWh   0.3     0.000000083   0        0    0       0.000000083
    3785411784   gal   0.001   1000          1000     1000 1000    1000
    1            gal   1       0.000264172   0        0    0       0.000264172
    1800000      kWh   0.01    0.005         0.01     0    0.005   0.005
    1800000      kWh   -0.01   -0.005        -0.01    0    -0.005  -0.005
    1            J     5e-10   0.000000001   0        0    0       0.000000001
    1            J     -5e-10  -0.000000001  0        0    0       -0.000000001
    0            kWh   0.30    0             0        0    0       0
    3600000      kWh   0       0             0        0    0       0
"""


@pytest.mark.parametrize("row", COSTS.strip().splitlines()[1:])
def test_cost_is_usage_times_price_rounded_once_when_printed(row: str) -> None:
    usage, unit, price, exact, *shown = row.split()
    amount = cost(int(usage), unit, Decimal(price))
    assert amount == exact
    places = [printed(amount, currency) for currency in ("EUR", "JPY", "KWD", "points")]
    assert places == [float(text) for text in shown]


def test_an_exact_cost_is_not_lost_in_large_numbers() -> None:
    joules = 3_600_000 * 10**15 + 1
    assert cost(joules, "kWh", Decimal("0.36")) == "360000000000000.0000001"


def test_without_a_price_there_is_no_cost_and_the_column_has_its_default() -> None:
    assert cost(1, "kWh", None) is None
    assert printed(None, "EUR") == 0.0


@pytest.mark.parametrize(
    ("currency", "places"), [("EUR", 2), ("ISK", 0), ("TND", 3), ("CLF", 4), ("UYW", 4)]
)
def test_a_currency_has_its_own_places(currency: str, places: int) -> None:
    assert currency_places(currency) == places


def test_what_is_no_currency_is_not_rounded() -> None:
    assert [printed("1.2345", unit) for unit in ("kg", "eur", "A12", "EURO")] == [1.2345] * 4
