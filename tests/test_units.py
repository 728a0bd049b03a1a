"""Units: exact factors, one rounding, and decimals as people and JSON read them."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterd.units import (
    GAUGES,
    REGISTERS,
    SUMMED,
    UNITS,
    canonical_unit,
    cents,
    currency_places,
    decimal_text,
    digits,
    float_text,
    from_amount,
    kwh,
    parse_decimal,
    plain,
    shown,
    to_amount,
)

AMOUNTS = [
    ("1", "kWh", 3_600_000),
    ("0.01", "kWh", 36_000),
    ("1234567.89", "MWh", 4_444_444_404_000_000),
    ("1", "Wh", 3_600),
    ("0.5", "J", 1),  # half up
    ("0.49", "J", 0),
    ("-0.5", "J", -1),  # half up is away from zero
    ("-0.49", "J", 0),
    ("1", "m3", 1_000_000),
    ("1", "m³", 1_000_000),
    ("1", "gal", 3_785),
    ("1000", "gal", 3_785_412),
    ("1", "ft3", 28_317),
    ("1", "kvarh", 3_600_000),
    ("1", "kVAh", 3_600_000),
    ("7", "1", 7_000_000),
    ("0.0000005", "1", 1),
]


@pytest.mark.parametrize(("value", "unit", "amount"), AMOUNTS)
def test_a_value_is_rounded_once_to_whole_base_units(value: str, unit: str, amount: int) -> None:
    assert to_amount(Decimal(value), UNITS[unit]) == amount


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        (0, "kWh", "0"),
        (1, "kWh", "0.000000278"),  # nine places, half up
        (3_600_000, "kWh", "1"),
        (36_000_000_000, "kWh", "10000"),  # no exponent
        (900_000, "kWh", "0.25"),
        (-900_000, "kWh", "-0.25"),
        (-1, "GWh", "0"),  # and no minus before nothing
        (3_600_000 * 10**15, "kWh", "1000000000000000"),
        (1, "m3", "0.000001"),
        (3_785, "gal", "0.999891218"),
        (500_000, "1", "0.5"),
    ],
)
def test_an_amount_is_shown_in_at_most_nine_places(amount: int, unit: str, text: str) -> None:
    assert shown(amount, unit) == text
    assert format(from_amount(amount, UNITS[unit]), "f") == text


def test_places_may_be_asked_for() -> None:
    assert digits(3_600_000, UNITS["kWh"], 3) == "1.000"
    assert digits(-900_000, UNITS["kWh"], 1) == "-0.25"


def test_joules_are_shown_as_kilowatt_hours() -> None:
    assert kwh(5_400_000) == "1.5"


@pytest.mark.parametrize(
    ("number", "text"),
    [("1.500", "1.5"), ("100", "100"), ("1E+3", "1000"), ("0.000", "0"), ("-0.0", "0")],
)
def test_a_plain_number_has_no_trailing_zeros_and_no_exponent(number: str, text: str) -> None:
    assert str(plain(Decimal(number))) == text


def test_any_fraction_is_shown_in_nine_places() -> None:
    assert decimal_text(Fraction(2, 3)) == "0.666666667"
    assert decimal_text(Fraction(-40, 4)) == "-10"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (1234567.8, "1234567.8"), (50.0, "50"), (1e22, "1" + "0" * 22), (-0.0, "0"),
     (1e-7, "0.0000001"), (float("inf"), "inf")],
)  # fmt: skip
def test_a_number_that_was_read_has_no_exponent(value: float, text: str) -> None:
    assert float_text(value) == text


@pytest.mark.parametrize(
    ("text", "number"),
    [("1.50", Decimal("1.50")), ("-2e3", Decimal(-2000)), ("nan", None), ("-inf", None),
     ("12 kWh", None), ("", None)],
)  # fmt: skip
def test_only_a_finite_decimal_is_a_number(text: str, number: Decimal | None) -> None:
    assert parse_decimal(text) == number


@pytest.mark.parametrize(
    ("quantity", "unit"),
    [("energy_import", "kWh"), ("volume", "m3"), ("count", "1"), ("active_power_l2", "kW"),
     ("voltage_l31", "V"), ("power_factor", "ratio"), ("batch_id", None)],
)  # fmt: skip
def test_a_quantity_has_the_unit_the_contract_gives_it(quantity: str, unit: str | None) -> None:
    assert canonical_unit(quantity) == unit


def test_no_quantity_is_both_a_counter_and_a_gauge() -> None:
    assert not REGISTERS.keys() & GAUGES.keys()
    assert {UNITS[unit].dimension for unit in REGISTERS.values()} == SUMMED


@pytest.mark.parametrize(
    ("currency", "places"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("XYZ", 2)]
)
def test_money_has_its_currencys_own_exponent(currency: str, places: int) -> None:
    assert currency_places(currency) == places
    assert cents(currency) == Decimal(10) ** -places


SUMMABLE = sorted(name for name, unit in UNITS.items() if unit.dimension in SUMMED)
FINE = [name for name in SUMMABLE if UNITS[name].factor < 10**9]


@pytest.mark.law
@given(st.integers(-(10**24), 10**24), st.sampled_from(FINE))
def test_a_shown_amount_reads_back_as_itself(amount: int, unit: str) -> None:
    """Where the ninth place is less than a base unit: in all but MWh and the like."""
    assert to_amount(Decimal(shown(amount, unit)), UNITS[unit]) == amount


@pytest.mark.law
@given(st.decimals(-(10**12), 10**12, places=6), st.sampled_from(SUMMABLE))
def test_rounding_errs_by_half_a_base_unit_at_most(value: Decimal, unit: str) -> None:
    exact = Fraction(value) * UNITS[unit].factor
    amount = to_amount(value, UNITS[unit])
    assert abs(amount - exact) <= Fraction(1, 2)
    assert to_amount(-value, UNITS[unit]) == -amount
