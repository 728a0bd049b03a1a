"""Tables: what is shown beside every chart and as every list, and the same as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from meterd.shapes.spreadsheet import guarded


class Cell(msgspec.Struct, frozen=True):
    """What stands in a place. exact: for CSV, where it says more than the text.

    live: "meter/field" where the stream brings a new value, written with `places`.
    state: a word for the look of it (ok, stale, faulted, ...).
    """

    text: str
    href: str = ""
    exact: Any = None
    live: str = ""
    places: int = 0
    state: str = ""
    drawn: Any = None


class Table(msgspec.Struct, frozen=True):
    """A table. name: in addresses. numeric: places of the columns that are numbers.

    depth: for every row how far it is indented, () for a flat table.
    """

    name: str
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    numeric: frozenset[int] = frozenset()
    depth: Sequence[int] = ()
    empty: str = "There is nothing yet."


def cell(text: Any, **rest: Any) -> Cell:
    """A cell of some text."""
    return Cell(str(text), **rest)


def csv(table: Table) -> bytes:
    """The table as a spreadsheet reads it: exactly the rows that are shown, exact numbers."""
    rows = [
        [each.text if each.exact is None else str(each.exact) for each in row] for row in table.rows
    ]
    lines = [",".join(_quoted(guarded(text)) for text in row) for row in (table.columns, *rows)]
    return "".join(f"{one}\r\n" for one in lines).encode()


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"' if any(c in text for c in ',"\r\n') else text
