"""Terms in words, also those that this module has never heard of."""

from __future__ import annotations

import pytest
from tests.shapes.statement.case import TERMS

from meterd.shapes.statement.words import duration, in_words, spelled


def test_the_terms_of_an_energy_bill() -> None:
    assert in_words(TERMS, "kWh") == [
        "Billed is the energy used, in kWh; a period begins on day 1.",
        "100 kWh are included in a period.",
        "Demand is measured over 15 minutes.",
        "main by its counter, 0.2871 EUR per kWh.",
        "Data may arrive until 1 day after the end of a period.",
    ]


def test_the_terms_of_a_demand_bill_with_a_tariff() -> None:
    source = {"meter": "main", "kind": "volt_ampere", "phase": "l1", "enabled": False}
    rolling = {"window_ms": 900_000, "step_ms": 300_000}
    terms = {
        "type": "demand", "billing_day": 31, "sources": [source], "demand": rolling,
        "max_source_kw": "50", "holidays": True,
        "tariff": [{"name": "office", "energy": [{"rate": "0.34"}], "x": []}], "nothing": None,
    }  # fmt: skip
    assert in_words(terms, "kW") == [
        "Billed is the highest demand, in kW; a period begins on day 31.",
        "Demand is measured over 15 minutes, anew every 5 minutes.",
        "Of one source more than 50 kW is not believed.",
        "main l1 by volts times amperes, an estimate; switched off.",
        "tariff: name office, energy rate 0.34.",
        "holidays: yes.",
    ]
    bare = {"type": "energy", "billing_day": 1, "sources": []}
    assert in_words(bare, "kWh") == ["Billed is the energy used, in kWh; a period begins on day 1."]


def test_a_source_has_no_price_of_its_own_where_the_tariff_has_one() -> None:
    source = {"meter": "main", "kind": "energy", "rate_per_kwh": "0.3"}
    for energy, price in (
        ([{"name": "e", "tiers": [{"rate": "0.2"}]}], ""),
        ([], ", 0.3 EUR per kWh"),
    ):
        tariff = [{"name": "t", "currency": "EUR", "energy": energy}]
        terms = {"type": "energy", "billing_day": 1, "sources": [source], "currency": "EUR"}
        said = in_words({**terms, "tariff": tariff}, "kWh")
        assert said[1:3] == [f"main by its counter{price}.", "Tariff t, in EUR, rounded half up."]


def test_terms_that_were_not_kept_are_not_made_up() -> None:
    assert in_words({}, "kWh") == ["The terms of this period were not kept."]


@pytest.mark.parametrize(
    ("value", "phrase"),
    [([1, 2], "1, 2"), ([{"a_b": 1}, {"c": False}], "a b 1; c no"), ("x", "x"), ([[1], 2], "1; 2")],
)
def test_any_value_is_a_phrase(value: object, phrase: str) -> None:
    assert spelled(value) == phrase


@pytest.mark.parametrize(
    ("length_ms", "phrase"),
    [
        (172_800_000, "2 days"), (3_600_000, "1 hour"), (90_000, "90 seconds"), (250, "250 ms"),
        (0, "0 ms"),
    ],
)  # fmt: skip
def test_a_duration_is_in_the_largest_unit_that_is_whole(length_ms: int, phrase: str) -> None:
    assert duration(length_ms) == phrase
