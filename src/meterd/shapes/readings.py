"""A reading as a row of cells has it: quantities in the point's declared unit, and facts.

It is how recordings are kept, and how people and devices send readings in. A cell that is
empty was not read; NaN and infinity are values that could not be read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import Any, Final

from meterd.events import PollFailed, Reading
from meterd.specs import MeterSpec
from meterd.units import UNITS, Unit, canonical_unit, to_amount

NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
FACTS: Final = ("serial_number", "uptime", "age_s", "last_reset")
"""What a row says of the device, beside its quantities."""
DIGITS_MAX: Final = 40
FRACTIONS: Final = 9

Gauge = tuple[int, str, float]
Counter = tuple[int, str, tuple[int, ...], Unit]


def cells(item: Mapping[str, Any]) -> list[str]:
    """The values of a JSON object as cells; its numbers must have been kept as text."""
    return ["" if value is None else str(value) for value in item.values()]


class Columns:
    """How the cells of a row become one meter's reading."""

    def __init__(self, header: list[str], spec: MeterSpec) -> None:
        self._meter = spec.name
        registers = {register.quantity for register in spec.registers}
        self._counters: list[Counter] = []
        self._gauges: list[Gauge] = []
        self._facts = [(i, name) for i, name in enumerate(header) if name in FACTS]
        for index, name in enumerate(header[2:], 2):
            if name in FACTS or name not in spec.units:
                continue
            unit_name = spec.units[name] or canonical_unit(name) or ""
            unit = UNITS.get(unit_name)
            if name in registers:
                unit = unit or UNITS["1"]
                self._counters.append((index, name, _scales(unit), unit))
            else:
                factor = float(unit.factor) if unit is not None and canonical_unit(name) else 1.0
                self._gauges.append((index, name, factor))

    def reading(self, row: list[str], at_ms: int) -> Reading | PollFailed:
        """One row. Raises ValueError for a cell that is no number."""
        registers: dict[str, int] = {}
        missing: tuple[str, ...] = ()
        for index, quantity, scales, unit in self._counters:
            text = row[index]
            if not text:
                missing = (*missing, quantity)
                continue
            whole, _dot, fraction = text.partition(".")
            digits = whole + fraction
            if digits.isdecimal() and digits.isascii() and len(fraction) < len(scales):
                registers[quantity] = int(digits) * scales[len(fraction)]
                continue
            amount = exact_amount(text, quantity, unit)
            if amount is None:
                missing = (*missing, quantity)
            else:
                registers[quantity] = amount
        gauges = {
            quantity: float(row[index]) * factor
            for index, quantity, factor in self._gauges
            if row[index]
        }
        if not all(map(isfinite, gauges.values())):
            return self._without_infinities(row, at_ms)
        if not registers and not gauges:
            return PollFailed(self._meter, at_ms, "empty row", False)
        if not self._facts:
            return Reading(self._meter, at_ms, registers, gauges, missing)
        return self._with_facts(row, Reading(self._meter, at_ms, registers, gauges, missing))

    def _without_infinities(self, row: list[str], at_ms: int) -> Reading | PollFailed:
        """NaN and infinity are values that could not be read."""
        clean = list(row)
        for index, _quantity, factor in self._gauges:
            if row[index] and not isfinite(float(row[index]) * factor):
                clean[index] = ""
        return self.reading(clean, at_ms)

    def _with_facts(self, row: list[str], reading: Reading) -> Reading:
        facts = {name: row[index] for index, name in self._facts if row[index]}
        return with_facts(reading, facts)


def with_facts(reading: Reading, facts: Mapping[str, Any]) -> Reading:
    """A reading with what the row says of the device: serial number, uptime, age, last reset."""
    if not facts:
        return reading
    uptime, age = facts.get("uptime"), facts.get("age_s")
    serial, cleared = facts.get("serial_number"), facts.get("last_reset")
    return Reading(
        reading.meter, reading.at_ms, reading.registers, reading.gauges, reading.missing,
        serial=None if serial is None else str(serial),
        uptime_s=None if uptime is None else float(uptime),
        age_ms=0 if age is None else round(float(age) * 1000),
        texts={} if cleared is None else {"last_reset": str(cleared)},
    )  # fmt: skip


def _scales(unit: Unit) -> tuple[int, ...]:
    """Base units in a digit after so many places, as far as that is a whole number."""
    scales = []
    for places in range(FRACTIONS):
        factor = unit.factor / 10**places
        if factor.denominator != 1:
            break
        scales.append(factor.numerator)
    return tuple(scales)


def exact_amount(text: str, quantity: str, unit: Unit) -> int | None:
    """A counter's cell in base units; None for NaN and infinity, ValueError for nonsense."""
    if text.strip().lower().lstrip("+-") in {"nan", "inf", "infinity"}:
        return None
    if not NUMBER.fullmatch(text.strip()) or len(text) > DIGITS_MAX:
        raise ValueError(f"{quantity} is {text[:DIGITS_MAX]!r}, not a number")
    return to_amount(Decimal(text.strip()), unit)
