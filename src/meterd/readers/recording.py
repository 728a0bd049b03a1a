"""Recorded readings, CSV or JSON lines, as the readings they were (contract, "Replay file").

    time,meter,energy_import,active_power,serial_number,uptime,age_s
    2026-01-01T00:00:00Z,main,1234.5,12.25,,,

Rows come in the order of arrival; an empty cell was not read; values are in the point's
declared unit. A row that cannot be understood stops the replay with its line and the remedy.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import shutil
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from decimal import Decimal
from math import isfinite
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, Final

from meterd.events import PollFailed, Reading
from meterd.metering.calendar import parse_iso
from meterd.specs import MeterSpec
from meterd.units import UNITS, Unit, canonical_unit, to_amount

NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
FACTS: Final = ("serial_number", "uptime", "age_s")
DIGITS_MAX: Final = 40
FRACTIONS: Final = 9

Gauge = tuple[int, str, float]
Counter = tuple[int, str, tuple[int, ...], Unit]


class RecordingError(Exception):
    """A recording that cannot be understood: file, line, what and what to do."""


@contextmanager
def local(path: str) -> Iterator[str]:
    """A recording as a file that can be read twice; standard input, "-", becomes one."""
    if path != "-":
        yield path
        return
    first = sys.stdin.readline()
    ending = ".jsonl" if first.lstrip().startswith("{") else ".csv"
    with NamedTemporaryFile("w", encoding="utf-8", newline="", suffix=ending) as copy:
        copy.write(first)
        shutil.copyfileobj(sys.stdin, copy)
        copy.flush()
        yield copy.name


@contextmanager
def opened(path: str) -> Iterator[IO[str]]:
    """A recording's text; .gz is unpacked."""
    if path.endswith(".gz"):
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as text:
            try:
                yield text
            except (EOFError, zlib.error) as error:
                raise RecordingError(f"{path} is damaged: {error}. Copy it again.") from error
    else:
        with Path(path).open(encoding="utf-8-sig", newline="") as text:
            yield text


def readings(
    path: str, text: Iterable[str], meters: Mapping[str, MeterSpec]
) -> Iterator[Reading | PollFailed]:
    """The readings of a recording, in order. Raises RecordingError at a bad row."""
    if path.removesuffix(".gz").endswith(".jsonl"):
        yield from _json_lines(path, text, meters)
    else:
        yield from _csv_rows(path, text, meters)


def quantities(path: str, text: Iterable[str]) -> dict[str, set[str]]:
    """meter -> what the recording has of it, facts about the device left out.

    Raises RecordingError only for a header; bad rows are left to `readings`.
    """
    found: dict[str, set[str]] = {}
    with suppress(csv.Error):
        for name, cells in _cells(path, text):
            have = found.setdefault(name, set())
            if not have.issuperset(cells):
                have.update(column for column, value in cells.items() if value not in (None, ""))
    return {name: have.difference(FACTS) for name, have in found.items()}


def _cells(path: str, text: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(meter, quantity -> cell) of every row that has a meter."""
    if not path.removesuffix(".gz").endswith(".jsonl"):
        rows = csv.reader(text)
        header = [name.strip() for name in next(rows, [])]
        _check_header(path, header)
        for row in rows:
            if len(row) == len(header):
                yield row[1], dict(zip(header[2:], row[2:], strict=True))
        return
    for line in text:
        with suppress(ValueError):
            item = json.loads(line)
            if isinstance(item, dict) and isinstance(item.get("meter"), str):
                item.pop("time", None)
                yield item.pop("meter"), item


# -- CSV ----------------------------------------------------------------------------------


def _csv_rows(
    path: str, text: Iterable[str], meters: Mapping[str, MeterSpec]
) -> Iterator[Reading | PollFailed]:
    rows = csv.reader(text)
    try:
        header = [name.strip() for name in next(rows, [])]
        _check_header(path, header)
        columns: dict[str, Columns] = {}
        times: tuple[str, int] = ("", 0)
        for row in rows:
            if not row:
                continue
            if len(row) != len(header):
                raise ValueError(f"{len(row)} cells where the header has {len(header)}")  # noqa: TRY301 - told with its line below
            name = row[1]
            column = columns.get(name)
            if column is None:
                column = columns[name] = Columns(header, _known(meters, name))
            if row[0] != times[0]:
                times = (row[0], parse_iso(row[0]))
            yield column.reading(row, times[1])
    except (RecordingError, ValueError, OverflowError, csv.Error) as error:
        where = f"{path}:{rows.line_num}"
        raise RecordingError(f"{where}: {error}. Mend or remove the line.") from error


def _check_header(path: str, header: list[str]) -> None:
    if header[:2] != ["time", "meter"]:
        raise RecordingError(f"the header of {path} must begin with time,meter")
    if len(set(header)) != len(header):
        raise RecordingError(f"the header of {path} names a column twice")


def _known(meters: Mapping[str, MeterSpec], name: str) -> MeterSpec:
    spec = meters.get(name)
    if spec is None:
        raise RecordingError(f"no meter {name!r} in the configuration")
    return spec


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
    """A reading with what the row says of the device: serial number, uptime, age."""
    if not facts:
        return reading
    uptime, age = facts.get("uptime"), facts.get("age_s")
    serial = facts.get("serial_number")
    return Reading(
        reading.meter, reading.at_ms, reading.registers, reading.gauges, reading.missing,
        serial=None if serial is None else str(serial),
        uptime_s=None if uptime is None else float(uptime),
        age_ms=0 if age is None else round(float(age) * 1000),
        texts={} if serial is None else {"serial_number": str(serial)},
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


# -- JSON lines -----------------------------------------------------------------------------


def _json_lines(
    path: str, text: Iterable[str], meters: Mapping[str, MeterSpec]
) -> Iterator[Reading | PollFailed]:
    layouts: dict[tuple[str, tuple[str, ...]], Columns] = {}
    for number, line in enumerate(text, 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line, parse_float=str, parse_int=str, parse_constant=str)
            if not isinstance(item, dict) or not {"time", "meter"} <= item.keys():
                raise RecordingError("a line is an object with time and meter")  # noqa: TRY301
            name = item.pop("meter")
            at_ms = parse_iso(item.pop("time"))
            key = (name, tuple(item))
            columns = layouts.get(key)
            if columns is None:
                spec = _known(meters, name)
                columns = layouts[key] = Columns(["time", "meter", *item], spec)
            cells = ["" if value is None else str(value) for value in item.values()]
            yield columns.reading(["", name, *cells], at_ms)
        except (RecordingError, ValueError, OverflowError, TypeError) as error:
            raise RecordingError(f"{path}:{number}: {error}. Mend or remove the line.") from error
