"""One reading as rows: every quantity with its unit, and what could not be read."""

from __future__ import annotations

from typing import Any

from meterd.events import Reading
from meterd.shapes import unit_of
from meterd.specs import MeterSpec
from meterd.units import UNITS, from_amount


def rows_of(spec: MeterSpec, reading: Reading) -> list[dict[str, Any]]:
    """What a reading says, one row a quantity; what was not read has no value."""
    rows: list[dict[str, Any]] = []
    for quantity, amount in reading.registers.items():
        unit = unit_of(spec, quantity) or "1"
        rows.append(
            {"quantity": quantity, "value": str(from_amount(amount, UNITS[unit])), "unit": unit}
        )
    for quantity, value in reading.gauges.items():
        rows.append({"quantity": quantity, "value": value, "unit": unit_of(spec, quantity)})
    facts = {"serial_number": reading.serial, **reading.texts, "uptime": reading.uptime_s}
    rows += [
        {"quantity": name, "value": fact, "unit": "s" if name == "uptime" else None}
        for name, fact in facts.items()
        if fact is not None
    ]
    rows += [{"quantity": quantity, "value": None, "unit": None} for quantity in reading.missing]
    return rows
