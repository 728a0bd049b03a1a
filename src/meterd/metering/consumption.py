"""What a meter used today, this month, this year, and before: marks on one running total.

A span (day, month, year of the site's calendar) keeps the total at its start; what was used
in it is the difference. Marks move when an interval that ends the span is closed, so energy
is split at midnight by time like everywhere else (seed 000, "Consumption").
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from meterd.events import Interval
from meterd.metering.calendar import Calendar
from meterd.metering.interval import TrackState
from meterd.units import JOULES_PER_KWH

SPANS: Final = ("day", "month", "year")


class Span(msgspec.Struct, array_like=True, gc=False):
    """One calendar span. base: the total at its start. last: what the span before used.

    covered_ms: time of closed intervals that readings cover. priced: money for the energy
    up to total `priced_to`, at rates that have been given up since. last_cost likewise.
    """

    start_ms: int
    end_ms: int
    base: int
    last: int | None = None
    covered_ms: int = 0
    priced: Decimal = Decimal(0)
    priced_to: int = 0
    last_cost: Decimal | None = None


class ConsumptionState(msgspec.Struct, array_like=True, gc=False):
    """The spans, and the rate that applies now (None: no cost), in its currency."""

    spans: dict[str, Span] = {}
    rate: Decimal | None = None
    closed: int = 0
    currency: str = ""


class Consumption:
    """The consumption of one meter's main source. Amounts are joules."""

    def __init__(
        self,
        state: ConsumptionState,
        calendar: Calendar,
        rate: Decimal | None,
        currency: str = "",
    ) -> None:
        self.state = state
        self._calendar = calendar
        self._next_ms = min((span.end_ms for span in state.spans.values()), default=0)
        if rate != state.rate:
            self._reprice(rate)
        if currency != state.currency:
            self._exchange(currency)

    def _reprice(self, rate: Decimal | None) -> None:
        """A changed rate applies from here on; what was used before keeps its price."""
        state = self.state
        for span in state.spans.values():
            span.priced = self.cost_of(span, state.closed)
            span.priced_to = state.closed
        state.rate = rate

    def _exchange(self, currency: str) -> None:
        """Another currency: nothing is added to what was paid in the old one.

        States of early releases do not tell theirs; it is taken to be this.
        """
        state = self.state
        for span in state.spans.values() if state.currency else ():
            span.priced, span.priced_to, span.last_cost = Decimal(0), state.closed, None
        state.currency = currency

    def rebase(self, closed: int) -> None:
        """Another source took over: its running total continues where the old one was."""
        state = self.state
        for span in state.spans.values():
            span.base += closed - state.closed
            span.priced_to += closed - state.closed
        state.closed = closed

    def close(self, interval: Interval) -> None:
        """An interval of the source was closed."""
        state = self.state
        if not self._next_ms:
            state.spans = self._first(interval.start_ms)
            self._next_ms = state.spans["day"].end_ms
        if interval.start_ms >= self._next_ms:  # the clock was set ahead, into another day
            self._roll(interval.start_ms)
        state.closed += interval.amount
        month = state.spans["month"]
        month.covered_ms += interval.end_ms - interval.start_ms - interval.missing_ms
        if interval.end_ms >= self._next_ms:
            self._roll(interval.end_ms)

    def remember(self, start_ms: int, length_ms: int, amount: int) -> None:
        """What was used before the meter was read: in a span it is no longer unknown.

        It is not priced: nobody has said what it cost.
        """
        for name, span in self.state.spans.items():
            if start_ms >= span.start_ms:
                span.base -= amount
                span.covered_ms += length_ms if name == "month" else 0
            elif start_ms >= getattr(self._calendar, name)(span.start_ms - 1)[0]:
                span.last = (span.last or 0) + amount

    def spans_at(self, now_ms: int, track: TrackState) -> dict[str, Span]:
        """The spans that an instant lies in: a day that began in silence has used nothing yet.

        track: the source's open interval and running total.
        """
        spans = self.state.spans
        if not spans and track.end_ms:
            spans = self._first(track.start_ms)
        return {name: self._turned(name, span, now_ms, track.total) for name, span in spans.items()}

    def _first(self, at_ms: int) -> dict[str, Span]:
        found = {name: getattr(self._calendar, name)(at_ms) for name in SPANS}
        return {name: Span(start_ms, end_ms, 0) for name, (start_ms, end_ms) in found.items()}

    def _roll(self, at_ms: int) -> None:
        state = self.state
        for name, span in state.spans.items():
            state.spans[name] = self._turned(name, span, at_ms, state.closed)
        self._next_ms = min(span.end_ms for span in state.spans.values())

    def _turned(self, name: str, span: Span, at_ms: int, total: int) -> Span:
        """The span itself, or the one at an instant after it; of a whole one that was passed
        over nothing is known.
        """
        if at_ms < span.end_ms:
            return span
        start_ms, end_ms = getattr(self._calendar, name)(at_ms)
        turned = Span(start_ms, end_ms, total, priced_to=total)
        if start_ms == span.end_ms:
            turned.last, turned.last_cost = total - span.base, self.cost_of(span, total)
        return turned

    def cost_of(self, span: Span, total: int) -> Decimal:
        """The exact cost of a span up to a running total; 0 where there is no rate."""
        rate = self.state.rate
        if rate is None:
            return span.priced
        used_j = total - max(span.base, span.priced_to)
        return span.priced + used_j * rate / JOULES_PER_KWH
