"""Where a period will end at the present rate (seed 003, "Cumulative")."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from meterd.billing.kind import BillType

SILENT_MS: Final = 3_600_000
"""In the first hour a projection is a spike, so there is none."""


def projection(
    kind: BillType, used: Fraction | None, span_ms: tuple[int, int], now_ms: int
) -> Fraction | None:
    """What will be used by the end of [start, end), in the type's unit.

    By elapsed seconds of the period, not by days: some have 23 hours. None in the first
    hour and where nothing is known; once the period is over, what was used.
    """
    start_ms, end_ms = span_ms
    elapsed_ms = min(now_ms, end_ms) - start_ms
    if used is None or elapsed_ms < SILENT_MS:
        return None
    return kind.projected(used, Fraction(elapsed_ms, end_ms - start_ms))
