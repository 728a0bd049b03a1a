"""What arrives for a period that is closed: carried to the open one, never into the closed.

The closed period's terms judge and price it. One adjustment tells of all that one source
brought for one closed period between two advances of time.
"""

from __future__ import annotations

from typing import Final

from meterd.billing.anomalies import ANOMALY, anomaly, over_ceiling
from meterd.billing.period import Adjustment, Period
from meterd.billing.pricing import rate_text
from meterd.billing.sources import Key, enabled_source, key_of_interval, sampled
from meterd.billing.state import BillState, ClosedPeriod
from meterd.billing.world import World
from meterd.events import Adjusted, Interval, Output
from meterd.units import kwh

TOO_LATE: Final = "late_data_refused"
UNKNOWN_MS: Final = -1
"""Stands for the start of a period that is no longer remembered, or never was."""


class LateData:
    """The late data of one bill; it waits in the bill's state from `take` to `carry`."""

    def __init__(self, bill: str, state: BillState, world: World) -> None:
        self._bill = bill
        self._state = state
        self._world = world

    def take(self, interval: Interval, carrier: Period, now_ms: int, out: list[Output]) -> None:
        """Judge an interval of no running period; it is sampled into `carrier`, the open one.

        What is above the ceiling becomes unbilled energy there.
        """
        key = key_of_interval(interval)
        known = self._state.closed_at(interval.start_ms)
        terms = self._state.terms[known.terms] if known else carrier.terms
        if enabled_source(terms, key) is None:
            return
        discarded = over_ceiling(interval, terms.max_source_kw)
        if discarded:
            carrier.state.unbilled += interval.amount
            numbers = anomaly(terms, interval)
            out.append(self._world.event(now_ms, ANOMALY, key[0], key[1], numbers))
        elif interval.amount:
            entry = (known.start_ms if known else UNKNOWN_MS, key)
            self._state.late[entry] = self._state.late.get(entry, 0) + interval.amount
        discarded = discarded or known is None
        out.append(sampled(self._bill, carrier.state.start_ms, interval, discarded=discarded))

    def carry(self, carrier: Period, now_ms: int, out: list[Output]) -> None:
        """Enter what waits into the open period; in which order it came does not matter."""
        for (start_ms, key), amount in sorted(self._state.late.items()):
            known = self._state.closed_at(start_ms)
            if known is None:
                carrier.state.unbilled += amount
                numbers = {"bill": self._bill, "kwh": kwh(amount)}
                out.append(self._world.event(now_ms, TOO_LATE, key[0], key[1], numbers))
            else:
                entry = self._adjustment(known, key, amount, now_ms)
                carrier.adjust(entry)
                out.append(self._told(entry, key, carrier))
        self._state.late.clear()

    def _adjustment(self, known: ClosedPeriod, key: Key, amount: int, now_ms: int) -> Adjustment:
        before = known.energy_j
        known.energy_j += amount
        source = enabled_source(self._state.terms[known.terms], key)
        assert source is not None, "it was judged by the same terms"
        rate = source.rate_per_kwh
        rates = {} if rate is None else {rate_text(rate): amount}
        return Adjustment(known.start_ms, now_ms, amount, before, known.energy_j, rates)

    def _told(self, entry: Adjustment, key: Key, carrier: Period) -> Adjusted:
        return Adjusted(
            id=self._world.new_id(entry.at_ms),
            bill=self._bill,
            period_start_ms=entry.period_start_ms,
            open_period_start_ms=carrier.state.start_ms,
            at_ms=entry.at_ms,
            reason=entry.reason,
            meter=key[0],
            method=key[2],
            amount=entry.amount,
            before=entry.before,
            after=entry.after,
        )
