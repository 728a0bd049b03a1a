"""A bill's life: the first sample opens a period, time opens the next, data or grace closes.

Periods tile time and are never merged, however many are missed. What arrives for a closed
period is carried to the open one as an adjustment. The open period keeps the terms it was
opened with; a changed configuration applies from the next (contract section 5). A bill that
has ended closes its open period at its end, and opens no other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from meterd.billing.anomalies import ANOMALY, anomaly
from meterd.billing.closing import Link, closed
from meterd.billing.figures import CLOSING, OPEN, figures, usage
from meterd.billing.kind import bill_type
from meterd.billing.late import LateData
from meterd.billing.period import Period, PeriodState
from meterd.billing.sources import (
    ACTIVE,
    METHOD_OF_KIND,
    Key,
    continued,
    key_of_interval,
    one_word,
    sampled,
    wanted,
)
from meterd.billing.state import BillState, ClosedPeriod, encode
from meterd.billing.tariffs.price import marginal_rates, past_of
from meterd.billing.world import World
from meterd.events import MEASURED, Interval, Output
from meterd.metering.calendar import iso
from meterd.specs import BillSpec, SourceSpec

NOTHING_DUE_MS: Final = 1 << 62
UNPRICED: Final = "period_unpriced"
"""Kind of the event: a period is closed, and its tariff has no price for some of it."""
PERIODS_MAX: Final = 1200
"""Periods not yet closed: a century of silence. More is a broken clock."""


class Bill:
    """One bill. What happens is appended to `out`, in the order in which it happens."""

    def __init__(self, spec: BillSpec, world: World, state: BillState | None = None) -> None:
        self.spec = spec
        self.state = state = state or BillState()
        self._world = world
        if state.periods:
            self._continue(state.periods[-1])
        self._periods = [
            self._running(period, state.terms[period.terms]) for period in state.periods
        ]
        self._late = LateData(spec.name, state, world)
        wants = self.wants()
        state.reached = {key: at_ms for key, at_ms in state.reached.items() if key in wants}

    def _continue(self, last: PeriodState) -> None:
        """Go on with the period that is open, whatever has changed of the bill."""
        state = self.state
        before = state.terms[last.terms]
        terms = continued(before, self.spec)
        if wanted(terms) != wanted(before):
            self._running(last, before).end_stint(state.reached)
        last.terms = state.number(terms)

    # -- what comes in ------------------------------------------------------------------

    def wants(self) -> tuple[Key, ...]:
        """(meter, quantity, method, phase) of every row of intervals the bill must be given.

        Those of the configuration, and those that periods not yet closed still wait for.
        """
        keys = dict.fromkeys(wanted(self.spec))
        for period in self._periods:
            keys.update(dict.fromkeys(period.keys))
        return tuple(keys)

    def take(self, interval: Interval, now_ms: int, out: list[Output]) -> None:
        """Sample an interval: in its own period, or as an adjustment if that is closed."""
        key = key_of_interval(interval)
        period = self._holding(interval.start_ms, now_ms)
        self.reached(key, interval.end_ms)
        if period is None:
            self._late.take(interval, self._periods[-1], now_ms, out)
            return
        if key in period.active:
            kept = period.book(key, interval)
            name, start_ms = self.spec.name, period.state.start_ms
            out.append(sampled(name, start_ms, interval, discarded=not kept))
        else:
            kept = key not in period.keys or period.support(interval)
        if not kept:
            numbers = anomaly(period.terms, interval)
            out.append(self._world.event(now_ms, ANOMALY, key[0], key[1], numbers))

    def unbilled(self, meter: str, at_ms: int, amount: int) -> None:
        """Energy that a counter of the bill is known to have used and that is not booked."""
        if (meter, ACTIVE, MEASURED, "") in self.wants():
            period = self._holding(at_ms, at_ms) or self._periods[-1]
            period.state.unbilled += amount

    def reached(self, key: Key, until_ms: int) -> None:
        """A source's data is whole up to `until_ms`, in the middle of an interval too."""
        if until_ms > self.state.reached.get(key, 0):
            self.state.reached[key] = until_ms

    # -- time passes --------------------------------------------------------------------

    def due_ms(self) -> int:
        """When `advance` next has something to do; in the past when it has already."""
        periods = self._periods
        if self.state.late:
            return 0
        if not periods:
            return NOTHING_DUE_MS
        closes_ms = self._closes_ms(periods[0])
        return closes_ms if self.spec.ended else min(closes_ms, periods[-1].state.end_ms)

    def advance(self, now_ms: int, out: list[Output]) -> None:
        """Open what has begun, carry what came late, close what is due; again: nothing."""
        self._roll(now_ms)
        periods = self._periods
        if self.state.late:
            self._late.carry(periods[-1], now_ms, out)
        running = 0 if self.spec.ended else 1
        while len(periods) > running and self._closes_ms(periods[0]) <= now_ms:
            self._close(now_ms, out)

    # -- what is shown ------------------------------------------------------------------

    def view(
        self, now_ms: int, sources: Callable[[SourceSpec], tuple[str, str | None]]
    ) -> dict[str, Any]:
        """The bill as `meterd bills --json` prints it, with the periods not closed yet.

        sources: a source -> its health and the text of its last reading.
        """
        running = self.running()
        terms = self._periods[-1].terms if self._periods else self.spec
        enabled = (source for source in self.spec.sources if source.enabled)
        return {
            "name": self.spec.name,
            "type": terms.type,
            "unit": bill_type(terms.type).unit(terms),
            "accuracy": one_word(METHOD_OF_KIND[source.kind] for source in enabled),
            "sources": [_source(source, *sources(source)) for source in self.spec.sources],
            "periods": [
                msgspec.to_builtins(figures(period, self._world, status, now_ms))
                for period in running
                for status in (OPEN if now_ms < period.state.end_ms else CLOSING,)
            ],
        }

    def encode(self) -> bytes:
        """The state, for `state.decode`."""
        return encode(self.state)

    # -- periods ------------------------------------------------------------------------

    def _holding(self, at_ms: int, now_ms: int) -> Period | None:
        """The period that holds `at_ms`, opened if need be; None if it is closed."""
        periods = self._periods
        if not periods or (at_ms < periods[0].state.start_ms and not self.state.closed):
            self._begin(at_ms)
        self._roll(max(at_ms, now_ms))
        return next((period for period in reversed(periods) if period.holds(at_ms)), None)

    def _begin(self, at_ms: int) -> None:
        """Open the periods from the one that holds `at_ms` to the first there is."""
        first = self._periods[0] if self._periods else None
        terms = first.terms if first else self.spec
        calendar = self._world.calendar
        closed_ms = self.state.closed[-1].end_ms if self.state.closed else at_ms
        start_ms, end_ms = calendar.billing_period(max(at_ms, closed_ms), terms.billing_day)
        if self.state.closed:  # a bill that had ended goes on
            start_ms = max(start_ms, closed_ms)
        limit_ms = first.state.start_ms if first else end_ms
        index = 0
        while start_ms < limit_ms:
            self._open(index, start_ms, min(end_ms, limit_ms), terms)
            index += 1
            start_ms, end_ms = calendar.billing_period(end_ms, terms.billing_day)

    def _roll(self, now_ms: int) -> None:
        """Open the periods that have begun, on the configuration's terms and billing day."""
        periods = self._periods
        while periods and periods[-1].state.end_ms <= now_ms and not self.spec.ended:
            start_ms = periods[-1].state.end_ms
            _, end_ms = self._world.calendar.billing_period(start_ms, self.spec.billing_day)
            self._open(len(periods), start_ms, end_ms, self.spec)

    def _open(self, index: int, start_ms: int, end_ms: int, terms: BillSpec) -> None:
        assert len(self._periods) < PERIODS_MAX, f"{self.spec.name}: no end of periods"
        state = PeriodState(start_ms, end_ms, self.state.number(terms))
        self.state.periods.insert(index, state)
        self._periods.insert(index, self._running(state, terms))

    def _running(self, state: PeriodState, terms: BillSpec) -> Period:
        return Period(state, terms, self._world.calendar, self._world.prices)

    def running(self) -> list[Period]:
        """The periods not closed yet, each told what its tariff must know of those before."""
        past = tuple(self.state.past)
        for period in self._periods:
            period.past = past
            if period.tally is not None and period is not self._periods[-1]:
                past = (*past, past_of(period.terms, usage(period, self._world.calendar)))
        return self._periods

    # -- closing ------------------------------------------------------------------------

    def _closes_ms(self, period: Period) -> int:
        """When a period can be closed, by what is known of its sources now."""
        end_ms, reached = period.state.end_ms, self.state.reached
        if all(reached.get(key, 0) >= end_ms for key in period.keys):
            return end_ms
        return end_ms + period.terms.grace_ms

    def _close(self, now_ms: int, out: list[Output]) -> None:
        state = self.state
        period = self._periods.pop(0)
        done = state.periods.pop(0)
        period.past = tuple(state.past)
        period.end_stint(state.reached)
        row = closed(self.spec.name, period, self._world, Link(state.sha256, now_ms))
        state.sha256 = row.sha256
        kept = ClosedPeriod(done.start_ms, done.end_ms, period.energy_j(), done.terms)
        if period.tally is not None:
            seen = usage(period, self._world.calendar)
            state.look_back(past_of(period.terms, seen))
            kept.rates = marginal_rates(period.terms, seen)
            if self._world.pricing(period.terms, seen) is None:
                numbers = {"bill": self.spec.name, "start": iso(done.start_ms)}
                out.append(self._world.event(now_ms, UNPRICED, "", "", numbers))
        state.remember(kept)
        out.append(row)


def _source(source: SourceSpec, health: str, last: str | None) -> dict[str, Any]:
    """A source as it is shown; the phase only where it takes one."""
    phase = {"phase": source.phase} if source.phase else {}
    health = health if source.enabled else "disabled"
    row = {"meter": source.meter, "kind": source.kind, **phase, "enabled": source.enabled}
    return {**row, "health": health, "last": last}
