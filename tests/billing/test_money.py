"""Rounding as printed bills do it."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from meterd.billing.money import round_money, total

CASES = json.loads(
    (Path(__file__).parents[1] / "cases/reference/calendar_and_money.json").read_text()
)["money"]


@pytest.mark.parametrize("case", CASES, ids=[case["exact"] for case in CASES])
def test_the_reference_lines(case: dict[str, str]) -> None:
    exact = Decimal(case["qty"]) * Decimal(case["rate"])
    assert exact == Decimal(case["exact"])
    for rounding in ("half_up", "half_even"):
        assert str(round_money(exact, case["currency"], rounding)) == case[rounding]


def test_every_currency_has_its_own_exponent() -> None:
    amount = Decimal("1234.56785")
    shown = {name: str(round_money(amount, name)) for name in ("EUR", "JPY", "KWD", "CLF")}
    assert shown == {"EUR": "1234.57", "JPY": "1235", "KWD": "1234.568", "CLF": "1234.5679"}


def test_a_total_is_the_sum_of_what_is_printed() -> None:
    assert str(total([Decimal("0.01"), Decimal("-0.03")], "EUR")) == "-0.02"
    assert str(total([], "EUR")) == "0.00"
