"""A site's quantities, as expressions in the tests name them."""

from __future__ import annotations

from meterd.metering.operands import catalogue
from meterd.specs import MeterSpec, RegisterSpec

ELECTRIC = {
    "active_power": "W",
    "apparent_power": "kVA",
    "power_factor": "ratio",
    "voltage": "V",
    "current": "A",
    "energy_import": "Wh",
    "reactive_energy_import": "kvarh",
}
COUNTERS = ("energy_import", "reactive_energy_import", "volume", "count", "loaves")


def meter(name: str, units: dict[str, str]) -> MeterSpec:
    registers = tuple(RegisterSpec(q, unit) for q, unit in units.items() if q in COUNTERS)
    return MeterSpec(name, units=units, registers=registers)


KNOWN = catalogue(
    [
        *(
            meter(name, ELECTRIC)
            for name in ("main", "pv", "chillers", "rack-12", "rack-b", "hall.east")
        ),
        meter("water_1", {"volume": "m3", "flow": "m3/h"}),
        meter(
            "press-4",
            {"count": "1", "batch_id": "", "shift": "", "serial_number": "", "heat": "W"},
        ),
        meter("oven", {"loaves": "1", "heat": "kW", "price": "EUR/kWh"}),
    ]
)
