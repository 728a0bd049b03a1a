"""What of a file becomes history: what is new and fits, and why the rest is not taken.

Two rows never share an instant, and none one with what the meter has counted itself. What is
there already is left as it is, so the same file may be imported again, and again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from meterd.metering.calendar import iso
from meterd.shapes.history.rows import HistoryRow, Refused

LONGEST_MS: Final = 25 * 3_600_000
"""A local day, at most."""
AMOUNT_MAX: Final = 1 << 62
"""What a store can hold of one interval."""
Span = tuple[int, int, int]
"""(start_ms, end_ms, amount) of what is there already."""


class Limits(msgspec.Struct, frozen=True):
    """before_ms: the meter has counted itself from there on, or that is now. counts: it has.

    per_hour: most that it is believed to count in an hour, base units, None for no limit.
    """

    before_ms: int
    counts: bool
    per_hour: int | None = None


class Plan(msgspec.Struct, frozen=True):
    """taken: oldest first. skipped: how many are there already. refused: by line."""

    taken: list[HistoryRow]
    skipped: int
    refused: list[Refused]


def plan(rows: Iterable[HistoryRow | Refused], there: Sequence[Span], limits: Limits) -> Plan:
    """Judge every row. there: what the meter has of other systems already, oldest first."""
    refused: list[Refused] = []
    fitting: list[HistoryRow] = []
    skipped = 0
    known = {start_ms: (end_ms, amount) for start_ms, end_ms, amount in there}
    starts = [start_ms for start_ms, _end_ms, _amount in there]
    ends = [end_ms for _start_ms, end_ms, _amount in there]
    for row in rows:
        if isinstance(row, Refused):
            refused.append(row)
        elif trouble := _trouble(row, limits):
            refused.append(Refused(row.line, trouble))
        elif known.get(row.start_ms) == (row.end_ms, row.amount):
            skipped += 1
        elif bisect_right(ends, row.start_ms) < bisect_left(starts, row.end_ms):
            refused.append(Refused(row.line, _differs(row, known)))
        else:
            fitting.append(row)
    fitting.sort(key=lambda row: (row.start_ms, row.line))
    taken, again, overlapping = _apart(fitting)
    return Plan(taken, skipped + again, sorted([*refused, *overlapping]))


def _trouble(row: HistoryRow, limits: Limits) -> str:
    """What is wrong with a row by itself, "" for nothing."""
    length_ms = row.end_ms - row.start_ms
    if not 0 < length_ms <= LONGEST_MS:
        return f"runs from {_when(row.start_ms)} to {_when(row.end_ms)}; a day is the most"
    if row.start_ms < 0:
        return "begins before 1970"
    if row.amount < 0:
        return "is negative; what is fed back is energy_export"
    if row.amount > AMOUNT_MAX:
        return "is more than any meter counts"
    if row.end_ms > limits.before_ms:
        why = "the meter has counted itself since then" if limits.counts else "it is not over yet"
        return f"ends after {iso(limits.before_ms)}, and {why}"
    if limits.per_hour is not None and row.amount * 3_600_000 > limits.per_hour * length_ms:
        return "is more than the meter's ceiling (max_kw) allows in the time"
    return ""


def _when(at_ms: int) -> str:
    try:
        return iso(at_ms)
    except (ValueError, OverflowError, OSError):
        return "no date"


def _differs(row: HistoryRow, known: dict[int, tuple[int, int]]) -> str:
    if row.start_ms in known:
        return f"differs from what is there already at {iso(row.start_ms)}; that stays"
    return f"overlaps what is there already, from {iso(row.start_ms)}"


def _apart(rows: Sequence[HistoryRow]) -> tuple[list[HistoryRow], int, list[Refused]]:
    """Rows of one file, sorted: those that share no instant, how often one is repeated, and
    those that overlap one before them."""
    taken: list[HistoryRow] = []
    again = 0
    refused = []
    for row in rows:
        last = taken[-1] if taken else None
        if last is None or row.start_ms >= last.end_ms:
            taken.append(row)
        elif row[1:4] == last[1:4]:
            again += 1
        else:
            refused.append(Refused(row.line, f"overlaps line {last.line} of the same file"))
    return taken, again, refused
