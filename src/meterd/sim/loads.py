"""Loads: how much power something draws at an instant, the same for the same seed.

A load is a shape over the day and the week with a little noise that is a pure function of
seed and time, so a recording and a live device agree on what was used.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from math import cos, pi, sin
from typing import Final

import msgspec

NOISE_MS: Final = 60_000
"""The noise takes a new value this often."""

Shape = Callable[[datetime], float]


class Load(msgspec.Struct, frozen=True):
    """A load. base_kw always; swing_kw times the shape; noise: share of both."""

    seed: int
    base_kw: float
    swing_kw: float
    shape: Shape
    noise: float = 0.05

    def power_kw(self, at_ms: int, local: datetime) -> float:
        """Kilowatts at an instant, which is `local` on the site's clocks."""
        steady = self.base_kw + self.swing_kw * self.shape(local)
        return max(0.0, steady * (1 + self.noise * _noise(self.seed, at_ms // NOISE_MS)))


def _noise(seed: int, step: int) -> float:
    """A number in [-1, 1) that looks random and is not (splitmix64)."""
    mixed = (step * 0x9E3779B97F4A7C15 + seed * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return (mixed ^ mixed >> 31) / 2**63 - 1


def office(local: datetime) -> float:
    """Weekdays from eight to six, with a shoulder on either side."""
    hour = local.hour + local.minute / 60
    if local.weekday() >= 5:
        return 0.12
    return max(0.1, min(1.0, (hour - 6.5) / 2, (19.5 - hour) / 2))


def cooling(local: datetime) -> float:
    """Follows the warmth of the day and of the year."""
    hour = local.hour + local.minute / 60
    warmth = 0.5 - 0.5 * cos(2 * pi * (hour - 4) / 24)
    season = 0.6 - 0.4 * cos(2 * pi * local.timetuple().tm_yday / 365)
    return warmth * season


def servers(local: datetime) -> float:
    """Nearly flat, with a nightly batch."""
    return 0.8 + 0.1 * sin(2 * pi * local.hour / 24) + (0.1 if 1 <= local.hour < 3 else 0.0)
