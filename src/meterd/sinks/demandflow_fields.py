"""Which of our fields a tenant's POWERMETER definition takes, and under which names.

Pure. A field of ours is found by the shipped name that the definition says it had, by its
id, or by a shipped label that only it has. Source: seed 000; DemandFlow, "System Fields".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import isfinite
from typing import Any, Final

import msgspec

from meterd.metering.calendar import parse_iso
from meterd.metering.powermeter import CONSUMPTION, READINGS
from meterd.shapes.meters import ENTITY, FIELDS, LEVEL
from meterd.sinks.demandflow_definition import (
    DATE,
    ENUM,
    NUMBER,
    REFERENCE,
    TEXT,
    TIME,
    TYPES,
    Target,
)

TOLD: Final = (*READINGS, *CONSUMPTION)
"""The fields that are kept up to date; nobody can edit them in DemandFlow, so they are ours.
All others are written once, when an object is created, and then belong to the tenant."""

HEAD: Final = ("entity", "level", "comboKey")
"""What every new object says first: what it is, and whose."""

_SHAPES: Final = {
    **dict.fromkeys(FIELDS, NUMBER),
    **dict.fromkeys(("name", "meterName", "description", "panelBoardRef", "model"), TEXT),
    **dict.fromkeys(("serialNumber", "ctRatio", "ptRatio", "ipAddress", "notes"), TEXT),
    "calibrationCertificate": TEXT,
    **dict.fromkeys(("meterPoint", "status", "feedPath", "meterType", "accuracyClass"), ENUM),
    **dict.fromkeys(("protocol", "verificationResult"), ENUM),
    **dict.fromkeys(("building", "floor", "room", "rack", "manufacturer", "currency"), REFERENCE),
    **dict.fromkeys(("installDate", "lastCalibrationDate", "nextCalibrationDate"), DATE),
    "lastVerificationDate": DATE,
    **dict.fromkeys(("lastReadingTime", "peakDemandDate"), TIME),
}
"""What a field of seed 000 holds, as the seed types it."""

_HOLDS: Final[dict[str | None, type | tuple[type, ...]]] = {
    NUMBER: (int, float),
    TEXT: str,
    DATE: str,
    ENUM: dict,
}
"""How a value for a field that both sides added looks, by what the field takes."""

LABELS: Final = {
    "currentKw": "Real Power (kW)",
    "currentKva": "Apparent Power (kVA)",
    "currentAmps": "Current (A)",
    "voltage": "Voltage (V)",
    "powerFactor": "Power Factor",
    "frequency": "Frequency (Hz)",
    "lastReadingTime": "Last Reading",
    "neutralCurrent": "Neutral Current (A)",
    **{f"ampsPhase{phase}": f"Phase {phase} Current (A)" for phase in "ABC"},
    **{f"voltagePhase{phase}": f"Phase {phase} Voltage (V)" for phase in "ABC"},
    **{f"kwh{day}": f"{day} (kWh)" for day in ("Today", "Yesterday")},
    **{
        f"kwh{when}{span}": f"{when} {span} (kWh)"
        for when in ("This", "Last")
        for span in ("Month", "Year")
    },
    "peakDemandKw": "Peak Demand (kW)",
    "peakDemandDate": "Peak Demand Date",
    "peakDemandKwMonth": "Monthly Peak (kW)",
    "averageDemandKw": "Average Demand (kW)",
    "costThisMonth": "This Month Cost",
    "costLastMonth": "Last Month Cost",
    "costThisYear": "This Year Cost",
}
"""The shipped labels that seed 000 tells."""


class Plan(msgspec.Struct, frozen=True):
    """What goes where. targets: seed name -> the field that takes it.

    removed: told fields that the tenant has no more. unfit: seed name -> the type it was
    given, which does not take it. required: keys that a new object must have. added: the
    tenant's own fields. assumed: it is the shipped definition, as the tenant shows none.
    """

    targets: dict[str, Target]
    removed: tuple[str, ...] = ()
    unfit: dict[str, str] = {}
    required: tuple[str, ...] = ()
    added: tuple[Target, ...] = ()
    assumed: bool = False

    @property
    def name_key(self) -> str:
        """Where an object has its name."""
        return self.targets["name"].key if "name" in self.targets else "name"

    def without(self, keys: Collection[str]) -> Plan:
        """The same, leaving out what the tenant would not take."""
        kept = {name: target for name, target in self.targets.items() if target.key not in keys}
        added = tuple(target for target in self.added if target.key not in keys)
        return msgspec.structs.replace(self, targets=kept, added=added) if keys else self


def shipped() -> Plan:
    """The definition as DemandFlow ships it (seed 000)."""
    needed = ("name", "meterPoint", "status")
    fields = [
        Target(name, "datetime" if shape == TIME else shape, required=name in needed)
        for name, shape in _SHAPES.items()
    ]
    return msgspec.structs.replace(plan_of(fields), assumed=True)


def plan_of(found: Sequence[Target]) -> Plan:
    """Where each field of ours goes in a definition of these fields."""
    places = {name: _place(name, found) for name in FIELDS}
    fitting, unfit = {}, {}
    for name, target in places.items():
        if target is not None and _fits(_SHAPES[name], TYPES.get(target.type)):
            fitting[name] = target
        elif target is not None and _SHAPES[name] != REFERENCE:
            unfit[name] = target.type
    return Plan(
        fitting,
        tuple(name for name in TOLD if places[name] is None),
        unfit,
        tuple(target.key for target in found if target.required),
        tuple(target for target in found if target not in places.values()),
    )


def _place(name: str, found: Sequence[Target]) -> Target | None:
    """By its former name; else by its id, unless that is a former other; else by its label."""
    for target in found:
        if name in target.was:
            return target
    for target in found:
        if target.key == name and not _moved(target):
            return target
    label = LABELS.get(name)
    alike = [
        target
        for target in found
        if label and _bare(target.label) == _bare(label) and target.key not in FIELDS
    ]
    return alike[0] if len(alike) == 1 and not _moved(alike[0]) else None


def _moved(target: Target) -> bool:
    """Whether it says that it was another field of the seed."""
    return any(name in FIELDS for name in target.was)


def _bare(label: str) -> str:
    return "".join(filter(str.isalnum, label)).casefold()


def _fits(shape: str, takes: str | None) -> bool:
    """We know no ids of the tenant's records; a reference of ours is at best a text."""
    return takes == TEXT if shape == REFERENCE else takes == shape


