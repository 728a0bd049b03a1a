"""What Home Assistant takes as a sensor: units as it spells them, classes that go together.

A combination of device class, state class and unit that it does not know costs the whole
entity, so whatever is not in these tables is announced without a device class.
Source: Home Assistant 2026.2, `components/sensor/const.py` and `components/mqtt/sensor.py`.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from meterd.units import GAUGES, REGISTERS, SUMMED, UNITS, currency_places

MEASUREMENT: Final = "measurement"
TOTAL: Final = "total"
TOTAL_INCREASING: Final = "total_increasing"

_SPELT: Final = {
    "m3": "m³", "ft3": "ft³", "m3/h": "m³/h", "l": "L", "ml": "mL", "l/h": "L/h", "l/min": "L/min",
    "l/s": "L/s", "m3/s": "m³/s", "degC": "°C", "ratio": "", "1": "",
}  # fmt: skip
_CLASS: Final = {
    "energy": "energy",
    "reactive_energy": "reactive_energy",
    "volume": "volume",
    "power": "power",
    "reactive_power": "reactive_power",
    "apparent_power": "apparent_power",
    "current": "current",
    "voltage": "voltage",
    "frequency": "frequency",
    "temperature": "temperature",
    "flow": "volume_flow_rate",
    "time": "duration",
}
"""Our dimension -> its device class; apparent energy and plain numbers have none."""
_NO_CLASS: Final = frozenset({"Mvarh", "Mvar", "MVA", "kA", "mHz"})
"""Units that its device classes do not take."""
_PLACES: Final = {"V": 1, "A": 2, "Hz": 2, "%": 1, "°C": 1, "kWh": 2, "kvarh": 2, "kVAh": 2}
_PLACES_ELSE: Final = 3


class Kind(NamedTuple):
    """What an entity measures. unit, device_class, state_class: "" for none."""

    unit: str = ""
    device_class: str = ""
    state_class: str = ""
    places: int | None = None

    def options(self) -> dict[str, Any]:
        """As the keys of a sensor."""
        found = {
            "device_class": self.device_class,
            "state_class": self.state_class,
            "unit_of_measurement": self.unit,
        }
        known: dict[str, Any] = {key: value for key, value in found.items() if value}
        return (
            known if self.places is None else known | {"suggested_display_precision": self.places}
        )


def gauge(quantity: str, declared: str) -> Kind:
    """What is read at an instant. declared: its unit, where the name is the site's own."""
    unit = GAUGES.get(quantity) or declared
    device_class = "power_factor" if quantity == "power_factor" else _class(unit)
    if unit in UNITS and UNITS[unit].dimension in SUMMED:  # its energy is a sum, never a gauge
        device_class = ""
    return _kind(unit, device_class, MEASUREMENT)


def register(quantity: str, declared: str, metered: str = "") -> Kind:
    """A lifetime counter. metered: what flows through a counter of volume, if that is known."""
    unit = REGISTERS.get(quantity) or declared
    device_class = _class(unit)
    if quantity == "volume":
        device_class = "gas" if metered == "gas" else "water"
    return _kind(unit, device_class, TOTAL_INCREASING)


def used(unit: str) -> Kind:
    """What a bill holds against its allowance: energy that sums up, or the highest demand."""
    device_class = _class(unit)
    return _kind(unit, device_class, TOTAL if device_class == "energy" else MEASUREMENT)


def expected(unit: str) -> Kind:
    """What that will come to: a forecast, which nobody should add up."""
    return used(unit)._replace(state_class="")


def money(currency: str) -> Kind:
    """Home Assistant takes no other state class for money."""
    return Kind(currency, "monetary", TOTAL, currency_places(currency))


def percent() -> Kind:
    """A share of something."""
    return _kind("%", "", MEASUREMENT)


def _class(unit: str) -> str:
    if unit not in UNITS or unit in _NO_CLASS:
        return ""
    return _CLASS.get(UNITS[unit].dimension, "")


def _kind(unit: str, device_class: str, state_class: str) -> Kind:
    spelt = _SPELT.get(unit, unit)
    return Kind(spelt, device_class, state_class, _PLACES.get(spelt, _PLACES_ELSE))
