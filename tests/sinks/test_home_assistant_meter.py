"""The entities of a meter: which there are, and what they show of a state."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tests.sinks.home_assistant_rules import House

from meterd.sinks.home_assistant_meter import components, flows, number
from meterd.specs import MeterSpec, RecordSpec, RegisterSpec, SiteSpec, ThresholdSpec

COUNTER = MeterSpec(
    "main",
    units={"energy_import": "kWh", "active_power": "kW"},
    registers=(RegisterSpec("energy_import"),),
    every_ms=10_000,
)
CONSUMED = {"kwhToday", "kwhThisMonth"}


def made(spec: MeterSpec, **more: Any) -> dict[str, dict[str, Any]]:
    spec = msgspec.structs.replace(spec, **more)
    return components(spec, spec.units.keys(), "", "state")


HAS: dict[str, tuple[MeterSpec, set[str]]] = {
    "a counter of energy": (COUNTER, {"energy_import", "active_power", *CONSUMED}),
    "a counter with a price": (
        msgspec.structs.replace(COUNTER, cost_per_kwh=Decimal("0.3")),
        {"energy_import", "active_power", "costThisMonth", *CONSUMED},
    ),
    "a meter of known size": (
        msgspec.structs.replace(COUNTER, rated_kw=100.0),
        {"energy_import", "active_power", "loadPercent", *CONSUMED},
    ),
    "power that is integrated": (
        MeterSpec("p", units={"active_power": "kW"}, integrate=True),
        {"energy_import", "active_power", *CONSUMED},
    ),
    "volts and amperes": (
        MeterSpec("va", units={"voltage": "V", "current": "A"}, estimate=("",)),
        {"energy_import", "voltage", "current", *CONSUMED},
    ),
    "water": (
        MeterSpec("w", units={"volume": "m3"}, registers=(RegisterSpec("volume", unit="m3"),)),
        {"volume"},
    ),
    "a sensor of known size": (
        MeterSpec("t", units={"temperature": "degC"}, rated_kw=1.0),
        {"temperature"},
    ),
    "one that is watched": (
        MeterSpec("t", units={"temperature": "degC"}, thresholds=ThresholdSpec()),
        {"temperature", "alarms"},
    ),
    "one that is out of order": (
        MeterSpec("t", status="fault", units={"flow": "m3/h"}, thresholds=ThresholdSpec()),
        {"flow"},
    ),
}


@pytest.mark.parametrize(("spec", "keys"), HAS.values(), ids=HAS.keys())
def test_a_meter_has(spec: MeterSpec, keys: set[str]) -> None:
    assert made(spec).keys() == keys | {"time"}


@pytest.mark.parametrize(
    ("every_ms", "seconds"),
    [(0, None), (100, 60), (10_000, 60), (20_000, 60), (20_001, 61), (300_000, 900)],
)
def test_an_entity_expires_after_three_intervals_and_no_sooner_than_in_a_minute(
    every_ms: int, seconds: int | None
) -> None:
    found = made(COUNTER, every_ms=every_ms, thresholds=ThresholdSpec())
    assert {one.get("expire_after") for one in found.values()} == {seconds}


STATES = {
    "read": ('{"active_power":1.5}', "1.5"),
    "nothing used": ('{"active_power":0}', "0"),
    "fed back": ('{"active_power":-0.25}', "-0.25"),
    "null": ('{"active_power":null}', ""),
    "absent": ("{}", ""),
    "text": ('{"active_power":"?"}', ""),
}


@pytest.mark.parametrize(("state", "shown"), STATES.values(), ids=STATES.keys())
def test_a_value_that_is_absent_yields_nothing(state: str, shown: str) -> None:
    assert House().render(number("active_power"), state) == shown


def test_a_quantity_may_have_the_name_of_a_method() -> None:
    for name in ("keys", "items", "update"):
        assert House().render(number(name), json.dumps({name: 5})) == "5"
        assert House().render(number(name), "{}") == ""


RESETS = {
    "an afternoon": ("2026-07-15T13:00:00Z", "2026-07-15", "+02:00", "2026-07-01", "+02:00"),
    "after midnight": ("2026-07-31T22:00:00Z", "2026-08-01", "+02:00", "2026-08-01", "+02:00"),
    "the clocks changed": ("2026-03-29T12:00:00Z", "2026-03-29", "+01:00", "2026-03-01", "+01:00"),
}


@pytest.mark.parametrize("reset", RESETS)
def test_a_day_and_a_month_began_at_the_midnight_before_the_reading(reset: str) -> None:
    time, *began_on = RESETS[reset]
    day, month = (f"{date}T00:00:00{zone}" for date, zone in (began_on[:2], began_on[2:]))
    found, state = made(COUNTER, cost_per_kwh=Decimal(1)), json.dumps({"time": time})
    for key, began in (("kwhToday", day), ("kwhThisMonth", month), ("costThisMonth", month)):
        assert House().render(found[key]["last_reset_value_template"], state) == began


ALARMS = {
    '{"alarms":[]}': ("OFF", '{"alarms": []}'),
    '{"alarms":[{"alarm":"load"}]}': ("ON", '{"alarms": [{"alarm": "load"}]}'),
    "{}": ("", '{"alarms": []}'),
}


@pytest.mark.parametrize("state", ALARMS)
def test_an_alarm_is_a_problem_and_its_attributes_say_which(state: str) -> None:
    alarm = made(COUNTER, thresholds=ThresholdSpec())["alarms"]
    shown = tuple(
        House().render(alarm[key], state) for key in ("value_template", "json_attributes_template")
    )
    assert shown == ALARMS[state]
    assert (alarm["platform"], alarm["device_class"]) == ("binary_sensor", "problem")


def test_only_the_settled_lifetime_counter_is_one_that_always_rises() -> None:
    found = made(COUNTER, cost_per_kwh=Decimal(1))
    rising = [key for key, one in found.items() if one.get("state_class") == "total_increasing"]
    assert rising == ["energy_import"]


def test_gas_is_told_from_water_by_a_record_or_another_counter() -> None:
    volume = RegisterSpec("volume", unit="m3")
    meter = MeterSpec("m", units={"volume": "m3"}, registers=(volume,))
    for kind, flowing in (("gas", "gas"), ("water", "water"), ("", "water")):
        record = RecordSpec("r", "m", "volume", meter_type=kind)
        site = SiteSpec("hq", "UTC", meters=(meter,), records=(record,))
        found = components(meter, meter.units.keys(), flows(site, meter), "state")
        assert found["volume"]["device_class"] == flowing
    both = made(
        meter,
        units={"volume": "m3", "gas_energy": "kWh"},
        registers=(volume, RegisterSpec("gas_energy")),
    )
    assert both["volume"]["device_class"] == "gas"


def test_entities_have_names_that_people_read() -> None:
    found = made(COUNTER, units={"active_power_l1": "kW", "voltage_l12": "V", "level": "%"})
    names = [found[key]["name"] for key in ("active_power_l1", "level", "voltage_l12")]
    assert names == ["Active power L1", "Level", "Voltage L12"]
