"""What became of a file of history: what was taken, was there already, or was refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from meterd.metering.calendar import iso
from meterd.shapes.history.plan import Plan
from meterd.shapes.history.rows import HistoryRow, Refused
from meterd.units import shown

ROWS_SENT: Final = 600
"""Rows of one request to a running daemon: well below the longest body it takes."""


class Report(msgspec.Struct):
    """Of a whole file, or of a part of it. amount: base units taken; span_ms: from, to."""

    taken: int = 0
    skipped: int = 0
    amount: int = 0
    refused: list[Refused] = []
    span_ms: tuple[int, int] | None = None

    def add(self, part: Report) -> None:
        """Another part of the same file."""
        self.taken += part.taken
        self.skipped += part.skipped
        self.amount += part.amount
        self.refused = sorted([*self.refused, *part.refused])
        spans = [span for span in (self.span_ms, part.span_ms) if span is not None]
        if spans:
            self.span_ms = min(span[0] for span in spans), max(span[1] for span in spans)

    def row(self, unit: str) -> dict[str, Any]:
        """As JSON has it."""
        start, end = (None, None) if self.span_ms is None else map(iso, self.span_ms)
        return {
            "taken": self.taken,
            "skipped": self.skipped,
            "refused": [{"line": line, "why": why} for line, why in self.refused],
            "amount": shown(self.amount, unit),
            "unit": unit,
            "start": start,
            "end": end,
        }


def report(plan: Plan) -> Report:
    """What a plan comes to once it is carried out."""
    taken = plan.taken
    span = (taken[0].start_ms, taken[-1].end_ms) if taken else None
    amount = sum(row.amount for row in taken)
    return Report(len(taken), plan.skipped, amount, plan.refused, span)


def sent(rows: Sequence[HistoryRow | Refused]) -> Iterator[list[HistoryRow]]:
    """What can be read of a file, by time, in parts that one request holds."""
    read = [row for row in rows if isinstance(row, HistoryRow)]
    read.sort(key=lambda row: (row.start_ms, row.line))
    for index in range(0, len(read), ROWS_SENT):
        yield read[index : index + ROWS_SENT]
