"""Topics and states: what is told of a meter and of an open period, without a broker."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from meterd.sinks.mqtt_messages import meter_state, open_period, retained_topics
from meterd.views import BillView, MeterView

NOON_MS = 1_767_268_800_000


def view(**more: Any) -> MeterView:
    said: dict[str, Any] = {
        "meter": "main",
        "online": True,
        "at_ms": NOON_MS,
        "quality": "good",
        "fields": {},
        "quantities": {},
        "totals": {},
        "unbilled": {},
    }
    return MeterView(**(said | more))


def test_a_state_has_the_seeds_fields_and_every_quantity_under_its_own_name() -> None:
    state = meter_state(
        view(
            fields={"currentKw": 1.5, "voltage": 230.1, "kwhToday": Decimal("7.10"), "note": None},
            quantities={"active_power": 1.5, "voltage": 230.1, "temperature": 21.0},
            totals={"energy_import": 3_600_000 * 12, "volume": 1_234, "count": 5_000_000},
        ),
        {},
    )
    assert state == (
        b'{"time":"2026-01-01T12:00:00Z","quality":"good","currentKw":1.5,"voltage":230.1,'
        b'"kwhToday":7.10,"active_power":1.5,"temperature":21.0,'
        b'"energy_import":12.000,"volume":0.001234,"count":5.000}'
    )


@pytest.mark.parametrize(
    ("joules", "text"),
    [(0, "0.000"), (3_600_000, "1.000"), (360_000, "0.100"), (3600, "0.001"), (360, "0.0001")],
)
def test_a_lifetime_register_is_exact_with_three_decimals_at_least(joules: int, text: str) -> None:
    state = meter_state(view(totals={"energy_import": joules}), {})
    assert state is not None
    assert state.endswith(f'"energy_import":{text}}}'.encode())


def test_a_register_of_the_users_own_is_told_in_its_unit_or_not_at_all() -> None:
    totals = {"night": 3_600_000, "unheard_of": 1}
    state = meter_state(view(totals=totals), {"night": "Wh"})
    assert state is not None
    assert json.loads(state)["night"] == 1000
    assert b"unheard_of" not in state


def test_a_meter_that_never_spoke_has_no_state() -> None:
    assert meter_state(view(at_ms=None), {}) is None


def test_a_value_that_is_no_number_is_null() -> None:
    state = meter_state(view(quantities={"flow": float("nan")}), {})
    assert state is not None
    assert json.loads(state)["flow"] is None


def test_the_open_period_is_the_newest_and_keeps_exact_strings() -> None:
    periods = [{"status": "closing", "used": "9"}, {"status": "open", "used": Decimal("0.10")}]
    body = {"name": "tenant-a", "type": "energy", "unit": "kWh", "periods": periods}
    assert open_period(BillView("tenant-a", body)) == (
        b'{"bill":"tenant-a","type":"energy","unit":"kWh","status":"open","used":"0.10"}'
    )


@pytest.mark.parametrize("body", [{}, {"periods": []}])
def test_a_bill_without_a_period_says_nothing(body: dict[str, Any]) -> None:
    assert open_period(BillView("tenant-a", body)) is None


def test_the_retained_topics_are_those_of_the_site_its_meters_and_its_bills() -> None:
    assert retained_topics("m/hq", ["main"], ["tenant-a"]) == {
        "m/hq/status",
        "m/hq/meters/main/state",
        "m/hq/meters/main/availability",
        "m/hq/bills/tenant-a/period",
    }
