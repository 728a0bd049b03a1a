"""Intervals of the wall clock, filled from bookings that tile time.

A booking is split at interval edges by time, in integers, by cumulative floor: the pieces
add up to the whole exactly (contract section 2). An interval is closed when what is known
reaches its end; until then it is open, however long a source is silent.
"""

from __future__ import annotations

from typing import Final

import msgspec

from meterd.events import GAP, GOOD, MISSING, QUESTIONABLE, TOLD_LATE, Booking, Interval
from meterd.metering.calendar import Calendar
from meterd.specs import STALE_MS

ROWS_MAX: Final = 110_000
"""Of one booking; at five minutes that is more than a year. Across a longer absence rows are of
an hour: nobody knows the shape of what was used in it, and memory has an end."""
_HOUR_MS: Final = 3_600_000

Key = tuple[str, str, str]
"""A source of a meter: (quantity, method, phase)."""


class TrackState(msgspec.Struct, array_like=True, gc=False):
    """The open interval of one source, and all it has booked. until_ms: known up to here."""

    until_ms: int = 0
    start_ms: int = 0
    end_ms: int = 0
    amount: int = 0
    gap: int = 0
    questionable: int = 0
    missing_ms: int = 0
    gap_from_ms: int = 0
    gap_to_ms: int = 0
    event: str = ""
    total: int = 0


class Track:
    """One source of a meter as a row of intervals. Key: (quantity, method, phase)."""

    def __init__(self, meter: str, key: Key, state: TrackState) -> None:
        self.meter = meter
        self.key = key
        self.state = state

    def cover(self, booking: Booking, calendar: Calendar, length_ms: int) -> list[Interval]:
        """Enter a booking; return the intervals it closes, oldest first."""
        state = self.state
        end_ms = booking.end_ms
        if not state.end_ms:
            self._open(booking.start_ms, calendar, length_ms)
        state.total += booking.amount
        start_ms = state.until_ms
        if end_ms < state.end_ms:
            self._add(booking, start_ms, max(start_ms, end_ms), booking.amount)
            return []
        closed = []
        span_ms = end_ms - start_ms
        long = span_ms > ROWS_MAX * length_ms
        given = 0
        while end_ms >= state.end_ms:
            edge_ms = state.end_ms
            share = booking.amount * (edge_ms - start_ms) // span_ms if span_ms else 0
            self._add(booking, state.until_ms, edge_ms, share - given)
            given = share
            closed.append(self._close())
            self._next(edge_ms, calendar, length_ms)
            if long and (hour_ms := calendar.interval(edge_ms, _HOUR_MS)[1]) <= end_ms:
                state.end_ms = hour_ms
        if end_ms > state.until_ms or booking.amount > given:
            self._add(booking, state.until_ms, end_ms, booking.amount - given)
        return closed

    def jump(self, to_ms: int, calendar: Calendar, length_ms: int) -> list[Interval]:
        """The wall clock was set ahead: close what is open, go on at `to_ms`, invent nothing."""
        state = self.state
        if not state.end_ms or to_ms < state.end_ms:
            return []
        state.missing_ms += state.end_ms - state.until_ms
        closed = [self._close()]
        self._next(to_ms, calendar, length_ms)
        self._open(to_ms, calendar, length_ms)
        return closed

    def _open(self, at_ms: int, calendar: Calendar, length_ms: int) -> None:
        state = self.state
        state.start_ms, state.end_ms = calendar.interval(at_ms, length_ms)
        state.until_ms = at_ms
        state.missing_ms = at_ms - state.start_ms

    def _add(self, booking: Booking, start_ms: int, end_ms: int, amount: int) -> None:
        """The piece [start_ms, end_ms) of a booking, all inside the open interval."""
        state = self.state
        state.amount += amount
        state.until_ms = end_ms
        if booking.event and state.event not in TOLD_LATE:
            state.event = booking.event
        quality = booking.quality
        if quality == GOOD:
            return
        if quality == MISSING:
            state.missing_ms += end_ms - start_ms
            return
        if quality == GAP:
            state.gap += amount
        else:
            assert quality == QUESTIONABLE, quality
            state.questionable += amount
        long = booking.end_ms - booking.start_ms > STALE_MS and end_ms > start_ms
        if long or booking.since_ms:
            since_ms = booking.since_ms or booking.start_ms
            state.gap_from_ms = min(state.gap_from_ms or since_ms, since_ms)
            state.gap_to_ms = max(state.gap_to_ms, booking.gap_to_ms or booking.end_ms)

    def _close(self) -> Interval:
        state = self.state
        quantity, method, phase = self.key
        return Interval(
            self.meter, quantity, method, phase, state.start_ms, state.end_ms, state.amount,
            state.gap, state.questionable, state.missing_ms, state.gap_from_ms,
            state.gap_to_ms, state.event,
        )  # fmt: skip

    def _next(self, start_ms: int, calendar: Calendar, length_ms: int) -> None:
        state = self.state
        state.start_ms = start_ms
        end_ms = start_ms + length_ms
        state.end_ms = (
            end_ms
            if calendar.same_day(start_ms, end_ms)
            else (calendar.interval(start_ms, length_ms)[1])
        )
        state.amount = state.gap = state.questionable = state.missing_ms = 0
        state.gap_from_ms = state.gap_to_ms = 0
        state.event = ""