def remote(value: Any, target: Target) -> Any:
    """A value of ours as this field takes it, None if it cannot.

    An enumeration goes by its id, else by its text; a time as ISO 8601, or as epoch
    milliseconds like the system's own timestamps.
    """
    if isinstance(value, dict):
        return _choice(value, target.options)
    if isinstance(value, float) and not isfinite(value):
        return None
    if target.type == "timestamp" and value is not None:
        return parse_iso(value)
    return value


def _choice(value: Mapping[str, Any], options: Sequence[tuple[Any, str]]) -> Any:
    if not options:
        return value["id"]
    ids = [option for option, _ in options if str(option) == str(value["id"])]
    texts = [option for option, text in options if _bare(text) == _bare(value["label"])]
    return next(iter(ids + texts), None)


def new_object(
    general: Mapping[str, Any], plan: Plan, sub_id: str
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """(the body of a POST, the required keys we have nothing for).

    general: what the configuration fixes of a meter, by the seed's names, its name included;
    fields that the site itself added go to those that the tenant added under the same key.
    """
    known = {
        target.key: remote(general[name], target)
        for name, target in plan.targets.items()
        if name in general and name not in TOLD
    }
    for target in plan.added:
        value = general.get(target.key)
        if target.key not in FIELDS and isinstance(value, _HOLDS.get(TYPES.get(target.type), ())):
            known[target.key] = remote(value, target)
    known[plan.name_key] = general["name"]
    body = {key: value for key, value in known.items() if value is not None}
    missing = tuple(key for key in plan.required if key not in body)
    head = dict(zip(HEAD, (ENTITY, LEVEL, f"SUB:{sub_id}|ENT:"), strict=True))
    return {**head, **body, **head}, missing
