"""History as CSV: one row an interval, with its start and its end.

    start,end,kwh
    2025-06-01T00:00:00+02:00,2025-06-01T00:15:00+02:00,1.25

Times have an offset: of a local time alone nobody knows which of two it was in October. The
amount is in a column named for its unit, or in `amount` with its `unit`, as `meterd
intervals --csv` prints it. Other columns are left alone.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Final

from meterd.metering.calendar import parse_iso
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
from meterd.units import UNITS

START: Final = ("start", "interval_start", "time")
END: Final = ("end", "interval_end")
AMOUNT: Final = "amount"


def csv_rows(data: bytes, wanted: Wanted) -> Rows:
    """Every row of the file, its line with it."""
    lines = csv.reader(io.StringIO(decoded(data), newline=""), strict=True)
    try:
        header = [name.strip().lower() for name in next(lines)]
    except (StopIteration, csv.Error):
        raise NoHistoryError("line 1 has no header; begin with start,end,kwh") from None
    columns = _columns(header, wanted)
    number = lines.line_num + 1
    while True:
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            yield Refused(number, f"cannot be read ({error}); neither can what follows")
            return
        if any(cells):
            yield _row(number, cells, columns, wanted)
        number = lines.line_num + 1


def _columns(header: Sequence[str], wanted: Wanted) -> dict[str, int]:
    """start, end, amount, unit, quantity -> its column. Raises NoHistoryError."""
    places = {name: index for index, name in reversed(list(enumerate(header)))}
    found = {
        role: places[name]
        for role, names in (("start", START), ("end", END))
        for name in reversed(names)
        if name in places
    }
    found |= {name: places[name] for name in ("unit", "quantity", AMOUNT) if name in places}
    dimension = UNITS[wanted.unit].dimension
    for name in (wanted.quantity, *(one for one in UNITS if UNITS[one].dimension == dimension)):
        if name.lower() in places and AMOUNT not in found:
            found[f"={wanted.unit if name == wanted.quantity else name}"] = places[name.lower()]
            found[AMOUNT] = places[name.lower()]
    for role, remedy in (("start", "start"), (AMOUNT, wanted.unit.lower())):
        if role not in found:
            raise NoHistoryError(f"line 1 has no column {remedy!r}; write start,end,{wanted.unit}")
    if "end" not in found and wanted.interval_ms is None:
        raise NoHistoryError("line 1 has no column 'end'; add it, or say --minutes 15")
    return found


def _row(
    line: int, cells: Sequence[str], columns: Mapping[str, int], wanted: Wanted
) -> HistoryRow | Refused:
    try:
        known = {role: cells[index] for role, index in columns.items()}
    except IndexError:
        return Refused(line, f"has {len(cells)} cells and the header more")
    if known.get("quantity", wanted.quantity) != wanted.quantity:
        return Refused(line, f"is of {shortened(known['quantity'])}, not of {wanted.quantity}")
    try:
        start_ms = _instant(known["start"])
        later_ms = start_ms + (wanted.interval_ms or 0)
        end_ms = _instant(known["end"]) if "end" in known else later_ms
        return HistoryRow(line, start_ms, end_ms, amount_of(known[AMOUNT], _unit(known, wanted)))
    except ValueError as error:
        return Refused(line, str(error))


def _unit(known: Mapping[str, str], wanted: Wanted) -> str:
    """The unit of a row: its own, else the one its column is named for."""
    named = next((role[1:] for role in known if role.startswith("=")), wanted.unit)
    unit = known.get("unit", named)
    if unit not in UNITS or UNITS[unit].dimension != UNITS[wanted.unit].dimension:
        raise ValueError(f"is in {shortened(unit)}, which is no {wanted.unit}")
    return unit


def _instant(text: str) -> int:
    try:
        return parse_iso(text.strip())
    except (ValueError, OverflowError):
        hint = "write 2025-06-01T00:00:00+02:00"
        raise ValueError(f"{shortened(text)} is no time with an offset; {hint}") from None
