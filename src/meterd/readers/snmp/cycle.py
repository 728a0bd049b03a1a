"""One cycle over an agent: what it has read so far, and when."""

from __future__ import annotations

from meterd.readers.snmp.pdu import Varbind
from meterd.readers.snmp.rows import RowKey, cell_text


class RestartedError(Exception):
    """The agent restarted, so what this cycle has read is not of one piece."""


class Cycle:
    """What one cycle has read so far. An object with two values in one answer has none."""

    def __init__(self, rows: bool) -> None:
        self.rows = rows
        self.values: dict[bytes, Varbind | None] = {}
        self.left_out: set[bytes] = set()
        self.asked_again: set[bytes] = set()
        self.answered = False
        self.silences = self.requests = 0
        self.ticks: int | None = None
        self.at_ms = self.mono_ms = 0


def shows(cycle: Cycle, cell: bytes, key: RowKey) -> bool:
    """Whether the cell of a row still says what the row is known by."""
    value = cycle.values.get(cell)
    return value is not None and cell_text(value) == key.text
