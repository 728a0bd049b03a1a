"""One billing period that is not closed yet: what each source has used, and the demand.

A period keeps the terms it was opened with. Everything here is a sum, so that the order in
which the sources' intervals arrive does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

import msgspec

from meterd.billing.anomalies import over_ceiling
from meterd.billing.sources import ACTIVE, Key, key_of_interval, wanted
from meterd.billing.tariffs.hours import NO_PRICES, Hours, Prices
from meterd.billing.tariffs.metered import Metered, Past
from meterd.billing.tariffs.tally import Tally, TallyState, demand_names
from meterd.events import Interval
from meterd.metering.calendar import Calendar
from meterd.metering.demand import REACTIVE, Demand, DemandState, Peak
from meterd.specs import BillSpec

LATE: Final = "late_data"


class Totals(msgspec.Struct, array_like=True):
    """What one source has used in a period, joules; gap and questionable are parts of it.

    covered_ms: time its samples cover. digest: chained hash of all its samples.
    """

    amount: int = 0
    gap: int = 0
    questionable: int = 0
    covered_ms: int = 0
    samples: int = 0
    discarded: int = 0
    digest: bytes = b""


class Adjustment(msgspec.Struct):
    """What came to light in this period of one that was closed: one entry per closed period.

    amount, before, after: joules, of the closed period's energy. at_ms: the last time.
    rates: price per kWh under the closed period's terms -> joules of `amount`.
    """

    period_start_ms: int
    at_ms: int
    amount: int
    before: int
    after: int
    rates: dict[str, int] = {}
    reason: str = LATE

    def join(self, later: Adjustment) -> None:
        """Let a later entry of the same closed period run into this one; itself: nothing."""
        if later is self:
            return
        self.at_ms = later.at_ms
        self.amount += later.amount
        self.after = later.after
        for rate, amount in later.rates.items():
            self.rates[rate] = self.rates.get(rate, 0) + amount


class Stint(msgspec.Struct, array_like=True):
    """A part of a period in which the same sources were sampled.

    reached: each of them, and the end of the last interval it had brought when the part ended.
    since: start of the first interval of exported or reactive energy, of which no sample tells;
    None where an early release did not keep it.
    """

    reached: list[tuple[Key, int]]
    since: list[tuple[Key, int]] | None = None


class PeriodState(msgspec.Struct):
    """A period's span [start_ms, end_ms), its terms' number and its sums.

    tally: what the terms' tariff needs, empty without one.
    stints: the parts that are over, oldest first; with them its samples alone tell its peak.
    since: of the part that runs, as a stint has it.
    """

    start_ms: int
    end_ms: int
    terms: int
    unbilled: int = 0
    totals: dict[Key, Totals] = {}
    demand: DemandState = msgspec.field(default_factory=DemandState)
    adjustments: dict[int, Adjustment] = {}
    tally: TallyState = msgspec.field(default_factory=TallyState)
    stints: list[Stint] = []
    since: dict[Key, int] = {}


class Period:
    """A running period; `state` is what it resumes from.

    past: what its tariff is told of the periods before it; the bill's to set.
    """

    past: tuple[Past, ...] = ()

    def __init__(
        self,
        state: PeriodState,
        terms: BillSpec,
        calendar: Calendar,
        prices: Prices = NO_PRICES,
    ) -> None:
        """prices: the site's price series, for tariffs that go by them."""
        self.state = state
        self.terms = terms
        self.keys = wanted(terms)
        self.active = frozenset(key for key in self.keys if key[1] == ACTIVE)
        for key in self.keys:
            if key in self.active:
                self.admit(key)
        names = tuple("/".join(key) for key in self.keys if key[1] in {ACTIVE, REACTIVE})
        own = demand_names(names, terms.demand.quantity)
        self.demand = Demand(terms.demand, calendar, state.demand, own)
        self.tally: Tally | None = None
        if terms.tariff:
            hours = Hours(terms.tariff, self.span(), calendar, prices)
            self.tally = Tally(state.tally, terms, hours, names)

    def span(self) -> tuple[int, int]:
        """[start, end)."""
        return self.state.start_ms, self.state.end_ms

    def holds(self, at_ms: int) -> bool:
        """Whether the instant lies in the period."""
        return self.state.start_ms <= at_ms < self.state.end_ms

    def admit(self, key: Key) -> None:
        """Have a place for what a source brings."""
        self.state.totals.setdefault(key, Totals())

    def book(self, key: Key, interval: Interval) -> bool:
        """Enter an interval of an active source; False when it is above the bill's ceiling.

        What is discarded is known to have been used: it becomes unbilled energy.
        """
        totals = self.state.totals[key]
        discarded = over_ceiling(interval, self.terms.max_source_kw)
        totals.digest = chained(totals.digest, interval, discarded=discarded)
        if discarded:
            totals.discarded += 1
            self.state.unbilled += interval.amount
            return False
        totals.samples += 1
        totals.amount += interval.amount
        totals.gap += interval.gap
        totals.questionable += interval.questionable
        totals.covered_ms += interval.end_ms - interval.start_ms - interval.missing_ms
        self._measure(interval)
        return True

    def support(self, interval: Interval) -> bool:
        """Enter exported or reactive energy; False when it is above the bill's ceiling."""
        self.state.since.setdefault(key_of_interval(interval), interval.start_ms)
        if interval.quantity == REACTIVE:
            self._measure(interval)
        elif over_ceiling(interval, self.terms.max_source_kw):
            return False
        elif self.tally is not None:
            self.tally.book(interval)
        return True

    def _measure(self, interval: Interval) -> None:
        """What demand and tariff make of an interval."""
        windows: tuple[Peak, ...] = ()
        if interval.quantity != REACTIVE or self.terms.demand.quantity == "kva":
            windows = self.demand.add(interval)
        if self.tally is not None:
            self.tally.book(interval)
            self.tally.measure(interval, windows)

    def metered(self) -> Metered | None:
        """What the terms' tariff has to price; None without one."""
        peak = self.demand.state.peak
        return None if self.tally is None else self.tally.metered(peak, self.past)

    def end_stint(self, reached: Mapping[Key, int]) -> None:
        """Its sources change, or it closes. reached: source -> its data is whole up to there."""
        state = self.state
        until = [(key, reached.get(key, 0)) for key in self.keys]
        state.stints.append(Stint(until, sorted(state.since.items())))
        state.since = {}

    def energy_j(self) -> int:
        """All sources' own samples."""
        return sum(totals.amount for totals in self.state.totals.values())

    def participants(self, until_ms: int) -> list[tuple[Totals, int]]:
        """Each source that took part before `until_ms`, and the time for which it was to.

        A part with the same sources lasts until the last of what had reached it; a source was
        to be sampled for as long as it has been, at least.
        """
        wanted_ms: dict[Key, int] = {}
        begin_ms = self.state.start_ms
        parts = [dict(stint.reached) for stint in self.state.stints]
        for part in (*parts, dict.fromkeys(self.active, until_ms)):
            latest_ms = max((at for key, at in part.items() if key[1] == ACTIVE), default=0)
            end_ms = max(begin_ms, min(latest_ms, until_ms))
            for key in part:
                wanted_ms[key] = wanted_ms.get(key, 0) + end_ms - begin_ms
            begin_ms = end_ms
        found = [
            (totals, max(totals.covered_ms, wanted_ms.get(key, 0)))
            for key, totals in self.state.totals.items()
        ]
        return [(totals, wanted) for totals, wanted in found if wanted]

    def adjust(self, entry: Adjustment) -> None:
        """Carry late energy of a closed period; entries of one period run together."""
        self.state.adjustments.setdefault(entry.period_start_ms, entry).join(entry)


def chained(digest: bytes, interval: Interval, *, discarded: bool) -> bytes:
    """The digest of a source's samples with one more; b"" is that of none.

    A source's intervals come in time order, so one walk over its samples finds it again.
    """
    facts = (
        f"{interval.start_ms},{interval.end_ms},{interval.amount},{interval.gap},"
        f"{interval.questionable},{interval.missing_ms},{discarded:d};"
    )
    return sha256(digest + facts.encode()).digest()
