"""The entities of a bill: which there are, and what they show of its period."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from tests.sinks.home_assistant_rules import House

from meterd.sinks.home_assistant_bill import bill_sensors
from meterd.specs import BillSpec, DemandSpec, SourceSpec
from meterd.tariff import TariffSpec

PRICED = (SourceSpec("main", rate_per_kwh=Decimal("0.3")),)
ALWAYS = {"used", "projection", "peak"}
HAS: dict[str, tuple[BillSpec, set[str]]] = {
    "a bill without limits": (BillSpec("b"), ALWAYS),
    "an allowance": (BillSpec("b", allowance=Decimal(5)), ALWAYS | {"overage", "percent"}),
    "an allowance of nothing": (BillSpec("b", allowance=Decimal(0)), ALWAYS | {"overage"}),
    "a price": (BillSpec("b", sources=PRICED), ALWAYS | {"cost"}),
    "a tariff": (BillSpec("b", tariff=(TariffSpec("t", "CHF"),)), ALWAYS | {"cost"}),
}


@pytest.mark.parametrize(("bill", "keys"), HAS.values(), ids=HAS.keys())
def test_a_bill_has(bill: BillSpec, keys: set[str]) -> None:
    assert bill_sensors(bill, "period", "status").keys() == keys


def test_a_tariff_has_its_own_currency() -> None:
    bill = BillSpec("b", currency="EUR", tariff=(TariffSpec("t", "CHF"),))
    assert bill_sensors(bill, "period", "status")["cost"]["unit_of_measurement"] == "CHF"


def test_figures_are_in_the_unit_of_the_bill() -> None:
    demand = DemandSpec(quantity="kva")
    bill = BillSpec(
        "b", type="demand", demand=demand, allowance=Decimal(5), currency="USD", sources=PRICED
    )
    found = bill_sensors(bill, "period", "status")
    units = {key: one["unit_of_measurement"] for key, one in found.items()}
    assert units == {
        "used": "kVA", "projection": "kVA", "peak": "kVA", "overage": "kVA", "percent": "%",
        "cost": "USD",
    }  # fmt: skip
    energy = bill_sensors(BillSpec("b"), "period", "status")
    assert energy["used"]["unit_of_measurement"] == "kWh"
    assert energy["peak"]["unit_of_measurement"] == "kW"


PERIOD: dict[str, Any] = {"start": "2026-01-01T00:00:00Z", "cost": None}
KEPT = {
    "a figure": ("used", {"used": "12.5"}, "12.5"),
    "nothing used": ("used", {"used": "0"}, "0"),
    "not known yet": ("projection", {"projection": None}, "unavailable"),
    "absent": ("peak", {}, "unavailable"),
    "a cost": ("cost", {"cost": {"total": "3.75", "currency": "EUR"}}, "3.75"),
    "no cost": ("cost", {}, "unavailable"),
}


@pytest.mark.parametrize(("key", "period", "shown"), KEPT.values(), ids=KEPT.keys())
def test_a_figure_that_is_not_known_makes_its_entity_unavailable(
    key: str, period: dict[str, Any], shown: str
) -> None:
    entity = bill_sensors(BillSpec("b", sources=PRICED), "period", "status")[key]
    entity["state_topic"] = "period"
    kept = {"status": "online", "period": json.dumps(PERIOD | period)}
    assert House().shows(entity, kept) == shown
    assert House().shows(entity, {}) == "unavailable"
    assert House().shows(entity, kept | {"status": "offline"}) == "unavailable"


def test_what_adds_up_began_with_the_period() -> None:
    found = bill_sensors(BillSpec("b", sources=PRICED), "period", "status")
    began = {key for key, one in found.items() if "last_reset_value_template" in one}
    assert began == {"used", "cost"}
    template = found["used"]["last_reset_value_template"]
    assert House().render(template, json.dumps(PERIOD)) == PERIOD["start"]
