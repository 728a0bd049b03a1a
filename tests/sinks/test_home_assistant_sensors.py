"""What Home Assistant takes as a sensor, quantity by quantity."""

from __future__ import annotations

import pytest

from meterd.sinks.home_assistant_sensors import (
    Kind,
    expected,
    gauge,
    money,
    percent,
    register,
    used,
)

GAUGES = {
    "active_power": ("", "kW power measurement 3"),
    "reactive_power_l1": ("", "kvar reactive_power measurement 3"),
    "apparent_power": ("", "kVA apparent_power measurement 3"),
    "voltage_l12": ("", "V voltage measurement 1"),
    "current_l3": ("", "A current measurement 2"),
    "frequency": ("", "Hz frequency measurement 2"),
    "power_factor": ("", "- power_factor measurement 3"),
    "flow": ("", "m³/h volume_flow_rate measurement 3"),
    "temperature": ("", "°C temperature measurement 1"),
    "since_start": ("h", "h duration measurement 3"),
    "humidity": ("%", "% - measurement 1"),
    "strange": ("furlong", "furlong - measurement 3"),
    "bare": ("", "- - measurement 3"),
    "inrush": ("kA", "kA - measurement 3"),
    "feeder": ("MVA", "MVA - measurement 3"),
    "energy_shown": ("kWh", "kWh - measurement 2"),
}
REGISTERS = {
    "energy_import": ("", "", "kWh energy total_increasing 2"),
    "heat_energy": ("", "", "kWh energy total_increasing 2"),
    "reactive_energy_export": ("", "", "kvarh reactive_energy total_increasing 2"),
    "apparent_energy": ("", "", "kVAh - total_increasing 2"),
    "volume": ("", "", "m³ water total_increasing 3"),
    "volume of gas": ("", "gas", "m³ gas total_increasing 3"),
    "count": ("", "", "- - total_increasing 3"),
    "night": ("MWh", "", "MWh energy total_increasing 3"),
    "var_hours": ("Mvarh", "", "Mvarh - total_increasing 3"),
    "garden": ("ft3", "", "ft³ volume total_increasing 3"),
}


def written(kind: Kind) -> str:
    return " ".join(str(part) or "-" for part in kind)


@pytest.mark.parametrize("quantity", GAUGES)
def test_a_gauge(quantity: str) -> None:
    unit, said = GAUGES[quantity]
    assert written(gauge(quantity, unit)) == said


@pytest.mark.parametrize("quantity", REGISTERS)
def test_a_register(quantity: str) -> None:
    unit, metered, said = REGISTERS[quantity]
    assert written(register(quantity.split(maxsplit=1)[0], unit, metered)) == said


def test_figures_of_a_bill() -> None:
    assert written(used("kWh")) == "kWh energy total 2"
    assert written(used("kW")) == "kW power measurement 3"
    assert written(used("kVA")) == "kVA apparent_power measurement 3"
    assert written(expected("kWh")) == "kWh energy - 2"
    assert written(percent()) == "% - measurement 1"
    assert written(money("JPY")) == "JPY monetary total 0"
    assert written(money("EUR")) == "EUR monetary total 2"


def test_only_what_is_known_becomes_a_key() -> None:
    assert Kind(device_class="timestamp").options() == {"device_class": "timestamp"}
    assert gauge("power_factor", "").options() == {
        "device_class": "power_factor",
        "state_class": "measurement",
        "suggested_display_precision": 3,
    }
