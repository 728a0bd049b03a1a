"""A meter as seed 000's POWERMETER, by the seed's names, and with all else that it said.

The POWERMETER carries JSON numbers, as the seed types it; totals are exact, as strings.
"""

from __future__ import annotations

from typing import Any, Final

from meterd.events import MeterView
from meterd.metering.powermeter import CONSUMPTION, READINGS
from meterd.records.ulid import dashed, named_ulid
from meterd.specs import MeterSpec
from meterd.units import SUMMED, UNITS, canonical_unit, shown

ENTITY: Final = "POWERMETER"
LEVEL: Final = 277

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


def powermeter(spec: MeterSpec, view: MeterView | None) -> dict[str, Any]:
    """Every field of seed 000 by the seed's names, in its order; the site's own after them.

    view: None before the first reading; then what would have been read is None. What was
    read (a serial number, say) never hides what the configuration says.
    """
    fields: dict[str, Any] = dict.fromkeys(FIELDS)
    if view is not None:
        fields |= view.fields
    return fields | spec.general | {"name": spec.name}


def entity(spec: MeterSpec, view: MeterView | None) -> dict[str, Any]:
    """The POWERMETER as an object of seed 000's API. Its id follows from its name."""
    head = {"id": dashed(named_ulid("meter", spec.name)), "entity": ENTITY, "level": LEVEL}
    return head | powermeter(spec, view)


def meter(spec: MeterSpec, view: MeterView | None) -> dict[str, Any]:
    """A meter with all it said: the POWERMETER, then what has no field there.

    quantities: as read, by canonical name, {value, unit}. totals, unbilled: registers since
    ever, exact, {value, unit}. Each also stands by its own name as a number, as in MQTT.
    """
    fields = powermeter(spec, view)
    fields["availability"] = "online" if view is not None and view.online else "offline"
    fields["quality"] = None if view is None or view.at_ms is None else view.quality
    if view is None:
        return fields | {"quantities": {}, "totals": {}, "unbilled": {}}
    read = view.quantities.items()
    fields["quantities"] = {name: {"value": n, "unit": unit_of(spec, name)} for name, n in read}
    fields["totals"] = {name: _total(spec, name, n) for name, n in view.totals.items()}
    fields["unbilled"] = {name: _total(spec, name, n) for name, n in view.unbilled.items()}
    for name, total in fields["totals"].items():
        fields.setdefault(name, float(total["value"]))
    for name, value in read:
        fields.setdefault(name, value)
    return fields


def unit_of(spec: MeterSpec | None, quantity: str) -> str | None:
    """The unit a quantity is shown in: its canonical one, else the one it was declared with.

    spec: None for a meter that has left the configuration.
    """
    canonical = canonical_unit(quantity)
    if canonical is not None or spec is None:
        return canonical
    registers = {register.quantity: register.unit for register in spec.registers}
    return registers.get(quantity) or spec.units.get(quantity)


def _total(spec: MeterSpec, quantity: str, amount: int) -> dict[str, Any]:
    unit = unit_of(spec, quantity)
    return {"value": amount_shown(amount, unit), "unit": unit}


def amount_shown(amount: int, unit: str | None) -> str:
    """An amount in its unit; in base units where nobody knows the unit any more."""
    if unit is None or unit not in UNITS or UNITS[unit].dimension not in SUMMED:
        return str(amount)
    return shown(amount, unit)
