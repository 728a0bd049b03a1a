"""A meter as seed 000's POWERMETER, by the seed's names, and with all else that it said.

The POWERMETER carries JSON numbers, as the seed types it; totals are exact, as strings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from meterd.metering.powermeter import CONSUMPTION, ESTIMATED_NEUTRAL, READINGS
from meterd.records.ulid import dashed, named_ulid
from meterd.shapes.definition import defined, field_row
from meterd.shapes.whole import alarms
from meterd.specs import FieldSpec, MeterSpec
from meterd.units import SUMMED, UNITS, canonical_unit, shown
from meterd.views import MeterView

ENTITY: Final = "POWERMETER"
LEVEL: Final = 277
DEFINITION: Final = "DEFINITION"

GENERAL: Final = (
    "name", "meterName", "meterPoint", "status", "description", "building", "floor", "room",
    "rack", "panelBoardRef", "feedPath", "manufacturer", "model", "serialNumber", "meterType",
    "accuracyClass", "ctRatio", "ptRatio", "protocol", "ipAddress",
)  # fmt: skip
_BEFORE_COSTS: Final = CONSUMPTION.index("costThisMonth")
THRESHOLDS: Final = (
    "ratedCapacityKw", "ratedCapacityAmps", "warningThresholdPercent",
    "criticalThresholdPercent", "voltageHighThreshold", "voltageLowThreshold",
    "powerFactorMinThreshold", "phaseImbalanceMaxPercent",
)  # fmt: skip
MAINTENANCE: Final = (
    "installDate", "lastCalibrationDate", "nextCalibrationDate", "calibrationIntervalMonths",
    "calibrationCertificate", "lastVerificationDate", "verificationResult", "notes",
)  # fmt: skip
FIELDS: Final = (
    *GENERAL,
    *READINGS,
    *CONSUMPTION[:_BEFORE_COSTS],
    "costPerKwh",
    *CONSUMPTION[_BEFORE_COSTS:],
    "currency",
    *THRESHOLDS,
    *MAINTENANCE,
)
"""Every field of seed 000, in its order."""
_PHASES: Final = ("", "_l1", "_l2", "_l3")
HAVE_FIELDS: Final = frozenset(
    {"active_power", "apparent_power", "power_factor", "frequency", "neutral_current"}
    | {f"{name}{phase}" for name in ("current", "voltage") for phase in _PHASES}
    | {"energy_import"}
)
"""The quantities that seed 000 has a field for."""


def powermeter(
    spec: MeterSpec, view: MeterView | None, fields: Sequence[FieldSpec]
) -> dict[str, Any]:
    """A POWERMETER as the site's definition has it: seed 000's fields, in its order.

    view: None before the first reading; then what would have been read is None. What was
    read (a serial number, say) never hides what the configuration says.
    """
    values: dict[str, Any] = dict.fromkeys(FIELDS)
    if view is not None:
        values |= {name: value for name, value in view.fields.items() if name in values}
    return defined(values | spec.general | {"name": spec.name}, fields, FIELDS)


def meter_row(
    spec: MeterSpec, view: MeterView | None, fields: Sequence[FieldSpec]
) -> dict[str, Any]:
    """A meter in a list: the POWERMETER, then by its own name what has no field there."""
    own = {} if view is None else _by_name(spec, view)
    return powermeter(spec, view, fields) | {
        name: value for name, value in own.items() if name not in HAVE_FIELDS and name not in FIELDS
    }


def other_totals(spec: MeterSpec, view: MeterView | None) -> str:
    """What its other counters have counted, for people: `volume=814 m3`."""
    totals = {} if view is None else view.totals
    shown = ((name, unit_of(spec, name), n) for name, n in totals.items())
    return ", ".join(
        f"{name}={amount_shown(n, unit)} {unit or ''}".rstrip()
        for name, unit, n in shown
        if name not in HAVE_FIELDS
    )


def entity(spec: MeterSpec, view: MeterView | None, fields: Sequence[FieldSpec]) -> dict[str, Any]:
    """The POWERMETER as an object of seed 000's API."""
    head = {"id": object_id(spec.name), "entity": ENTITY, "level": LEVEL}
    return head | powermeter(spec, view, fields)


def object_id(name: str) -> str:
    """The id of a meter as an object: it follows from the name, which never changes."""
    return dashed(named_ulid("meter", name))


def meter(spec: MeterSpec, view: MeterView | None, fields: Sequence[FieldSpec]) -> dict[str, Any]:
    """A meter with all it said: the POWERMETER, then what has no field there.

    quantities: as read, by canonical name, {value, unit}. totals, unbilled: registers since
    ever, exact, {value, unit}. Each also stands by its own name as a number, as in MQTT.
    alarms: those that stand. neutralCurrentEstimate: where the neutral is not measured.
    """
    shown = powermeter(spec, view, fields)
    shown["availability"] = "online" if view is not None and view.online else "offline"
    shown["quality"] = None if view is None or view.at_ms is None else view.quality
    shown["alarms"] = alarms(view)
    if view is None:
        return shown | {"quantities": {}, "totals": {}, "unbilled": {}}
    if ESTIMATED_NEUTRAL in view.fields:
        shown[ESTIMATED_NEUTRAL] = view.fields[ESTIMATED_NEUTRAL]
    read = view.quantities.items()
    shown["quantities"] = {name: {"value": n, "unit": unit_of(spec, name)} for name, n in read}
    shown["totals"] = {name: _total(spec, name, n) for name, n in view.totals.items()}
    shown["unbilled"] = {name: _total(spec, name, n) for name, n in view.unbilled.items()}
    for name, value in _by_name(spec, view).items():
        if name not in FIELDS:  # a field that the definition has removed stays removed
            shown.setdefault(name, value)
    return shown


def definition(fields: Sequence[FieldSpec]) -> dict[str, Any]:
    """The DEFINITION object of the POWERMETER (seed 000, "Entity properties")."""
    return {
        "id": ENTITY,
        "entity": DEFINITION,
        "displayName": "Power Meter",
        "plural": "Power Meters",
        "level": LEVEL,
        "panels": list(dict.fromkeys(field.panel for field in fields)),
        "fields": [field_row(field) for field in fields],
    }


def unit_of(spec: MeterSpec | None, quantity: str) -> str | None:
    """The unit a quantity is shown in: its canonical one, else the one it was declared with.

    spec: None for a meter that has left the configuration.
    """
    canonical = canonical_unit(quantity)
    if canonical is not None or spec is None:
        return canonical
    registers = {register.quantity: register.unit for register in spec.registers}
    return registers.get(quantity) or spec.units.get(quantity)


def _by_name(spec: MeterSpec, view: MeterView) -> dict[str, float]:
    """Quantities and totals by their own names, as JSON numbers."""
    totals = {name: float(amount_shown(n, unit_of(spec, name))) for name, n in view.totals.items()}
    return view.quantities | totals


def _total(spec: MeterSpec, quantity: str, amount: int) -> dict[str, Any]:
    unit = unit_of(spec, quantity)
    return {"value": amount_shown(amount, unit), "unit": unit}


def amount_shown(amount: int, unit: str | None) -> str:
    """An amount in its unit; in base units where nobody knows the unit any more."""
    if unit is None or unit not in UNITS or UNITS[unit].dimension not in SUMMED:
        return str(amount)
    return shown(amount, unit)
