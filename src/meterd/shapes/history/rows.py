"""Rows of somebody else's history, and what is wrong with one, by its line in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from meterd.shapes.readings import DIGITS_MAX, NUMBER
from meterd.units import UNITS, to_amount

ROWS_MAX: Final = 1_000_000
"""Of one file: nine years of five minutes."""
BYTES_MAX: Final = 128 * 1024 * 1024
SHOWN_MAX: Final = 40
"""Characters of a wrong cell that are repeated."""


class HistoryRow(NamedTuple):
    """What another system measured in [start_ms, end_ms), base units. good: it says so."""

    line: int
    start_ms: int
    end_ms: int
    amount: int
    good: bool = True


class Refused(NamedTuple):
    """A row that is not taken, and why."""

    line: int
    why: str


class NoHistoryError(ValueError):
    """The file as a whole is not what it should be; the text says where and what to do."""


class Wanted(NamedTuple):
    """What is looked for in a file.

    quantity: the register. unit: its declared unit. stream: which of several, "" for the
    only one. interval_ms: of rows that do not say when they end, None if they must.
    """

    quantity: str
    unit: str
    stream: str = ""
    interval_ms: int | None = None


Rows = Iterator[HistoryRow | Refused]
Parser = Callable[[bytes, Wanted], Rows]
"""(the file, what is looked for) -> its rows in order of the file. Raises NoHistoryError."""


def amount_of(text: str, unit: str) -> int:
    """A cell in base units. Raises ValueError for what is no amount of energy."""
    cell = text.strip()
    if not NUMBER.fullmatch(cell) or len(cell) > DIGITS_MAX:
        raise ValueError(f"{shortened(text)} is no number")
    return to_amount(Decimal(cell), UNITS[unit])


def shortened(text: str) -> str:
    """A cell as it is repeated to whoever has to mend it."""
    return repr(text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}...")


def decoded(data: bytes) -> str:
    """The file as text, a byte order mark or not. Raises NoHistoryError."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise NoHistoryError(f"line {line} is no UTF-8 text; save the file as UTF-8") from None
