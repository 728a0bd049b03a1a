"""What Home Assistant is told of a site, by its own rules."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tests.sinks.home_assistant_rules import TOPIC, House, entities

from meterd.sinks.home_assistant import Device, Scheme, discovery, identity
from meterd.specs import BillSpec, MeterSpec, RegisterSpec, SiteSpec, SourceSpec, ThresholdSpec
from meterd.units import GAUGES, REGISTERS, UNITS

SCHEME = Scheme("homeassistant", "meterd/hq", "1.2.3")
MAIN = MeterSpec(
    "main",
    units={"energy_import": "kWh", "active_power": "kW", "power_factor": "ratio", "uptime": "s"},
    registers=(RegisterSpec("energy_import"),),
    every_ms=10_000,
)
EVERYTHING = {**GAUGES, **REGISTERS}
OPEN = MeterSpec(
    "clip",
    units=EVERYTHING,
    registers=tuple(RegisterSpec(name, unit=unit) for name, unit in REGISTERS.items()),
)
BILL = BillSpec("tenant", allowance=Decimal(100), sources=(SourceSpec("main"),))


def site(*meters: MeterSpec, bills: tuple[BillSpec, ...] = ()) -> SiteSpec:
    return SiteSpec("hq", "UTC", meters=meters, bills=bills)


def told(device: Device, held: bytes = b"") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(device.payload(held))
    return found


def changed(spec: MeterSpec, **more: Any) -> MeterSpec:
    return msgspec.structs.replace(spec, **more)


def test_there_is_a_device_for_the_daemon_every_meter_and_every_bill() -> None:
    found = discovery(site(MAIN, bills=(BILL,)), SCHEME, {})
    assert [device.topic for device in found] == [
        "homeassistant/device/meterd_hq/config",
        "homeassistant/device/meterd_hq_meter_main/config",
        "homeassistant/device/meterd_hq_bill_tenant/config",
    ]
    assert [told(device)["device"].get("via_device") for device in found] == [
        None, "meterd_hq", "meterd_hq",
    ]  # fmt: skip
    assert all(told(one)["origin"] == {"name": "meterd", "sw_version": "1.2.3"} for one in found)


def test_home_assistant_takes_every_unit_we_have_on_every_kind_of_point() -> None:
    for name, unit in UNITS.items():
        own = MeterSpec("m", units={"own": name})
        if unit.dimension in {"energy", "reactive_energy", "apparent_energy", "volume", "count"}:
            summed = changed(own, registers=(RegisterSpec("own", unit=name),))
            entities(discovery(site(summed), SCHEME, {})[1].payload())
        entities(discovery(site(own), SCHEME, {})[1].payload())


def test_home_assistant_takes_everything_a_meter_can_be_given() -> None:
    given = changed(
        OPEN, cost_per_kwh=Decimal("0.3"), rated_kw=10.0, thresholds=ThresholdSpec(), every_ms=1
    )
    device = discovery(site(given), SCHEME, {"clip": EVERYTHING})[1]
    found = entities(device.payload())
    assert found.keys() - {"time", "alarms", "loadPercent"} - {"uptime"} == EVERYTHING.keys() - {
        "uptime"
    } | {"kwhToday", "kwhThisMonth", "costThisMonth"}
    assert device.spare == {}


@pytest.mark.parametrize("status", ["planned", "decommissioned"])
def test_a_meter_that_is_not_read_is_not_announced(status: str) -> None:
    assert len(discovery(site(changed(MAIN, status=status)), SCHEME, {})) == 1


def test_a_meter_is_available_while_the_daemon_and_the_meter_are() -> None:
    meter = told(discovery(site(MAIN), SCHEME, {})[1])
    assert meter["availability_mode"] == "all"
    assert meter["availability"] == [
        {"topic": "meterd/hq/status"},
        {"topic": "meterd/hq/meters/main/availability"},
    ]
    assert meter["state_topic"] == "meterd/hq/meters/main/state"


@pytest.mark.parametrize(
    ("state", "shown"), [('{"kwhToday":0.0}', "online"), ('{"energy_import":5.0}', "offline")]
)
def test_what_a_day_has_used_is_available_from_the_second_reading_on(
    state: str, shown: str
) -> None:
    entity = entities(discovery(site(changed(MAIN)), SCHEME, {})[1].payload())["kwhToday"]
    *there, own = entity["availability"]
    assert [one["topic"] for one in there] == [
        "meterd/hq/status", "meterd/hq/meters/main/availability",
    ]  # fmt: skip
    assert own["topic"] == "meterd/hq/meters/main/state"
    assert House().render(own["value_template"], state) == shown


def test_a_device_is_called_what_people_call_it_and_stands_in_its_room() -> None:
    general = {
        "meterName": "Main feed", "manufacturer": "Eastron", "model": "SDM630",
        "serialNumber": "21340017", "building": "a", "room": 101,
    }  # fmt: skip
    meter = told(discovery(site(changed(MAIN, general=general)), SCHEME, {})[1])
    assert meter["device"] == {
        "identifiers": ["meterd_hq_meter_main"],
        "name": "Main feed",
        "manufacturer": "Eastron",
        "model": "SDM630",
        "serial_number": "21340017",
        "suggested_area": "101",
        "via_device": "meterd_hq",
    }


NAMES = {
    "one site": (("meterd/hq", "meter", "main"), "meterd_hq_meter_main"),
    "another root": (("plant/power/hq", "meter", "main"), "plant_power_hq_meter_main"),
    "a dot": (("meterd/hq", "meter", "a.b"), "meterd_hq_meter_a_b_"),
}


@pytest.mark.parametrize(("parts", "begins"), NAMES.values(), ids=NAMES.keys())
def test_ids_are_of_letters_that_home_assistant_takes(parts: tuple[str, ...], begins: str) -> None:
    assert identity(*parts).startswith(begins)
    assert TOPIC.fullmatch(f"homeassistant/device/{identity(*parts)}/config")


def test_names_that_look_alike_have_ids_that_do_not() -> None:
    names = ("a.b", "a_b", "a..b", "a._b", "a-b")
    assert len({identity("meterd/hq", "meter", name) for name in names}) == len(names)


def test_what_the_broker_holds_already_is_the_same_again() -> None:
    for device in discovery(site(MAIN, bills=(BILL,)), SCHEME, {}):
        assert device.payload(device.payload()) == device.payload()


def test_a_quantity_that_is_read_no_more_is_taken_away_and_may_come_back() -> None:
    before = discovery(site(MAIN), SCHEME, {})[1].payload()
    less = changed(MAIN, units={"energy_import": "kWh"})
    device = discovery(site(less), SCHEME, {})[1]
    now = device.payload(before)
    gone = {k: v for k, v in json.loads(now)["components"].items() if len(v) == 1}
    assert gone == {key: {"platform": "sensor"} for key in ("active_power", "power_factor")}
    assert device.payload(now) == now, "told once"
    assert discovery(site(MAIN), SCHEME, {})[1].payload(now) == before


def test_what_is_not_ours_on_the_topic_is_simply_replaced() -> None:
    device = discovery(site(MAIN), SCHEME, {})[1]
    for held in (b"", b"?", b"[]", b'{"components":{"a":{}}}'):
        assert device.payload(held) == device.payload()


def test_a_meter_that_declares_nothing_is_announced_as_it_turns_out() -> None:
    shy, known = (
        discovery(site(OPEN), SCHEME, shown)[1] for shown in ({}, {"clip": {"volume", "flow"}})
    )
    assert entities(shy.payload()).keys() == {"time"}
    assert entities(known.payload()).keys() == {"time", "volume", "flow"}
    kept = entities(shy.payload(known.payload()))
    assert kept.keys() == {"time", "volume", "flow"}, "what was seen in an earlier run stays"


def test_what_a_meter_turns_out_not_to_read_is_not_announced() -> None:
    silent, spoken = (
        discovery(site(MAIN), SCHEME, shown)[1] for shown in ({}, {"main": {"active_power"}})
    )
    assert {"active_power", "power_factor"} <= entities(silent.payload()).keys()
    assert "power_factor" not in entities(spoken.payload())
    assert spoken.payload(silent.payload()) == silent.payload(), "what was announced stays"


def test_the_daemon_says_whether_it_is_there_and_which_version_it_is() -> None:
    found = entities(discovery(site(), SCHEME, {})[0].payload())
    assert found["status"]["device_class"] == "connectivity"
    assert "availability" not in found["status"], "it shows that it is off, not that it is unknown"
    assert found["version"]["value_template"] == "{{ '1.2.3' }}"
