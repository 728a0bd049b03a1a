"""History as NEM12, the interval files of Australia's market.

Records begin with their number: 100 file, 200 a register of a meter, 300 a day of it, 400
the quality of parts of that day, 900 the end. Times are market time, +10:00 all year. Written
by hand: the readers there are give floats and no line numbers.
Source: AEMO, "Meter Data File Format Specification NEM12 & NEM13".
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from meterd.shapes.history.rows import (
    HistoryRow,
    NoHistoryError,
    Refused,
    Rows,
    Wanted,
    amount_of,
    decoded,
    shortened,
)

DAY_MINUTES: Final = 1440
MARKET: Final = timedelta(hours=10)
NULL: Final = "N"
ACTUAL: Final = "A"
VARIES: Final = "V"
LENGTHS: Final = (5, 15, 30)
SUFFIXES: Final = {
    "E": "energy_import", "B": "energy_export",
    "Q": "reactive_energy_import", "K": "reactive_energy_export",
}  # fmt: skip
"""First letter of a data stream -> what it counts, seen from the site."""
UNITS: Final = {
    "WH": "Wh", "KWH": "kWh", "MWH": "MWh", "VARH": "varh", "KVARH": "kvarh", "MVARH": "Mvarh",
}  # fmt: skip


class _Stream(msgspec.Struct):
    """A 200 record. length: minutes of an interval."""

    name: str
    quantity: str
    unit: str
    length: int


class _Day(msgspec.Struct):
    """A 300 record, and the qualities of its intervals, which 400 records may refine."""

    line: int
    first_ms: int
    cells: Sequence[str]
    qualities: list[str]


def nem12(data: bytes, wanted: Wanted) -> Rows:
    """Every interval of the register looked for."""
    records = list(_records(decoded(data)))
    if not records or records[0][1][:2] != ["100", "NEM12"]:
        raise NoHistoryError("line 1 is no 100,NEM12 record; is it another format?")
    name = _chosen(records, wanted)
    stream: _Stream | None = None
    day: _Day | None = None
    for line, cells in records[1:]:
        if day is not None and stream is not None and cells[0] != "400":
            yield from _intervals(day, stream)
            day = None
        if cells[0] == "200":
            stream = _stream(line, cells)
            stream = stream if stream.name == name else None
        elif cells[0] == "300" and stream is not None:
            try:
                day = _day(line, cells, stream)
            except ValueError as error:
                yield Refused(line, str(error))
        elif cells[0] == "400" and day is not None:
            trouble = _refine(day, cells)
            if trouble:
                yield Refused(line, trouble)
    if day is not None and stream is not None:
        yield from _intervals(day, stream)


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        for cells in lines:
            if any(cells):
                yield lines.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise NoHistoryError(f"line {lines.line_num} cannot be read: {error}") from None


def _chosen(records: Sequence[tuple[int, list[str]]], wanted: Wanted) -> str:
    """The stream to take: the one that is named, else the only one of the quantity."""
    streams = [_stream(line, cells) for line, cells in records if cells[0] == "200"]
    names = dict.fromkeys(one.name for one in streams if one.quantity == wanted.quantity)
    if wanted.stream:
        names = dict.fromkeys(name for name in names if name == wanted.stream)
    if len(names) == 1:
        return next(iter(names))
    if names:
        raise NoHistoryError(f"it has several; say --stream {' or '.join(names)}")
    there = ", ".join(dict.fromkeys(f"{one.name} ({one.quantity})" for one in streams))
    looked = wanted.stream or wanted.quantity
    raise NoHistoryError(f"it has no {looked}; it has {there or 'no 200 record'}")


def _stream(line: int, cells: Sequence[str]) -> _Stream:
    if len(cells) < 9:
        raise NoHistoryError(f"line {line} is a 200 record of {len(cells)} cells; it needs 9")
    nmi, suffix, unit, length = cells[1], cells[4], cells[7].upper(), cells[8]
    if unit not in UNITS:
        raise NoHistoryError(f"line {line} is in {shortened(unit)}; known: {', '.join(UNITS)}")
    if length not in map(str, LENGTHS):
        raise NoHistoryError(f"line {line} has intervals of {shortened(length)} minutes")
    quantity = SUFFIXES.get(suffix[:1].upper(), suffix)
    return _Stream(f"{nmi}/{suffix}", quantity, UNITS[unit], int(length))


def _day(line: int, cells: Sequence[str], stream: _Stream) -> _Day:
    count = DAY_MINUTES // stream.length
    if len(cells) < count + 3:
        raise ValueError(f"is a 300 record of {len(cells)} cells; it needs {count + 3}")
    try:
        midnight = datetime.strptime(cells[1], "%Y%m%d").replace(tzinfo=UTC) - MARKET
    except ValueError:
        raise ValueError(f"{shortened(cells[1])} is no day; write 20250601") from None
    quality = cells[count + 2][:1].upper()
    first_ms = int(midnight.timestamp()) * 1000
    return _Day(line, first_ms, cells[2 : count + 2], [quality] * count)


def _refine(day: _Day, cells: Sequence[str]) -> str:
    """A 400 record: the quality of some intervals of the day; what is wrong with it, or ""."""
    try:
        first, last, quality = int(cells[1]), int(cells[2]), cells[3][:1].upper()
    except (ValueError, IndexError):
        return "is a 400 record without two interval numbers and a quality"
    if not 1 <= first <= last <= len(day.qualities):
        return f"is of the intervals {first} to {last}; a day has {len(day.qualities)}"
    day.qualities[first - 1 : last] = [quality] * (last - first + 1)
    return ""


def _intervals(day: _Day, stream: _Stream) -> Rows:
    length_ms = stream.length * 60_000
    for index, (cell, quality) in enumerate(zip(day.cells, day.qualities, strict=True)):
        start_ms = day.first_ms + index * length_ms
        if quality == NULL:
            continue
        if quality == VARIES:
            yield Refused(day.line, f"interval {index + 1} has no quality; a 400 record is missing")
            continue
        try:
            amount = amount_of(cell, stream.unit)
        except ValueError as error:
            yield Refused(day.line, f"interval {index + 1}: {error}")
            continue
        yield HistoryRow(day.line, start_ms, start_ms + length_ms, amount, quality == ACTUAL)
