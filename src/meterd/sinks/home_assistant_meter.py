"""The entities of a meter: what it reads, its lifetime counters, consumption and alarms."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, Final

from meterd.sinks.home_assistant_sensors import (
    TOTAL,
    Kind,
    gauge,
    money,
    percent,
    register,
)
from meterd.specs import MeterSpec, SiteSpec
from meterd.units import GAUGES, REGISTERS, TEXTS

Components = dict[str, dict[str, Any]]
UNSEEN: Final = frozenset({*TEXTS, "uptime"})
"""Facts about the device, which the state of a meter does not carry as quantities."""
EVERYTHING: Final = frozenset({*REGISTERS, *GAUGES}) - UNSEEN
"""What a meter that declares nothing may be given."""

ENERGY: Final = "energy_import"
GAS: Final = "gas"
EXPIRE_LEAST_S: Final = 60
EXPIRE_TIMES: Final = 3
"""An entity is unavailable when nothing was told for three intervals, but at least a minute."""

QUANTITIES_MAX: Final = 1_000
"""Gauges remembered: a thousand meters read the same few dozen."""

_LOCAL: Final = "{{ (value_json.time | as_datetime | as_local).replace("
_MIDNIGHT: Final = "hour=0, minute=0, second=0, microsecond=0).isoformat() }}"
_DAY: Final = _LOCAL + _MIDNIGHT
_MONTH: Final = _LOCAL + "day=1, " + _MIDNIGHT
"""When a figure of a day or month began: at the midnight before its reading. Not from the
clock, because at midnight the state is still yesterday's."""
_CONSUMPTION: Final = {
    "kwhToday": ("Energy today", _DAY),
    "kwhThisMonth": ("Energy this month", _MONTH),
}
FIGURES: Final = frozenset({*_CONSUMPTION, "costThisMonth"})
"""What a meter has used since then, which is known from its second reading on."""
_ALARM: Final = (
    "{{ ('ON' if value_json.alarms else 'OFF') if value_json.alarms is defined else '' }}"
)
_ALARMS: Final = "{{ {'alarms': value_json.alarms | default([])} | tojson }}"


def components(
    spec: MeterSpec, quantities: Collection[str], flows: str, state_topic: str
) -> Components:
    """Entities by key. quantities: those it can read. flows: as `flows` has it."""
    registers = {one.quantity: one.unit for one in spec.registers}
    counters = {name: unit for name, unit in registers.items() if name in quantities}
    if ENERGY not in registers and (spec.integrate or spec.estimate):
        counters[ENERGY] = ""
    found: Components = {}
    for name in sorted(set(quantities) - counters.keys()):
        found[name] = _read(name, spec.units[name])
    metered = GAS if "gas_energy" in counters else flows
    for name, unit in counters.items():
        found[name] = sensor(_label(name), register(name, unit, metered), number(name))
    if ENERGY in counters:
        found |= _consumption(spec)
    if spec.rated_kw and "active_power" in quantities:
        found["loadPercent"] = sensor("Load", percent(), number("loadPercent"))
    found["time"] = sensor("Last reading", Kind(device_class="timestamp"), "{{ value_json.time }}")
    found["time"]["entity_category"] = "diagnostic"
    if spec.thresholds is not None and spec.status == "active":
        found["alarms"] = _alarms(state_topic)
    expires = _expire_after(spec)
    return {key: one | expires for key, one in found.items()}


@lru_cache(maxsize=QUANTITIES_MAX)
def _read(name: str, declared: str) -> dict[str, Any]:
    return sensor(_label(name), gauge(name, declared), number(name))


def flows(site: SiteSpec, spec: MeterSpec) -> str:
    """What flows through a meter, by the type that a meter record gives it: gas, or water."""
    types = {one.meter_type for one in site.records if one.meter == spec.name}
    return GAS if GAS in types else ""


def sensor(name: str, kind: Kind, template: str) -> dict[str, Any]:
    """A sensor whose state is what the template yields."""
    return {"platform": "sensor", "name": name, "value_template": template, **kind.options()}


def number(field: str) -> str:
    """A field of the state that is a number; nothing where it is null or absent."""
    # A name that a dictionary has a method of would yield the method.
    path = f"value_json['{field}']" if hasattr(dict, field) else f"value_json.{field}"
    return f"{{{{ {path} if {path} is number else '' }}}}"


def known(found: Components, there: Sequence[str], state_topic: str) -> Components:
    """The same, each figure of a day or month available while it is known: one reading alone
    has used nothing, and a meter that is read by hand has no second one for weeks.

    there: the topics by which the meter is available.
    """
    for field in found.keys() & FIGURES:
        template = f"{{{{ 'online' if value_json.{field} is number else 'offline' }}}}"
        own = {"topic": state_topic, "value_template": template}
        found[field]["availability"] = [*({"topic": topic} for topic in there), own]
        found[field]["availability_mode"] = "all"
    return found


def _consumption(spec: MeterSpec) -> Components:
    """Energy of the day and the month, and what the month costs if there is a price."""
    found: Components = {}
    for field, (name, began) in _CONSUMPTION.items():
        kind = register(ENERGY, "")._replace(state_class=TOTAL)
        found[field] = sensor(name, kind, number(field)) | {"last_reset_value_template": began}
    if spec.cost_per_kwh is not None or spec.tariff:
        cost = sensor("Cost this month", money(spec.currency), number("costThisMonth"))
        found["costThisMonth"] = cost | {"last_reset_value_template": _MONTH}
    return found


def _alarms(state_topic: str) -> dict[str, Any]:
    """Whether any alarm stands; which ones is in its attributes."""
    return {
        "platform": "binary_sensor",
        "name": "Alarm",
        "device_class": "problem",
        "value_template": _ALARM,
        "json_attributes_topic": state_topic,
        "json_attributes_template": _ALARMS,
    }


def _expire_after(spec: MeterSpec) -> dict[str, int]:
    """None for a meter that is read when somebody comes by, or sends when it likes."""
    if not spec.every_ms:
        return {}
    seconds = -(-EXPIRE_TIMES * spec.every_ms // 1000)
    return {"expire_after": max(EXPIRE_LEAST_S, seconds)}


def _label(quantity: str) -> str:
    """active_power_l1 -> Active power L1."""
    words = quantity.split("_")
    words = [word.upper() if word[0] == "l" and word[1:].isdecimal() else word for word in words]
    return " ".join((words[0].capitalize(), *words[1:]))
