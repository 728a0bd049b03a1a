"""The POWERMETER definition: seed 000's fields as they are shipped, and as a site has them.

Source: seed 000, "Fields": their order, panels, types, enumerations, references and labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from meterd.config.definitions import DefinitionConfig, retyped
from meterd.config.enums import is_enum, labels
from meterd.metering.powermeter import CONSUMPTION, READINGS
from meterd.shapes.meters import FIELDS, GENERAL, MAINTENANCE, THRESHOLDS
from meterd.specs import FieldSpec

PANELS: Final = ("General", "Readings", "Consumption", "Thresholds", "Maintenance")

_PANELS: Final = {
    **dict.fromkeys(FIELDS, "Consumption"),
    **dict.fromkeys(GENERAL, "General"),
    **dict.fromkeys(READINGS, "Readings"),
    **dict.fromkeys(THRESHOLDS, "Thresholds"),
    **dict.fromkeys(MAINTENANCE, "Maintenance"),
}
_REQUIRED: Final = frozenset({"name", "meterPoint", "status"})
_READONLY: Final = frozenset({*READINGS, *CONSUMPTION})
_MULTILINE: Final = frozenset({"description", "notes"})
_TARGETS: Final = {
    "building": "BUILDING", "floor": "FLOOR", "room": "ROOM", "rack": "RACK",
    "manufacturer": "VEN", "currency": "CURRENCY",
}  # fmt: skip
_TEXTS: Final = frozenset({
    "name", "meterName", "description", "panelBoardRef", "model", "serialNumber", "ctRatio",
    "ptRatio", "ipAddress", "calibrationCertificate", "notes",
})  # fmt: skip
_TIMES: Final = frozenset({"lastReadingTime", "peakDemandDate"})

_LABELS: Final = {
    "meterPoint": "Metering Point",
    "panelBoardRef": "Panel Board",
    "accuracyClass": "Accuracy Class (IEC 62053)",
    "ctRatio": "CT Ratio",
    "ptRatio": "PT Ratio",
    "ipAddress": "IP Address",
    "currentKw": "Real Power (kW)",
    "currentKva": "Apparent Power (kVA)",
    "currentAmps": "Current (A)",
    "voltage": "Voltage (V)",
    "frequency": "Frequency (Hz)",
    "loadPercent": "Load (%)",
    "lastReadingTime": "Last Reading",
    **{f"ampsPhase{phase}": f"Phase {phase} Current (A)" for phase in "ABC"},
    **{f"voltagePhase{phase}": f"Phase {phase} Voltage (V)" for phase in "ABC"},
    "phaseImbalance": "Phase Imbalance (%)",
    "neutralCurrent": "Neutral Current (A)",
    "kwhToday": "Today (kWh)",
    "kwhYesterday": "Yesterday (kWh)",
    "kwhThisMonth": "This Month (kWh)",
    "kwhLastMonth": "Last Month (kWh)",
    "kwhThisYear": "This Year (kWh)",
    "kwhLastYear": "Last Year (kWh)",
    "kwhLifetime": "Lifetime (kWh)",
    "peakDemandKw": "Peak Demand (kW)",
    "peakDemandKwMonth": "Monthly Peak (kW)",
    "averageDemandKw": "Average Demand (kW)",
    "costPerKwh": "Cost per kWh",
    "costThisMonth": "This Month Cost",
    "costLastMonth": "Last Month Cost",
    "costThisYear": "This Year Cost",
    "ratedCapacityKw": "Rated Capacity (kW)",
    "ratedCapacityAmps": "Rated Capacity (A)",
    "warningThresholdPercent": "Warning Threshold (%)",
    "criticalThresholdPercent": "Critical Threshold (%)",
    "voltageHighThreshold": "Voltage High (V)",
    "voltageLowThreshold": "Voltage Low (V)",
    "powerFactorMinThreshold": "Min Power Factor",
    "phaseImbalanceMaxPercent": "Max Phase Imbalance (%)",
    "installDate": "Installation Date",
    "lastCalibrationDate": "Last Calibration",
    "nextCalibrationDate": "Next Calibration Due",
    "calibrationIntervalMonths": "Calibration Interval (months)",
    "calibrationCertificate": "Certificate Reference",
    "lastVerificationDate": "Last Accuracy Verification",
}
"""Where the words of a field's name do not say it."""


def snake(code: str) -> str:
    """ratedCapacityKw -> rated_capacity_kw, as the configuration file writes it."""
    return re.sub("[A-Z]", lambda match: f"_{match[0].lower()}", code)


def _shipped(code: str) -> FieldSpec:
    key = snake(code)
    kind = "number"
    if code in _TEXTS:
        kind = "text"
    elif is_enum(key):
        kind = "enum"
    elif code in _TARGETS:
        kind = "reference"
    elif _PANELS[code] == "Maintenance" and code.endswith("Date"):
        kind = "date"
    elif code in _TIMES:
        kind = "datetime"
    return FieldSpec(
        code=code,
        source=code,
        label=_LABELS.get(code) or key.replace("_", " ").title(),
        type=kind,
        panel=_PANELS[code],
        required=code in _REQUIRED,
        readonly=code in _READONLY,
        multiline=code in _MULTILINE,
        options=labels(key) if kind == "enum" else (),
        target=_TARGETS.get(code, ""),
    )


SHIPPED: Final = {code: _shipped(code) for code in FIELDS}
"""Seed 000's definition, by the fields' names, in its order."""


def fields_of(changes: DefinitionConfig) -> tuple[FieldSpec, ...]:
    """The definition of a site, panel by panel, its own fields last in theirs.

    Only for changes without errors.
    """
    known = [*SHIPPED.values(), *added(changes)]
    kept = [_changed(field, changes) for field in known if field.source not in changes.remove]
    return tuple(sorted(kept, key=lambda field: PANELS.index(field.panel)))


def added(changes: DefinitionConfig) -> Iterator[FieldSpec]:
    """The fields of the site's own, as they are added."""
    for code, field in changes.add.items():
        yield FieldSpec(
            code=code,
            source=code,
            label=field.label or code,
            type=field.type,
            panel=field.panel,
            required=field.required,
            options=field.options,
            target=field.to or "",
            added=True,
        )


def _changed(field: FieldSpec, changes: DefinitionConfig) -> FieldSpec:
    source = field.source
    wanted = (field.required or source in changes.require) and source not in changes.optional
    field = msgspec.structs.replace(field, code=changes.rename.get(source, source), required=wanted)
    if source not in changes.retype:
        return field
    new = retyped(changes.retype[source])
    return msgspec.structs.replace(
        field, type=new.type, options=new.options, target=new.to or "", was=field.type
    )
