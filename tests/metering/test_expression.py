"""Expressions of instants: values in, a value or a reason out; and what each use allows."""

from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.metering.named import KNOWN

from meterd.metering.expression import (
    DIVIDED_BY_ZERO,
    MISSING,
    NOT_A_NUMBER,
    NOT_FINITE,
    Answer,
    Expression,
    Value,
    rate_of,
)
from meterd.metering.operands import ExpressionError


def at(text: str, *values: Value | None) -> Answer:
    return Expression(text, KNOWN).at(values)


@pytest.mark.parametrize(
    ("text", "values", "value"),
    [
        ("main.active_power - pv.active_power * 0.5", (10.0, 4.0), 8.0),
        ("-main.active_power", (3.0,), -3.0),
        ("abs(main.active_power)", (-3.0,), 3.0),
        ("min(main.current, pv.current, 2)", (3.0, 2.5), 2.0),
        ("max(main.current, pv.current, 2)", (3.0, 2.5), 3.0),
        ("pv.current if main.current > 5 else 0", (6.0, 7.0), 7.0),
        ("pv.current if main.current > 5 else 0", (5.0, 7.0), 0.0),
        ("main.current > 5", (6.0,), 1.0),
        ("main.current <= 5 and pv.current != 1", (5.0, 1.0), 0.0),
        ("main.current == 5 or pv.current < 1", (5.0, 1.0), 1.0),
        ("not main.current >= 5", (4.0,), 1.0),
        ("1 + 2 * 3", (), 7.0),
    ],
)
def test_the_value_of_an_instant(text: str, values: tuple[float, ...], value: float) -> None:
    answer = at(text, *values)
    assert answer == Answer(value)
    assert isinstance(answer.value, float)


@pytest.mark.parametrize(
    ("text", "values", "reason"),
    [
        ("main.current + pv.current", (1.0, None), MISSING),
        ("pv.current if main.current > 5 else 0", (1.0, None), MISSING),  # even if not chosen
        ("main.current / pv.current", (1.0, 0.0), DIVIDED_BY_ZERO),
        ("main.current * 1e99", (1e300,), NOT_FINITE),
        ("main.current - main.current * 1e99", (1e300,), NOT_FINITE),
        ('meter("press-4").batch_id * 2', ("B-7",), NOT_A_NUMBER),
        ('meter("press-4").batch_id < 2', ("B-7",), NOT_A_NUMBER),
        ("oven.loaves * 2", (Fraction(10**400),), NOT_A_NUMBER),
    ],
)
def test_what_has_no_value_says_why(
    text: str, values: tuple[Value | None, ...], reason: str
) -> None:
    assert at(text, *values) == Answer(None, reason)


def test_a_value_that_is_watched_for_change_may_be_a_text_or_a_counter() -> None:
    assert at("press-4.batch_id", "B-7") == Answer("B-7")
    assert at("press-4.serial_number", "77") == Answer("77")
    counter = Expression("oven.loaves", KNOWN)
    exact = counter.references[0].value_of(2**60 + 1)
    assert counter.at([exact]) == Answer(Fraction(2**60 + 1, 1_000_000))
    changed = 'meter("press-4").batch_id == meter("press-4").shift'
    assert at(changed, "A", "B") == Answer(0.0)


def test_references_come_in_the_order_of_the_values() -> None:
    made = Expression("pv.current if main.current > 5 else pv.voltage * 0 / pv.voltage", KNOWN)
    assert [str(reference) for reference in made.references] == [
        "main.current",
        "pv.current",
        "pv.voltage",
    ]
    assert made.unit is not None
    assert made.unit.name == "A"
    assert made.text.startswith("pv.current if")


@pytest.mark.parametrize(
    ("text", "column", "kind"),
    [
        ("1 + main.energy_import / 2", 5, "main.energy_import is a register"),
        ('main.current * meter("press-4").serial_number', 16, "press-4.serial_number is a text"),
    ],
)
def test_a_counter_has_no_number_of_an_instant(text: str, column: int, kind: str) -> None:
    made = Expression(text, KNOWN)
    for use in (made.instantaneous, made.rate):
        with pytest.raises(ExpressionError, match=f"^column {column}: {kind} and has no number"):
            use()


