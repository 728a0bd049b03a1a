"""Readings as rows of a recording, which a replay reads back (contract, "Replay file").

Values are in the point's declared unit, and what was not read is left out.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import msgspec

from meterd.events import Reading
from meterd.metering.calendar import iso
from meterd.metering.facts import SERIAL
from meterd.shapes.readings import FACTS
from meterd.specs import MeterSpec, SiteSpec
from meterd.units import TEXTS, UNITS, canonical_unit, shown


class Recorder:
    """Makes the text of a recording. count: the rows so far."""

    def __init__(self, site: SiteSpec, *, jsonl: bool = False) -> None:
        self.count = 0
        self._jsonl = jsonl
        self._meters = {meter.name: meter for meter in site.meters}
        quantities = dict.fromkeys(name for meter in site.meters for name in meter.units)
        own = [name for name in quantities if name not in FACTS]
        facts = [name for name in FACTS if name not in TEXTS or name in {SERIAL, *quantities}]
        self._header = ["time", "meter", *own, *facts]

    def head(self) -> str:
        """What comes before the rows."""
        return "" if self._jsonl else _line(self._header)

    def row(self, reading: Reading) -> str:
        """One row, with its end of line."""
        self.count += 1
        cells = cells_of(self._meters[reading.meter], reading)
        if self._jsonl:
            return msgspec.json.encode(cells).decode() + "\n"
        return _line([str(cells.get(name, "")) for name in self._header])


def cells_of(spec: MeterSpec, reading: Reading) -> dict[str, Any]:
    """What a reading says, by the names of a recording's columns."""
    units = {register.quantity: register.unit for register in spec.registers}
    cells: dict[str, Any] = {"time": iso(reading.at_ms), "meter": reading.meter}
    for quantity, amount in reading.registers.items():
        cells[quantity] = shown(amount, units[quantity])
    for quantity, value in reading.gauges.items():
        cells[quantity] = f"{value / _factor(spec, quantity):.12g}"
    cells.update(reading.texts)
    facts = {"serial_number": reading.serial, "uptime": reading.uptime_s}
    cells.update({name: fact for name, fact in facts.items() if fact is not None})
    if reading.age_ms:
        cells["age_s"] = reading.age_ms / 1000
    return cells


def _factor(spec: MeterSpec, quantity: str) -> float:
    """Canonical units in one of the declared unit, as a recording is read."""
    unit, canonical = UNITS.get(spec.units.get(quantity, "")), canonical_unit(quantity)
    if unit is None or canonical is None:
        return 1.0
    return float(unit.factor)


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()
