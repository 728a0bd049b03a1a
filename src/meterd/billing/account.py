"""What a meter costs by its tariff: a bill of its own by the calendar's months, shown to nobody.

Its only source is the meter, so it is tallied, closed and priced as every bill is; of it all
only the sums of the months are kept (seed 000: costThisMonth, costLastMonth, costThisYear).
A month that runs owes its fixed charges and its minimum as far as it is sampled
(reference/billing.md section 4). A meter that has lost its tariff keeps what its months cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import structs

from meterd.billing.bill import Bill
from meterd.billing.figures import usage
from meterd.billing.period import Period
from meterd.billing.pricing import Usage
from meterd.billing.sources import Key
from meterd.billing.state import BillState
from meterd.billing.world import World
from meterd.events import Event, Interval, Output, PeriodClosed
from meterd.metering.saved import States, all_of
from meterd.specs import BillSpec

ACCOUNT: Final = "account"
"""The kind of its state in the store."""
MONTHS_KEPT: Final = 24
"""Months whose costs are remembered: more than this year has and the month before it."""


class AccountState(msgspec.Struct):
    """bill: what its bill resumes from. months: start of a closed month -> what it cost: a
    currency and a decimal; None where some of it had no price."""

    bill: BillState = msgspec.field(default_factory=BillState)
    months: dict[int, tuple[str, str] | None] = {}


class Costs(NamedTuple):
    """Money, None where it is not known."""

    month: Decimal | None
    last_month: Decimal | None
    year: Decimal | None


class MeterAccount:
    """The account of one meter. spec: the terms as a bill, of the meter's name."""

    def __init__(self, spec: BillSpec, world: World, state: AccountState | None = None) -> None:
        self.spec = spec
        self.state = state = state or AccountState()
        self._calendar = world.calendar
        self._world = structs.replace(world, event=_unheard, new_id=lambda _at_ms: "")
        self._bill = Bill(spec, self._world, state.bill)
        self._known: dict[int, tuple[str, str] | None] | None = None
        self._added: tuple[tuple[int, str], Decimal | None] | None = None

    def wants(self) -> tuple[Key, ...]:
        """As a bill."""
        return self._bill.wants()

    def take(self, interval: Interval, now_ms: int, _out: list[Output]) -> None:
        """As a bill, but that nobody is told."""
        self._known = self._added = None
        self._bill.take(interval, now_ms, [])

    def unbilled(self, meter: str, at_ms: int, amount: int) -> None:
        """As a bill; it has no price."""
        self._bill.unbilled(meter, at_ms, amount)

    def due_ms(self) -> int:
        """As a bill."""
        return self._bill.due_ms()

    def advance(self, now_ms: int, _out: list[Output]) -> None:
        """As a bill; what a month that closes has cost is kept."""
        self._known = self._added = None
        done: list[Output] = []
        self._bill.advance(now_ms, done)
        months = self.state.months
        for row in done:
            if isinstance(row, PeriodClosed):
                cost = msgspec.json.decode(row.body)["figures"]["cost"]
                months[row.start_ms] = cost and (cost["currency"], cost["total"])
        self.state.months = dict(sorted(months.items())[-MONTHS_KEPT:])

    def costs(self, now_ms: int, currency: str) -> Costs:
        """What the month and the year that hold an instant have cost, and the month before.

        All of it as far as it is sampled: up to the last whole interval. What was paid in
        another currency (the site's has changed) is not known in this one, and in no sum.
        """
        known = self._by_month(now_ms)
        start_ms = self._calendar.month(now_ms)[0]
        year_ms = self._calendar.year(now_ms)[0]
        of_year = [cost for at_ms, cost in known.items() if year_ms <= at_ms <= start_ms]
        paid = [cost for cost in of_year if cost is not None]
        year = sum((_money(cost, currency) or Decimal(0) for cost in paid), Decimal(0))
        return Costs(
            _money(known.get(start_ms, (currency, "0")), currency),
            _money(known.get(self._calendar.month(start_ms - 1)[0]), currency),
            year if len(paid) == len(of_year) else None,
        )

    def today(self, now_ms: int, currency: str) -> Decimal | None:
        """What the energy of the local day has added to the month: its hours, tiers and taxes.

        None where a price holds across midnight: what was used before is in one sum with it.
        """
        asked = (self._calendar.day(now_ms)[0], currency)
        if self._added is None or self._added[0] != asked:
            self._added = (asked, self._of_day(now_ms, *asked))
        return self._added[1]

    def _of_day(self, now_ms: int, day_ms: int, currency: str) -> Decimal | None:
        """The month so far, less the month without the day."""
        period = next((one for one in self._bill.running() if one.holds(now_ms)), None)
        if period is None or period.tally is None or not period.tally.splits(day_ms):
            return None
        seen = usage(period, self._calendar)
        both = [self._world.pricing(period.terms, one) for one in (seen, until(day_ms, seen))]
        known = [cost for cost in both if cost is not None and cost.currency == currency]
        return Decimal(known[0].total) - Decimal(known[1].total) if known == both else None

    def _by_month(self, now_ms: int) -> dict[int, tuple[str, str] | None]:
        """Start of a month -> its cost; worked out again when something has changed."""
        if self._known is None:
            running = self._bill.running()
            now = {one.state.start_ms: self._cost(one, now_ms) for one in running}
            self._known = {**self.state.months, **now}
        return self._known

    def _cost(self, period: Period, now_ms: int) -> tuple[str, str] | None:
        start_ms, end_ms = period.span()
        until_ms = end_ms if now_ms >= end_ms else max(self.state.bill.reached.values(), default=0)
        part = Fraction(min(max(until_ms, start_ms), end_ms) - start_ms, end_ms - start_ms)
        seen = structs.replace(usage(period, self._calendar), accrued=part)
        cost = self._world.pricing(period.terms, seen)
        return None if cost is None else (cost.currency, cost.total)


def until(at_ms: int, seen: Usage) -> Usage:
    """What a period had used by an instant at which a stretch began; its peaks are kept."""
    metered = seen.metered
    assert metered is not None, "a tally has told it"
    later_j = 0
    parts = []
    for part in metered.parts:
        later_j += sum(run.import_j for run in part.stretches if run.start_ms >= at_ms)
        kept = tuple(run for run in part.stretches if run.start_ms < at_ms)
        parts.append(structs.replace(part, stretches=kept))
    energy_j = {key: amount_j - later_j for key, amount_j in seen.energy_j.items()}
    return structs.replace(
        seen, energy_j=energy_j, metered=structs.replace(metered, parts=tuple(parts))
    )


def _money(cost: tuple[str, str] | None, currency: str) -> Decimal | None:
    return Decimal(cost[1]) if cost is not None and cost[0] == currency else None


def accounts(specs: Mapping[str, BillSpec], world: World, states: States) -> list[MeterAccount]:
    """One for every meter that has a tariff (specs), and for those that had one once."""
    known = all_of(states, ACCOUNT, AccountState)
    ended = {
        name: structs.replace(state.bill.terms[max(state.bill.terms)], sources=(), ended=True)
        for name, state in known.items()
        if state.bill.terms
    }
    return [MeterAccount(spec, world, known.get(name)) for name, spec in {**ended, **specs}.items()]


def _unheard(at_ms: int, *told: Any) -> Event:
    """An event that nobody is told of, and that takes no number from those that are."""
    kind, meter, quantity, numbers = told
    return Event("", at_ms, kind, meter, quantity, numbers)