@pytest.mark.parametrize(
    "text",
    ["0.30", "oven.price", "0.3 if main.active_power > 5 else 0.2", "main.power_factor * 1",
     "main.active_power / pv.active_power", "main.voltage * main.current"],
)  # fmt: skip
def test_a_rate_is_a_plain_number(text: str) -> None:
    made = Expression(text, KNOWN)
    assert made.rate() is made


def test_a_rate_in_a_unit_is_an_error() -> None:
    with pytest.raises(ExpressionError, match="this is in kW, and a rate is a plain number"):
        Expression("1 + main.active_power", KNOWN).rate()


@pytest.mark.parametrize(
    ("value", "rate"), [(0.1 + 0.2, "0.3"), (0.25, "0.25"), (1 / 3, "0.333333333"), (1e-12, "0")]
)
def test_a_rate_is_the_decimal_it_stands_for(value: float, rate: str) -> None:
    assert rate_of(value) == Decimal(rate)


@pytest.mark.parametrize(
    ("text", "wanted", "declared", "factor"),
    [
        ("main.active_power", "kW", "", "1"),
        ("main.active_power", "W", "", "1000"),
        ("main.active_power * 2", "kW", "W", "1"),  # it is in kW, whatever was declared
        ("main.voltage * main.current", "kVA", "VA", "1/1000"),
        ("main.voltage * main.current / 1000", "kVA", "", "1"),
        ("main.active_power > 5", "", "", "1"),
        ("main.active_power > 5", "furlong", "", "1"),
        ("5", "V", "kV", "1000"),
        ("main.energy_import", "MWh", "", "1/1000"),
    ],
)
def test_a_result_is_brought_to_the_unit_that_is_wanted(
    text: str, wanted: str, declared: str, factor: str
) -> None:
    assert Expression(text, KNOWN).factor_to(wanted, declared) == Fraction(factor)


@pytest.mark.parametrize(
    ("text", "wanted", "declared"),
    [
        ("main.active_power", "V", ""),
        ("main.energy_import", "kvarh", ""),
        ("main.voltage * main.current", "kW", "VA"),
    ],
)
def test_a_result_of_another_kind_is_an_error(text: str, wanted: str, declared: str) -> None:
    with pytest.raises(ExpressionError, match=f"^column 1: the result is in .* {wanted} is wanted"):
        Expression(text, KNOWN).factor_to(wanted, declared)


def test_registers_are_combined_by_their_terms() -> None:
    (term,) = Expression("main.energy_import * 0.5", KNOWN).linear()
    assert term.coefficient == Fraction(1, 2)


# -- the law: what is calculated is what Python would make of the same text ------------------

GAUGES = ("main.current", "pv.current", "hall.east.current")
numbers = st.integers(0, 99).map(str) | st.decimals("0", "9", places=2).map(str)


def _made(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.sampled_from(
        ["({} + {})", "({} - {})", "({} * {})", "({} / {})", "min({}, {})", "max({}, {})",
         "({} < {})", "({} >= {})", "({} == {})", "({} and {})", "({} or {})"]
    )  # fmt: skip
    one = st.sampled_from(["(-{})", "abs({})", "(not {})", "(+{})"])
    three = st.just("({} if {} else {})")
    return (
        st.tuples(two, parts, parts) | st.tuples(one, parts) | st.tuples(three, parts, parts, parts)
    ).map(lambda made: made[0].format(*made[1:]))


texts = st.recursive(st.sampled_from(GAUGES) | numbers, _made, max_leaves=12)


@settings(deadline=None, max_examples=300)
@given(texts, st.tuples(*[st.floats(-1e6, 1e6)] * 3))
def test_an_expression_means_what_python_means(text: str, values: tuple[float, ...]) -> None:
    names = dict(zip(GAUGES, ("a", "b", "c"), strict=True))
    said = text
    for name, short in names.items():
        said = said.replace(name, short)
    now = dict(zip(GAUGES, values, strict=True))
    made = Expression(text, KNOWN)
    answer = made.at([now[str(reference)] for reference in made.references])
    expected: Any
    try:
        expected = eval(said, {}, dict(zip("abc", values, strict=True)))
    except ZeroDivisionError:
        assert answer == Answer(None, DIVIDED_BY_ZERO)
    else:
        if isfinite(expected):
            assert answer.value == pytest.approx(float(expected), rel=1e-12, abs=1e-12)
        else:
            assert answer == Answer(None, NOT_FINITE)
