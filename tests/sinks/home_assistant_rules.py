"""Home Assistant as far as MQTT discovery goes: what it refuses, and what it would show.

The tables are Home Assistant 2026.2.3's own (`components/sensor/const.py`), cut down to what a
meter can measure; a combination that is not in them costs the entity.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

TOPIC = re.compile(r"(?:[\w-]+/)+device/[A-Za-z0-9_-]+/config", re.ASCII)
SHARED = ("availability", "availability_mode", "state_topic")
HEAD = {"device", "origin", "components", *SHARED}
DEVICE = {
    "identifiers", "name", "manufacturer", "model", "serial_number", "sw_version",
    "suggested_area", "via_device",
}  # fmt: skip
SENSOR = {
    "platform", "unique_id", "name", "value_template", "device_class", "state_class",
    "unit_of_measurement", "suggested_display_precision", "expire_after", "entity_category",
    "last_reset_value_template", *SHARED,
}  # fmt: skip
BINARY = {
    "platform", "unique_id", "name", "value_template", "device_class", "payload_on", "payload_off",
    "expire_after", "entity_category", "json_attributes_topic", "json_attributes_template", *SHARED,
}  # fmt: skip


def _units(words: str) -> set[str]:
    return set(words.split())


ONCE = {"measurement"}
SUMS = {"total", "total_increasing"}
CLASSES: dict[str, tuple[set[str], set[str]]] = {
    "energy": (SUMS, _units("J kJ MJ GJ mWh Wh kWh MWh GWh TWh cal kcal Mcal Gcal")),
    "reactive_energy": (SUMS, {"varh", "kvarh"}),
    "power": (ONCE, {"mW", "W", "kW", "MW", "GW", "TW"}),
    "apparent_power": (ONCE, {"mVA", "VA", "kVA"}),
    "reactive_power": (ONCE, {"mvar", "var", "kvar"}),
    "power_factor": (ONCE, {"%", ""}),
    "voltage": (ONCE, {"μV", "mV", "V", "kV", "MV"}),
    "current": (ONCE, {"mA", "A"}),
    "frequency": (ONCE, {"Hz", "kHz", "MHz", "GHz"}),
    "temperature": (ONCE, {"°C", "°F", "K"}),
    "duration": (SUMS | ONCE, {"d", "h", "min", "s", "ms", "μs"}),
    "volume": (SUMS, {"m³", "L", "mL", "gal", "fl. oz.", "ft³", "CCF", "MCF"}),
    "water": (SUMS, {"m³", "L", "gal", "ft³", "CCF", "MCF"}),
    "gas": (SUMS, {"m³", "L", "ft³", "CCF", "MCF"}),
    "volume_flow_rate": (
        ONCE,
        _units("m³/h m³/min m³/s ft³/min L/h L/min L/s gal/d gal/h gal/min mL/s"),
    ),
    "monetary": ({"total"}, {"EUR", "USD", "JPY"}),
    "timestamp": (set(), {""}),
}
"""Device class -> the state classes and the units that it takes."""


def entities(payload: bytes) -> dict[str, dict[str, Any]]:
    """The entities of a message as Home Assistant makes them; complains of what it refuses."""
    told = json.loads(payload)
    assert told.keys() <= HEAD
    assert told["device"]["identifiers"]
    assert told["device"].keys() <= DEVICE
    assert told["origin"]["name"]
    shared = {key: told[key] for key in SHARED if key in told}
    found = {}
    for key, component in told["components"].items():
        if component.keys() != {"platform"}:
            found[key] = shared | component
            _check(key, found[key])
    ids = [one["unique_id"] for one in found.values()]
    assert len(set(ids)) == len(ids)
    return found


def _check(key: str, entity: dict[str, Any]) -> None:
    assert entity["unique_id"], key
    assert entity["state_topic"], key
    for item in entity.get("availability", []):
        assert item.keys() <= {"topic", "value_template"}, key
    assert entity.get("availability_mode", "latest") in {"all", "any", "latest"}
    if entity["platform"] == "binary_sensor":
        assert entity.keys() <= BINARY, key
        assert entity["device_class"] in {"problem", "connectivity"}, key
        return
    assert entity["platform"] == "sensor", key
    assert entity.keys() <= SENSOR, key
    state_class, unit = entity.get("state_class", ""), entity.get("unit_of_measurement", "")
    assert state_class in {"", *SUMS, *ONCE}, key
    assert isinstance(entity.get("expire_after", 60), int)
    if "last_reset_value_template" in entity:
        assert state_class == "total", key
    if "device_class" in entity:
        states, units = CLASSES[entity["device_class"]]
        assert state_class in {"", *states}, (key, state_class)
        assert unit in units, (key, unit)


class House:
    """A Home Assistant in a time zone: renders templates as it does, strictly."""

    def __init__(self, timezone: str = "Europe/Berlin") -> None:
        zone = ZoneInfo(timezone)
        self._jinja = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
        self._jinja.filters["as_datetime"] = datetime.fromisoformat
        self._jinja.filters["as_local"] = lambda at: at.astimezone(zone)

    def render(self, template: str, payload: str) -> str:
        """`value_json` is there only if the payload is JSON."""
        try:
            known = {"value_json": json.loads(payload)}
        except ValueError:
            known = {}
        return self._jinja.from_string(template).render(value=payload, **known)

    def available(self, entity: dict[str, Any], kept: dict[str, str]) -> bool:
        """Whether every availability topic, as it is kept, says so. Mode `all`."""
        return all(
            self.render(one["value_template"], kept[one["topic"]]) == "online"
            if "value_template" in one and one["topic"] in kept
            else kept.get(one["topic"]) == "online"
            for one in entity.get("availability", [])
        )

    def shows(self, entity: dict[str, Any], kept: dict[str, str]) -> str:
        """The state: "unavailable", "unknown" (nothing was taken yet), or what is shown."""
        if not self.available(entity, kept):
            return "unavailable"
        payload = kept.get(entity["state_topic"], "")
        if not payload:
            return "unknown"
        state = (
            self.render(entity["value_template"], payload)
            if "value_template" in entity
            else payload
        )
        return state or "unknown"


def devices(kept: dict[str, str]) -> Iterator[tuple[str, dict[str, dict[str, Any]]]]:
    """(id, entities) of every device that a broker keeps."""
    for topic, payload in kept.items():
        if TOPIC.fullmatch(topic) and payload:
            yield topic.split("/")[-2], entities(payload.encode())
