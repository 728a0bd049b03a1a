"""Home Assistant's MQTT discovery: which devices there are and which entities they have.

One device per meter, per bill and for the daemon, each one retained message on
`<prefix>/device/<id>/config`. Pure: when and how it is said is the announcer's business.
Only what a meter turns out to read becomes an entity, and a template yields nothing where a
value is absent, so that no entity shows 0 or `unknown` for want of a reading.
Source: Home Assistant 2026.2, `components/mqtt/discovery.py` and `components/mqtt/schemas.py`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple

import msgspec

from meterd.sinks import home_assistant_meter as of_meter
from meterd.sinks.home_assistant_bill import bill_sensors
from meterd.sinks.home_assistant_meter import Components
from meterd.sinks.mqtt_messages import availability_topic, period_topic, state_topic, status_topic
from meterd.specs import BillSpec, MeterSpec, SiteSpec

DISCOVERY: Final = "/config"
"""How a topic ends on which a device is announced."""

_UNREAD: Final = frozenset({"planned", "decommissioned"})
"""Meters of these states say nothing, so nothing is announced."""
_FACTS: Final = {"manufacturer": "manufacturer", "model": "model", "serialNumber": "serial_number"}
_ODD: Final = re.compile(r"[^A-Za-z0-9_-]")

Encoded = dict[str, msgspec.Raw]
Shown = Mapping[str, Collection[str]]
"""Of meters that have spoken: the quantities they have had a value of so far."""


class Scheme(NamedTuple):
    """How a broker is told. root: `<topic>/<site>`. version: the daemon's."""

    prefix: str
    root: str
    version: str


class Device(NamedTuple):
    """One message. components: entities by key, as JSON. spare: those that stay if the broker
    knows them already.
    """

    topic: str
    head: dict[str, Any]
    components: Encoded
    spare: Encoded = {}

    def payload(self, held: bytes = b"") -> bytes:
        """What to publish where the broker holds `held`; the same again, if nothing changed.

        Home Assistant removes an entity only when it is told to, so what the old message had
        and this one has not stays in it as the removal that it is.
        """
        before = _platforms(held)
        kept = {key: self.spare[key] for key in before if key in self.spare}
        now = self.components | kept
        gone = {key: _encoded({"platform": was}) for key, was in before.items() if key not in now}
        return msgspec.json.encode(self.head | {"components": now | gone}, order="sorted")


def discovery(
    site: SiteSpec, scheme: Scheme, shown: Shown, currencies: Mapping[str, str] | None = None
) -> list[Device]:
    """Every device of the site: the daemon, then its meters and bills.

    currencies: of the bills' open periods, which may be another than they will have.
    """
    paid = currencies or {}
    meters = [_meter(site, spec, scheme, shown) for spec in site.meters if _is_read(spec)]
    bills = [_bill(spec, scheme, paid.get(spec.name, "")) for spec in site.bills]
    return [_daemon(site, scheme), *meters, *bills]


def identity(root: str, *parts: str) -> str:
    """A name of the letters that Home Assistant takes, never the same for two things."""
    plain = "_".join((root.replace("/", "_"), *parts))
    safe = _ODD.sub("_", plain)
    return safe if safe == plain else f"{safe}_{sha256(plain.encode()).hexdigest()[:8]}"


def _can_read(spec: MeterSpec, declared: set[str], shown: Shown) -> set[str]:
    """What it has shown that it can read; what it declares, until it has spoken.

    One that declares nothing takes whatever it is given, so only time tells.
    """
    if spec.name in shown:
        return declared & set(shown[spec.name])
    return set() if declared >= of_meter.EVERYTHING else declared


def _is_read(spec: MeterSpec) -> bool:
    return spec.status not in _UNREAD


