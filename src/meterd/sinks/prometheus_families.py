"""The meter and bill families: their names, units, help, and which quantity goes where.

Base units, one unit per name, labels from the configuration only (contract section 9).
`phase` is l1, l2, l3, between two of them l12, l23, l31, n for the neutral, and `total` for
the value without a phase. Powers keep their phases in families of their own, so that a sum
over meters counts nothing twice.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from meterd.units import REGISTERS, UNITS


class Family(NamedTuple):
    """One metric family. name: without `_total` and `_info`. unit: also the name's end."""

    name: str
    kind: str
    help: str
    unit: str = ""


class Gauge(NamedTuple):
    """Where a quantity goes. scale: from its canonical unit. field: of POWERMETER, if not read."""

    family: str
    quantity: str
    scale: float = 1.0
    labels: dict[str, str] = {}
    field: str = ""


class Total(NamedTuple):
    """Where a register goes. per: base units of `units.py` in one unit of the family."""

    family: str
    labels: dict[str, str] = {}
    per: int = 1


FAMILIES: Final = (
    Family("meterd_meter", "info", "What the configuration says of a meter."),
    Family("meterd_meter_up", "gauge", "Whether a meter answers."),
    Family("meterd_last_reading_timestamp_seconds", "gauge", "When it was last read.", "seconds"),
    Family("meterd_reading_age_seconds", "gauge", "How long ago that was.", "seconds"),
    Family("meterd_power_watts", "gauge", "Active power.", "watts"),
    Family("meterd_phase_power_watts", "gauge", "Active power of a phase.", "watts"),
    Family("meterd_reactive_power_vars", "gauge", "Reactive power.", "vars"),
    Family("meterd_phase_reactive_power_vars", "gauge", "Reactive power of a phase.", "vars"),
    Family("meterd_apparent_power_voltamperes", "gauge", "Apparent power.", "voltamperes"),
    Family(
        "meterd_phase_apparent_power_voltamperes",
        "gauge",
        "Apparent power of a phase.",
        "voltamperes",
    ),
    Family("meterd_current_amperes", "gauge", "Current.", "amperes"),
    Family("meterd_voltage_volts", "gauge", "Voltage.", "volts"),
    Family("meterd_power_factor_ratio", "gauge", "Power factor.", "ratio"),
    Family("meterd_frequency_hertz", "gauge", "Frequency.", "hertz"),
    Family("meterd_load_ratio", "gauge", "Power over rated capacity.", "ratio"),
    Family("meterd_phase_imbalance_ratio", "gauge", "Deviation from the mean current.", "ratio"),
    Family("meterd_flow_liters_per_second", "gauge", "Flow.", "liters_per_second"),
    Family("meterd_temperature_celsius", "gauge", "Temperature.", "celsius"),
    Family("meterd_device_uptime_seconds", "gauge", "Time since the device started.", "seconds"),
    Family("meterd_quantity", "gauge", "A quantity of the site's own, in its own unit."),
    Family("meterd_energy_joules", "counter", "Active energy, cleaned: it never falls.", "joules"),
    Family("meterd_reactive_energy_varseconds", "counter", "Reactive energy.", "varseconds"),
    Family(
        "meterd_apparent_energy_voltampereseconds",
        "counter",
        "Apparent energy.",
        "voltampereseconds",
    ),
    Family("meterd_heat_energy_joules", "counter", "Heat.", "joules"),
    Family("meterd_gas_energy_joules", "counter", "Energy of gas.", "joules"),
    Family("meterd_volume_liters", "counter", "Volume.", "liters"),
    Family("meterd_count", "counter", "What a counter counted."),
    Family("meterd_register", "counter", "A register of the site's own, in its own unit."),
    Family(
        "meterd_unbilled_joules", "counter", "Energy known to be used and not booked.", "joules"
    ),
    Family("meterd_bill_used", "gauge", "What counts against the allowance, open period."),
    Family("meterd_bill_allowance", "gauge", "The allowance of the open period."),
    Family("meterd_bill_projection", "gauge", "What will be used at the period's end."),
    Family("meterd_bill_peak_watts", "gauge", "The period's peak demand so far.", "watts"),
    Family("meterd_bill_cost", "gauge", "The open period's cost so far."),
    Family("meterd_alarm_active", "gauge", "Whether an alarm that is watched for stands."),
    Family(
        "meterd_unaccounted_joules",
        "gauge",
        "Energy of a meter less that of those below it.",
        "joules",
    ),
    Family("meterd_pue_ratio", "gauge", "Energy of the site over that of its IT.", "ratio"),
)
"""In the order in which they are exposed."""

