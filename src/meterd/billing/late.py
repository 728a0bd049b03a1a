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
from meterd.billing.tariffs.hours import Hours, Place
from meterd.billing.tariffs.tally import EXPORT
from meterd.billing.world import World
from meterd.events import Adjusted, Interval, Output
from meterd.tariff import NOTHING
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
        self._hours: Hours | None = None

    def take(self, interval: Interval, carrier: Period, now_ms: int, out: list[Output]) -> None:
        """Judge an interval of no running period; it is sampled into `carrier`, the open one.

        What is above the ceiling becomes unbilled energy there.
        """
        key = key_of_interval(interval)
        known = self._state.closed_at(interval.start_ms)
        terms = self._state.terms[known.terms] if known else carrier.terms
        if key[1] == EXPORT and known:
            self._credit(interval, known)
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
            rate = self._rate(known, key, interval) if known else None
            if rate is not None:
                rates = self._state.late_rates.setdefault(entry, {})
                rates[rate] = rates.get(rate, 0) + interval.amount
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
                rates = self._state.late_rates.get((start_ms, key), {})
                entry = self._adjustment(known, (amount, rates), now_ms)
                carrier.adjust(entry)
                out.append(self._told(entry, key, carrier))
        self._state.late.clear()
        self._state.late_rates.clear()

    def _credit(self, interval: Interval, known: ClosedPeriod) -> None:
        """Exported energy of a closed period: negative, and no energy of the bill's."""
        terms = self._state.terms[known.terms]
        place = self._place(interval, known) if terms.tariff else None
        export = terms.tariff[place.version].export if place and place.version >= 0 else None
        if export is None or export.rate is None or not interval.amount:
            return
        if over_ceiling(interval, terms.max_source_kw):
            return
        entry, rate = (known.start_ms, key_of_interval(interval)), rate_text(export.rate)
        self._state.late.setdefault(entry, 0)
        rates = self._state.late_rates.setdefault(entry, {})
        rates[rate] = rates.get(rate, 0) - interval.amount

    def _rate(self, known: ClosedPeriod, key: Key, interval: Interval) -> str | None:
        """What a kWh of a closed period costs by its own terms; None where nothing says so.

        A tariff's rate is that of the interval's own time, in the last tier that was reached.
        """
        terms = self._state.terms[known.terms]
        if not any(version.prices_energy for version in terms.tariff):
            source = enabled_source(terms, key)
            rate = source.rate_per_kwh if source else None
            return None if rate is None else rate_text(rate)
        place = self._place(interval, known)
        if place.version == NOTHING or not terms.tariff[place.version].series:
            return known.rates.get((place.version, place.zone))
        price = self._hours_of(known).price(place.version, interval.start_ms)
        return None if price is None else rate_text(price)

    def _place(self, interval: Interval, known: ClosedPeriod) -> Place:
        length_ms = interval.end_ms - interval.start_ms
        return self._hours_of(known).place(interval.start_ms, length_ms)

    def _hours_of(self, known: ClosedPeriod) -> Hours:
        """When what held in a closed period; that of the last is kept."""
        versions, span = self._state.terms[known.terms].tariff, (known.start_ms, known.end_ms)
        hours = self._hours
        if hours is None or (hours.span, hours.versions) != (span, versions):
            hours = self._hours = Hours(versions, span, self._world.calendar, self._world.prices)
        return hours

    def _adjustment(
        self, known: ClosedPeriod, late: tuple[int, dict[str, int]], now_ms: int
    ) -> Adjustment:
        amount, rates = late
        before = known.energy_j
        known.energy_j += amount
        return Adjustment(known.start_ms, now_ms, amount, before, known.energy_j, dict(rates))

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
            rates=dict(entry.rates),
        )