def _daemon(site: SiteSpec, scheme: Scheme) -> Device:
    """The daemon: whether it is there, and which one it is."""
    id_, status = identity(scheme.root), status_topic(scheme.root)
    diagnostic = {"entity_category": "diagnostic", "state_topic": status}
    components: Components = {
        "status": {
            "platform": "binary_sensor", "name": "Status", "device_class": "connectivity",
            "payload_on": "online", "payload_off": "offline", **diagnostic,
        },
        "version": {
            "platform": "sensor", "name": "Version", "availability": [{"topic": status}],
            "value_template": f"{{{{ '{scheme.version}' }}}}", **diagnostic,
        },
    }  # fmt: skip
    device = {"name": f"meterd {site.name}", "manufacturer": "meterd", "model": "Metering daemon"}
    head = _head(scheme, id_, device | {"sw_version": scheme.version})
    return Device(_topic(scheme, id_), head, _named(id_, components))


def _meter(site: SiteSpec, spec: MeterSpec, scheme: Scheme, shown: Shown) -> Device:
    id_ = identity(scheme.root, "meter", spec.name)
    topic = state_topic(scheme.root, spec.name)
    flows = of_meter.flows(site, spec)
    declared = spec.units.keys() - of_meter.UNSEEN - set(spec.texts)
    readable = _can_read(spec, declared, shown)
    there = [status_topic(scheme.root), availability_topic(scheme.root, spec.name)]

    def named(quantities: Collection[str]) -> Encoded:
        found = of_meter.components(spec, quantities, flows, topic)
        return _named(id_, of_meter.known(found, there, topic))

    every = now = named(declared)
    if readable != declared:
        now = named(readable)
    general = spec.general
    device: dict[str, Any] = {"name": general.get("meterName") or spec.name}
    device |= {key: str(general[field]) for field, key in _FACTS.items() if general.get(field)}
    area = general.get("room") or general.get("building")
    if area:
        device["suggested_area"] = str(area)
    head = _head(scheme, id_, device) | _available(*there) | {"state_topic": topic}
    return Device(_topic(scheme, id_), head, now, {k: every[k] for k in every if k not in now})


def _bill(spec: BillSpec, scheme: Scheme, currency: str) -> Device:
    id_ = identity(scheme.root, "bill", spec.name)
    topic, status = period_topic(scheme.root, spec.name), status_topic(scheme.root)
    components = bill_sensors(spec, topic, status, currency)
    device = {"name": f"Bill {spec.name}", "manufacturer": "meterd", "model": f"Bill, {spec.type}"}
    head = _head(scheme, id_, device) | _available(status) | {"state_topic": topic}
    return Device(_topic(scheme, id_), head, _named(id_, components))


def _topic(scheme: Scheme, id_: str) -> str:
    return f"{scheme.prefix}/device/{id_}{DISCOVERY}"


def _head(scheme: Scheme, id_: str, device: dict[str, str]) -> dict[str, Any]:
    """What every message begins with; all devices but the daemon's are behind the daemon."""
    whole = {"identifiers": [id_], **device}
    if id_ != identity(scheme.root):
        whole["via_device"] = identity(scheme.root)
    return {
        "device": whole,
        "origin": {"name": "meterd", "sw_version": scheme.version},
    }


def _available(*topics: str) -> dict[str, Any]:
    return {"availability": [{"topic": topic} for topic in topics], "availability_mode": "all"}


def _named(id_: str, components: Components) -> Encoded:
    """Components with the ids by which Home Assistant knows their entities for ever."""
    named = components.items()
    return {key: _encoded({**one, "unique_id": f"{id_}_{key}"}) for key, one in named}


def _encoded(component: dict[str, Any]) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(component))


class _Component(msgspec.Struct):
    platform: str


class _Told(msgspec.Struct):
    components: dict[str, _Component]


def _platforms(held: bytes) -> dict[str, str]:
    """The components of a message that the broker holds; none if it is not one of ours."""
    try:
        told = msgspec.json.decode(held, type=_Told)
    except msgspec.DecodeError:
        return {}
    return {key: one.platform for key, one in told.components.items()}
