"""How lists are printed: a table for people, CSV and JSON for programs."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Final

import msgspec

from meterd.shapes.spreadsheet import guarded

SAMPLE_ROWS: Final = 200
"""A table's columns are as wide as its first so many rows need."""


def as_json(value: Any) -> None:
    """One JSON value, indented, to standard output."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2)
    sys.stdout.write(text.decode() + "\n")


def json_list(rows: Iterable[Mapping[str, Any]]) -> None:
    """A JSON list, one row a line, written as it comes."""
    encode = msgspec.json.encode
    sys.stdout.write("[")
    for index, row in enumerate(rows):
        sys.stdout.write((",\n " if index else "\n ") + encode(row).decode())
    sys.stdout.write("\n]\n")


def as_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """RFC 4180. A text cell that a spreadsheet would take for a formula is quoted with '."""
    writer = csv.writer(sys.stdout)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([guarded(row.get(name)) for name in columns])


def as_table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Columns aligned by the first rows; nothing is cut."""
    rest = iter(rows)
    first = [[_cell(row.get(name)) for name in columns] for row in islice(rest, SAMPLE_ROWS)]
    widths = [max(len(line[i]) for line in [list(columns), *first]) for i in range(len(columns))]
    more = ([_cell(row.get(name)) for name in columns] for row in rest)
    for line in chain([list(columns)], first, more):
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        sys.stdout.write("  ".join(padded).rstrip() + "\n")


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, dict):
        return " ".join(f"{name}={_cell(item)}" for name, item in value.items())
    if isinstance(value, list):
        return str(len(value))
    return str(value)