_PHASED: Final = {
    "active_power": ("meterd_{}power_watts", 1000.0),
    "reactive_power": ("meterd_{}reactive_power_vars", 1000.0),
    "apparent_power": ("meterd_{}apparent_power_voltamperes", 1000.0),
}
_CURRENTS: Final = {"current": "total", "neutral_current": "n"}
_VOLTAGES: Final = {"voltage": "total"}
for _phase in ("l1", "l2", "l3"):
    _CURRENTS[f"current_{_phase}"] = _VOLTAGES[f"voltage_{_phase}"] = _phase
for _phase in ("l12", "l23", "l31"):
    _VOLTAGES[f"voltage_{_phase}"] = _phase

DERIVED: Final = (
    Gauge("meterd_apparent_power_voltamperes", "apparent_power", 1000.0, field="currentKva"),
    Gauge("meterd_power_factor_ratio", "power_factor", field="powerFactor"),
    Gauge("meterd_load_ratio", "", 0.01, field="loadPercent"),
    Gauge("meterd_phase_imbalance_ratio", "", 0.01, field="phaseImbalance"),
)
"""What may be known of any meter without having been read, "" for what is never read."""

GAUGES: Final = (
    *(Gauge(name.format(""), quantity, scale) for quantity, (name, scale) in _PHASED.items()),
    *(
        Gauge(name.format("phase_"), f"{quantity}_{phase}", scale, {"phase": phase})
        for quantity, (name, scale) in _PHASED.items()
        for phase in ("l1", "l2", "l3")
    ),
    *(Gauge("meterd_current_amperes", q, 1.0, {"phase": p}) for q, p in _CURRENTS.items()),
    *(Gauge("meterd_voltage_volts", q, 1.0, {"phase": p}) for q, p in _VOLTAGES.items()),
    Gauge("meterd_frequency_hertz", "frequency"),
    Gauge("meterd_flow_liters_per_second", "flow", 1 / 3.6),
    Gauge("meterd_temperature_celsius", "temperature"),
    Gauge("meterd_device_uptime_seconds", "uptime"),
    Gauge("meterd_power_factor_ratio", "power_factor"),
)
"""Every canonical quantity."""

_IMPORT: Final = {"direction": "import"}
_EXPORT: Final = {"direction": "export"}
TOTALS: Final[dict[str, Total]] = {
    "energy_import": Total("meterd_energy_joules", _IMPORT),
    "energy_export": Total("meterd_energy_joules", _EXPORT),
    "reactive_energy_import": Total("meterd_reactive_energy_varseconds", _IMPORT),
    "reactive_energy_export": Total("meterd_reactive_energy_varseconds", _EXPORT),
    "apparent_energy": Total("meterd_apparent_energy_voltampereseconds"),
    "heat_energy": Total("meterd_heat_energy_joules"),
    "gas_energy": Total("meterd_gas_energy_joules"),
    "volume": Total("meterd_volume_liters", {}, 1000),
    "count": Total("meterd_count", {}, 1_000_000),
}
"""Every canonical register."""

JOULES: Final = frozenset(
    register for register, unit in REGISTERS.items() if UNITS[unit].dimension == "energy"
)
"""Registers whose base unit is the joule."""
