"""From the data's numbers to pixels, and round numbers for an axis."""

from __future__ import annotations

from math import floor, log10
from typing import Final

import msgspec

from meterd.web.tongues import figures

TICKS: Final = 4
"""Lines across a chart, or one more."""


class Scale(msgspec.Struct, frozen=True):
    """A straight scale: `low` lies at the pixel `start`, `high` at `end`. step: of its ticks."""

    low: float
    high: float
    start: float
    end: float
    step: float = 0.0

    def at(self, value: float) -> float:
        """Where a value lies."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self) -> list[tuple[float, str]]:
        """Round values on it, and how they are written."""
        first, last = round(self.low / self.step), round(self.high / self.step)
        places = max(0, -floor(log10(self.step)))
        return [
            (n * self.step, figures(n * self.step, places) if n else "0")
            for n in range(first, last + 1)
        ]


def rounded(low: float, high: float, start: float, end: float) -> Scale:
    """A scale from a round number at or below `low` (and 0) to one at or above `high`."""
    low, high = min(0.0, low), max(0.0, high)
    if high - low <= 0:
        high = 1.0
    step = _step((high - low) / TICKS)
    from_, to = floor(low / step), -floor(-high / step)
    return Scale(from_ * step, to * step, start, end, step)


def _step(least: float) -> float:
    """1, 2 or 5 times a power of ten, at least so large."""
    power = 10.0 ** floor(log10(least))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= least * 0.999)
