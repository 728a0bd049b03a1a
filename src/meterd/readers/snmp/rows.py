"""Rows of an agent's tables by what stands in them: a walk over one column.

An index means nothing beyond a restart, and some agents renumber without one. So a row is
known by a text (a name, a label, a serial number), and two rows with the same text are
none: which of them was meant cannot be told.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from meterd.config.points import RowConfig
from meterd.readers.line import ReadFailed
from meterd.readers.snmp import ber
from meterd.readers.snmp import pdu as pdus
from meterd.readers.snmp.pdu import Pdu, Varbind
from meterd.readers.snmp.session import Session
from meterd.readers.snmp.values import raw_number, raw_text

ROWS_MAX: Final = 10_000
"""Of one column; a table that goes on is taken to go in circles."""
REPETITIONS: Final = 25
"""Rows asked for in one GET-BULK, before an agent has said that it can send fewer."""
NOT_FOUND_MS: Final = 60_000
"""A row that is not there is looked for again so often."""


class RowKey(NamedTuple):
    """The row where `column` says `text`."""

    column: bytes
    text: str


class Table(NamedTuple):
    """What a walk found: text -> the indexes that have it. until_ms: believed so long when it
    lacks a row; monotonic."""

    indexes: dict[str, list[bytes]]
    until_ms: int


def row_key(row: RowConfig) -> RowKey:
    """The key of a row as the file has it."""
    return RowKey(ber.oid(row.oid), row.equals)


def cell_text(value: Varbind) -> str | None:
    """What stands in a cell: text, or digits."""
    text = raw_text(value.tag, value.content)
    if text is not None:
        return text
    number = raw_number(value.tag, value.content)
    return None if number is None else str(number)


def index_of(table: Table, text: str) -> bytes | None:
    """The index of the one row with this text."""
    indexes = table.indexes.get(text, [])
    return indexes[0] if len(indexes) == 1 else None


class Walker:
    """Walks columns of one agent. bulk: whether it knows GET-BULK."""

    def __init__(self, session: Session, bulk: bool) -> None:
        self._session = session
        self._bulk = bulk
        self._repetitions = REPETITIONS

    async def walk(self, column: bytes, now_ms: int) -> Table:
        """All rows of a column. What was found before a silence is kept, for this time."""
        seen: dict[bytes, Varbind] = {}
        cursor = column
        until_ms = now_ms + NOT_FOUND_MS
        while len(seen) < ROWS_MAX:
            try:
                answer = await self._next(cursor)
            except ReadFailed:
                self._repetitions = max(1, self._repetitions // 2)
                if not seen:
                    raise
                until_ms = now_ms
                break
            if not _take(column, answer, seen):
                break
            cursor = next(reversed(seen))
        indexes: dict[str, list[bytes]] = {}
        for oid, value in seen.items():
            if (text := cell_text(value)) is not None:
                indexes.setdefault(text, []).append(oid[len(column) :])
        return Table(indexes, until_ms)

    async def _next(self, cursor: bytes) -> Pdu:
        bindings = pdus.asking((cursor,))
        while self._bulk:
            answer = await self._session.ask(pdus.GET_BULK, bindings, self._repetitions)
            if answer.error != pdus.TOO_BIG or self._repetitions == 1:
                return answer
            self._repetitions //= 2
        return await self._session.ask(pdus.GET_NEXT, bindings)


def _take(column: bytes, answer: Pdu, seen: dict[bytes, Varbind]) -> bool:
    """Note the rows of an answer; whether the column goes on."""
    if answer.error or not answer.varbinds:
        return False
    for one in answer.varbinds:
        inside = one.oid.startswith(column) and len(one.oid) > len(column)
        if not inside or one.tag == pdus.END_OF_VIEW or one.oid in seen:
            return False
        seen[one.oid] = one
    return True
