"""A meter's highest demand, ever and this month (seed 000: peakDemandKw and the like)."""

from __future__ import annotations

import msgspec

from meterd.metering.calendar import Calendar
from meterd.metering.demand import Peak


class PeaksState(msgspec.Struct, array_like=True, gc=False):
    """The peaks so far; month_end_ms bounds the month that `month` belongs to."""

    ever: Peak | None = None
    month: Peak | None = None
    month_end_ms: int = 0


class Peaks:
    """Ties go to the first; a window belongs to the month in which it starts."""

    def __init__(self, state: PeaksState, calendar: Calendar) -> None:
        self.state = state
        self._calendar = calendar

    def see(self, peak: Peak) -> None:
        """A complete demand window."""
        state = self.state
        if peak.start_ms >= state.month_end_ms:
            state.month = None
            state.month_end_ms = self._calendar.month(peak.start_ms)[1]
        if state.ever is None or peak.above(state.ever):
            state.ever = peak
        if state.month is None or peak.above(state.month):
            state.month = peak
