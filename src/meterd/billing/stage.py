"""The third stage of the pipeline: the bills of a site, and the accounts of its meters.

Intervals of a meter go to every bill that has it as a source, and to the account of a meter
that has a tariff. Whoever has changed is written down with the commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import msgspec

from meterd.billing.account import ACCOUNT, MeterAccount, accounts
from meterd.billing.bill import NOTHING_DUE_MS, Bill
from meterd.billing.state import BillState
from meterd.billing.world import World
from meterd.events import MEASURED
from meterd.metering.calendar import iso
from meterd.metering.meter import Meter
from meterd.metering.saved import States, restored
from meterd.metering.setting import Setting
from meterd.specs import STALE_MS, SiteSpec, SourceSpec
from meterd.views import BillView, MeterView

BILL: Final = "bill"
OF_BILLING: Final = frozenset({BILL, ACCOUNT})
"""Kinds of states that are kept here."""
Owner = tuple[str, str]
"""(kind, name) of a bill or an account."""
Takers = dict[str, dict[tuple[str, str, str], list[Owner]]]
"""meter -> (quantity, method, phase) -> who takes such intervals."""
_COSTS: Final = ("costThisMonth", "costLastMonth", "costThisYear")


class Billing:
    """bills: by name. accounts: by the name of their meter."""

    def __init__(self, site: SiteSpec, states: States, world: World, setting: Setting) -> None:
        self._setting = setting
        self.bills = {
            spec.name: Bill(spec, world, restored(states, BILL, spec.name, BillState))
            for spec in site.bills
        }
        self._currencies = {meter.name: meter.currency for meter in site.meters}
        priced = {spec.name: spec for spec in site.accounts}
        self.accounts = {
            one.spec.name: one
            for one in accounts(priced, world, states)
            if one.spec.name in self._currencies
        }
        self._owners: dict[Owner, Bill | MeterAccount] = {
            **{(BILL, name): bill for name, bill in self.bills.items()},
            **{(ACCOUNT, name): account for name, account in self.accounts.items()},
        }
        self._takers = _takers(self._owners)

    # -- what happens -------------------------------------------------------------------

    def take(self, meter: Meter, now_ms: int) -> None:
        """What the meter has closed and could not book, to who wants it."""
        takers = self._takers.get(meter.spec.name)
        if takers is None:
            return
        changed: dict[Owner, None] = {}
        for interval in meter.intervals:
            for owner in takers.get((interval.quantity, interval.method, interval.phase), ()):
                self._owners[owner].take(interval, now_ms, self._setting.journal.outputs)
                changed[owner] = None
        for booking in meter.bookings:
            if booking.unbilled:
                for owner in takers.get((booking.quantity, MEASURED, ""), ()):
                    at_ms = booking.end_ms - 1
                    self._owners[owner].unbilled(meter.spec.name, at_ms, booking.unbilled)
                    changed[owner] = None
        for owner in changed:
            self._touch(owner)

    def due_ms(self) -> int:
        """When `advance` next has something to do."""
        return min((one.due_ms() for one in self._owners.values()), default=NOTHING_DUE_MS)

    def advance(self, due_ms: int, now_ms: int) -> None:
        """Do what falls due at an instant. now_ms: the latest time that was told."""
        for owner, one in self._owners.items():
            if one.due_ms() <= due_ms:
                one.advance(max(due_ms, now_ms), self._setting.journal.outputs)
                self._touch(owner)

    def _touch(self, owner: Owner) -> None:
        self._setting.touch(*owner, self._owners[owner].due_ms())

    # -- what is written down and shown ---------------------------------------------------

    def keys(self) -> list[Owner]:
        """Kind and key of every state there is."""
        return list(self._owners)

    def state(self, owner: Owner) -> msgspec.Struct:
        """The state of an owner as it is now."""
        return self._owners[owner].state

    def view(self, name: str, now_ms: int, meters: Mapping[str, Meter]) -> BillView:
        """A bill as it stands, its open and closing periods."""

        def health(source: SourceSpec) -> tuple[str, str | None]:
            return _health(source, meters[source.meter], now_ms)

        return BillView(name, self.bills[name].view(now_ms, health))

    def with_costs(self, view: MeterView, now_ms: int) -> MeterView:
        """What a meter costs by its tariff, beside what it may have cost at a rate before."""
        account = self.accounts.get(view.meter)
        fields = view.fields
        if account is None or fields["kwhThisMonth"] is None:
            return view
        currency = self._currencies[view.meter]
        costs = account.costs(now_ms, currency)
        today = None if fields["costThisMonth"] else account.today(now_ms, currency)
        for field, cost in zip(_COSTS, costs, strict=True):
            if cost is not None:
                before = Decimal(str(fields[field] or 0))
                fields[field] = float(before + cost)
            elif field != "costLastMonth":
                fields[field] = None
        return msgspec.structs.replace(view, cost_today=today)


def _takers(owners: Mapping[Owner, Bill | MeterAccount]) -> Takers:
    found: Takers = {}
    for owner, one in owners.items():
        for meter, quantity, method, phase in one.wants():
            found.setdefault(meter, {}).setdefault((quantity, method, phase), []).append(owner)
    return found


def _health(source: SourceSpec, meter: Meter, now_ms: int) -> tuple[str, str | None]:
    """A source's health (contract section 5) and the time of its last reading."""
    at_ms = meter.state.at_ms
    last = None if at_ms is None else iso(at_ms)
    if not source.enabled:
        return "disabled", last
    if at_ms is None:
        return "never", last
    if meter.faulted():
        return "faulted", last
    return ("stale" if now_ms - at_ms > STALE_MS else "ok"), last
