"""What an expression may name: canonical units, kinds, and remedies for a wrong name."""

from fractions import Fraction

import pytest
from tests.metering.named import KNOWN

from meterd.metering.operands import (
    GAUGE,
    REGISTER,
    TEXT,
    ExpressionError,
    Reference,
    guess,
)


@pytest.mark.parametrize(
    ("meter", "quantity", "unit", "kind"),
    [
        ("main", "active_power", "kW", GAUGE),  # declared in W, kept in kW
        ("main", "energy_import", "kWh", REGISTER),
        ("oven", "heat", "kW", GAUGE),
        ("press-4", "heat", "W", GAUGE),  # a user's own stays as declared
        ("oven", "loaves", "1", REGISTER),
        ("press-4", "batch_id", "", GAUGE),
        ("press-4", "serial_number", "", TEXT),
    ],
)
def test_a_quantity_has_its_canonical_unit_and_kind(
    meter: str, quantity: str, unit: str, kind: str
) -> None:
    assert KNOWN[meter][quantity] == Reference(meter, quantity, unit, kind)


def test_an_amount_is_shown_in_its_unit_exactly() -> None:
    assert KNOWN["main"]["energy_import"].value_of(1) == Fraction(1, 3_600_000)
    assert KNOWN["water_1"]["volume"].value_of(2_500_000) == Fraction(5, 2)
    assert str(KNOWN["rack-12"]["current"]) == "rack-12.current"


@pytest.mark.parametrize(
    ("word", "names", "remedy"),
    [
        ("mian", ["main", "pv"], 'Did you mean "main"?'),
        ("xyz", ["pv", "main"], "Known here: main, pv."),
        ("xyz", [], ""),
        ("xyz", [f"m{n:02}" for n in range(15)], ""),
    ],
)
def test_a_wrong_name_gets_the_nearest_or_all_if_few(
    word: str, names: list[str], remedy: str
) -> None:
    assert guess(word, names) == remedy


def test_an_error_says_where_what_and_what_to_do() -> None:
    assert str(ExpressionError("no meter", 7, "Name one.")) == "column 7: no meter. Name one."
    assert str(ExpressionError("no meter", 7, "")) == "column 7: no meter."
