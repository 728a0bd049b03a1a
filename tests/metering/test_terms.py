"""Usage expressions: sums of registers, exact to the joule; all else says why it is none."""

import re
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.metering.named import KNOWN

from meterd.metering.grammar import parse
from meterd.metering.operands import ExpressionError
from meterd.metering.terms import Term, portion, terms


def found(text: str) -> dict[str, str]:
    return {f"{t.meter}.{t.quantity}": str(t.coefficient) for t in terms(parse(text, KNOWN))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rack-12.energy_import", {"rack-12.energy_import": "1"}),
        (
            "main.energy_import - pv.energy_import * 0.98",
            {"main.energy_import": "1", "pv.energy_import": "-49/50"},
        ),
        (
            "0.1 * (2 * main.energy_import - (pv.energy_import - main.energy_import) / 3)",
            {"main.energy_import": "7/30", "pv.energy_import": "-1/30"},
        ),
        ("-water_1.volume / (1 + 2)", {"water_1.volume": "-1/3"}),
        ("(2 - 3) * -1 * oven.loaves", {"oven.loaves": "1"}),
        (
            "main.energy_import + pv.energy_import - main.energy_import",
            {"pv.energy_import": "1"},
        ),
    ],
)
def test_a_sum_of_registers(text: str, expected: dict[str, str]) -> None:
    assert found(text) == expected


def test_a_term_is_coefficient_meter_and_quantity() -> None:
    assert terms(parse("water_1.volume / 3", KNOWN)) == (Term(Fraction(1, 3), "water_1", "volume"),)


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("main.energy_import + 5", 22, "a constant has no part in what was counted"),
        ("5 - main.energy_import", 1, "a constant has no part in what was counted"),
        ("main.energy_import + 0", 22, "a constant has no part in what was counted"),
        (
            "main.energy_import * pv.energy_import",
            22,
            "a product of two counters is not what they counted",
        ),
        ("1 / main.energy_import", 5, "what a counter divides is not what was counted"),
        ("main.energy_import / (1 - 1)", 23, "a division by zero"),
        (
            "1 * max(main.energy_import, pv.energy_import)",
            5,
            '"max" of counters is not what they counted',
        ),
        ("abs(main.energy_import)", 1, '"abs" of counters is not what they counted'),
        (
            "main.energy_import if 1 else pv.energy_import",
            1,
            '"if" of counters is not what they counted',
        ),
        ("main.energy_import > 1", 1, '">" of counters is not what they counted'),
        (
            "main.energy_import + 0 * main.active_power",
            26,
            "main.active_power is a gauge and counts nothing",
        ),
        ("press-4.serial_number", 1, "press-4.serial_number is a text and counts nothing"),
        ("2 * 3", 1, "no counter has a part in it"),
        ("main.energy_import - main.energy_import", 1, "no counter has a part in it"),
        ("0 * main.energy_import", 1, "no counter has a part in it"),
    ],
)
def test_what_is_not_linear_is_told_where_it_stands(text: str, column: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        found(text)
    assert (caught.value.column, caught.value.message) == (column, message)
    assert caught.value.remedy


REGISTERS = ("main.energy_import", "pv.energy_import", "chillers.energy_import")
literals = st.decimals("-9", "9", places=2).map(lambda number: f"({number})")


def _pairs(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    between = st.sampled_from(["({} + {})", "({} - {})"])
    scaled = st.tuples(st.sampled_from(["{} * {}", "{1} * {0}"]), parts, literals)
    divided = st.tuples(st.just("{} / {}"), parts, literals.filter(lambda t: float(t[1:-1]) != 0))
    pair = st.tuples(between, parts, parts) | scaled | divided
    return pair.map(lambda made: made[0].format(*made[1:])) | parts.map(lambda part: f"(-{part})")


sums = st.recursive(st.sampled_from(REGISTERS), _pairs, max_leaves=8)


@settings(deadline=None)
@given(sums, st.tuples(*[st.integers(0, 10**15)] * 3))
def test_the_terms_are_worth_what_the_text_says(text: str, amounts: tuple[int, ...]) -> None:
    values = {name: f"({amount})" for name, amount in zip(REGISTERS, amounts, strict=True)}
    said = text
    for name, value in values.items():
        said = said.replace(name, value)
    try:
        made = terms(parse(text, KNOWN))
    except ExpressionError as error:
        made, reason = (), error.message
    else:
        reason = ""
    counted = sum(
        term.coefficient * int(values[f"{term.meter}.{term.quantity}"][1:-1]) for term in made
    )
    assert counted == _exactly(said)
    assert reason in ("", "no counter has a part in it")


def _exactly(text: str) -> Fraction:
    """Python's own reading of an arithmetic text, over fractions."""
    whole = re.sub(r"(\d+(?:\.\d+)?(?:E[-+]?\d+)?)", r'Fraction("\1")', text)
    result: Fraction = eval(whole, {"Fraction": Fraction})
    return result


@given(
    st.fractions(min_value=-5, max_value=5, max_denominator=1000),
    st.lists(st.integers(0, 10**15), max_size=30),
)
def test_portions_lose_nothing(coefficient: Fraction, amounts: list[int]) -> None:
    carry = given_out = 0
    for amount in amounts:
        whole, carry = portion(coefficient, amount, carry)
        given_out += whole
    exact = coefficient * sum(amounts)
    assert exact - given_out == Fraction(carry, coefficient.denominator)
    assert 0 <= exact - given_out < 1
