"""The first stage of the pipeline: every meter, what is made of it, and what it is watched for.

A reading goes in; the meters come out, one by one, whose registers have booked or whose
intervals have closed by it: the meter itself, then the virtual meters it is a part of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

import msgspec

from meterd.events import MEASURED, Interval, PollFailed, Reading, Told
from meterd.metering.acknowledge import acknowledge
from meterd.metering.calendar import iso
from meterd.metering.chain import BALANCE, PUE, Chain
from meterd.metering.chain import States as ChainStates
from meterd.metering.dial import learn, recall
from meterd.metering.hierarchy import BalanceState
from meterd.metering.losses import declare
from meterd.metering.meter import Meter
from meterd.metering.meter_state import MeterState
from meterd.metering.powermeter import view
from meterd.metering.present import Present
from meterd.metering.pue import PueState
from meterd.metering.saved import States, all_of, restored
from meterd.metering.setting import NEVER_MS, Setting
from meterd.metering.thresholds import ThresholdsState
from meterd.metering.virtual import VIRTUAL, VirtualState
from meterd.metering.virtuals import Virtuals
from meterd.metering.watches import THRESHOLDS, Watches
from meterd.orders import HISTORY_IMPORTED, Acknowledged, HistoryOrdered, LossDeclared
from meterd.specs import MeterSpec, SiteSpec
from meterd.views import MeterView

METER: Final = "meter"
OF_A_METER: Final = frozenset({METER, THRESHOLDS, BALANCE})
"""Kinds of states that the view of a meter is made of."""
UNREAD: Final = frozenset({"planned", "decommissioned"})
"""A meter of this status is neither read nor billed; what it has booked is kept."""


class Metering:
    """The meters of a site. unknown: inputs for meters that are not there or not read."""

    def __init__(self, site: SiteSpec, states: States, setting: Setting) -> None:
        self._setting = setting
        self._midnight_ms = NEVER_MS
        self.unknown = 0
        self.meters = {spec.name: self._meter(spec, states) for spec in site.meters}
        self.present = Present(self.meters)
        followed = [one for one in self.meters.values() if one.spec.status not in UNREAD]
        virtual = [meter for meter in followed if meter.spec.expressions]
        known = all_of(states, VIRTUAL, VirtualState)
        self.virtuals = Virtuals(virtual, known, self.present, setting)
        watched = all_of(states, THRESHOLDS, ThresholdsState)
        self.watches = Watches(self.meters.values(), watched, setting)
        compared, rated = all_of(states, BALANCE, BalanceState), all_of(states, PUE, PueState)
        self.chain = Chain(site.chain, ChainStates(compared, rated), setting)

    def _meter(self, spec: MeterSpec, states: States) -> Meter:
        state = restored(states, METER, spec.name, MeterState)
        if spec.status in UNREAD or not _holds(spec, state, self._setting.resumed_ms):
            state.online = False  # until it is read again
        meter = Meter(spec, self._setting.calendar, self._setting.length_ms, state)
        recall(meter)
        return meter

    # -- what happens -----------------------------------------------------------------

    def measure(self, item: Told, now_ms: int) -> Iterator[Meter]:
        """What one meter has to say, or is told."""
        meter = self._followed(item.meter)
        if meter is None:
            return
        before = (meter.state.at_ms, meter.state.mono_ms)
        if isinstance(item, Reading):
            learn(meter, item.dials)
            meter.feed(item, self._setting.journal)
        elif isinstance(item, LossDeclared):
            declare(meter, item, self._setting.journal)
        else:
            meter.replace(item, self._setting.journal)
        yield from self._spread(meter)
        if before != (meter.state.at_ms, meter.state.mono_ms):
            self.watches.see(meter)
            self.virtuals.hear(meter, now_ms)

    def obey(self, item: HistoryOrdered | Acknowledged) -> None:
        """What an operator says."""
        if isinstance(item, HistoryOrdered):
            self._remember(item)
            return
        by_kind = {
            THRESHOLDS: self.watches.standing(item.meter),
            BALANCE: self.chain.standing(item.meter),
        }
        for kind in acknowledge(item, by_kind, self._setting.journal):
            self._setting.touch(kind, item.meter, NEVER_MS)

    def _remember(self, item: HistoryOrdered) -> None:
        """What another system has measured becomes history; the register's law has no part."""
        meter, journal = self.meters[item.meter], self._setting.journal
        told = {"actor": item.actor, "source": item.source, "intervals": len(item.rows)}
        span = {"start": iso(item.rows[0][0]), "end": iso(item.rows[-1][1])}
        amount = {"amount": item.amount, "unit": item.unit}
        numbers = told | span | amount
        journal.event(item.at_ms, HISTORY_IMPORTED, item.meter, item.quantity, **numbers)
        main = meter.main == (item.quantity, MEASURED, "")
        for start_ms, end_ms, used, good in item.rows:
            journal.write(
                Interval(
                    item.meter, item.quantity, MEASURED, "", start_ms, end_ms, used,
                    questionable=0 if good else used, event=HISTORY_IMPORTED,
                )
            )  # fmt: skip
            if main:
                meter.consumption.remember(start_ms, end_ms - start_ms, used)
        self._touch(meter)

    def fail(self, item: PollFailed, now_ms: int) -> None:
        """A meter could not be read."""
        meter = self._followed(item.meter)
        if meter is None:
            return
        online = meter.state.online
        meter.fail(item, self._setting.journal)
        self._touch(meter)
        if item.offline and (online or meter.state.at_ms is None):
            self.watches.silent(item.meter, item.at_ms)
        if online != meter.state.online:
            self.virtuals.miss(item.meter, item.at_ms, now_ms)

    def _followed(self, name: str) -> Meter | None:
        meter = self.meters.get(name)
        if meter is None or meter.spec.status in UNREAD or meter.spec.expressions:
            self.unknown += 1
            return None
        return meter

    def _spread(self, meter: Meter) -> Iterator[Meter]:
        """The meter, then all that is made of it."""
        self._touch(meter)
        yield meter
        if meter.intervals:
            self.chain.take(meter)
        for one in self.virtuals.book(meter):
            yield from self._spread(one.meter)

    def _touch(self, meter: Meter) -> None:
        self._setting.touch(METER, meter.spec.name, meter.due_ms() or NEVER_MS)

    # -- time passes --------------------------------------------------------------------

    def resume(self, since_ms: int) -> None:
        """The stage takes up what was left at an instant, before any time passes."""
        self.watches.begin(since_ms)

    def begin(self, now_ms: int) -> None:
        """The stage works from here on, with this configuration."""
        self.chain.begin(now_ms)
        self._midnight_ms = self._setting.calendar.day(now_ms)[1]

    def advance(self, due_ms: int) -> Iterator[Meter]:
        """Do what falls due at an instant."""
        if due_ms >= self._midnight_ms:
            self._turn_the_day(due_ms)
        for name, meter in self.meters.items():
            if (meter.due_ms() or NEVER_MS) <= due_ms:
                meter.advance(due_ms, self._setting.journal)
                self._touch(meter)
                self.watches.silent(name, due_ms)
                self.virtuals.miss(name, due_ms, due_ms)
        yield from self.look(due_ms)
        self.watches.advance(due_ms)

    def _turn_the_day(self, now_ms: int) -> None:
        """What was used today is yesterday's from here on, also of a meter that is silent."""
        self._midnight_ms = self._setting.calendar.day(now_ms)[1]
        for meter in self.meters.values():
            if meter.state.at_ms is not None:
                self._touch(meter)

    def look(self, due_ms: int) -> Iterator[Meter]:
        """Take the values of the virtual meters that are to look by an instant."""
        for one in self.virtuals.due(due_ms):
            online, reading = one.meter.state.online, one.look()
            if reading is not None:
                one.meter.feed(reading, self._setting.journal)
                yield from self._spread(one.meter)
                self.watches.see(one.meter)
            elif online:
                self._touch(one.meter)
                self.watches.silent(one.meter.spec.name, one.state.at_ms)

    def due_ms(self) -> int:
        """When `advance` next has something to do, if nothing is read until then."""
        silences = [meter.due_ms() or NEVER_MS for meter in self.meters.values()]
        others = (self._midnight_ms, self.virtuals.due_ms(), self.watches.due_ms())
        return min([*silences, *others])

    # -- what is written down and shown ---------------------------------------------------

    def keys(self) -> list[tuple[str, str]]:
        """Kind and key of every state there is."""
        owners: dict[str, Iterable[str]] = {
            METER: self.meters,
            VIRTUAL: self.virtuals.by_name,
            THRESHOLDS: self.watches.by_name,
            BALANCE: self.chain.balances,
            PUE: self.chain.pues,
        }
        return [(kind, key) for kind, by_key in owners.items() for key in by_key]

    def state(self, kind: str, key: str) -> msgspec.Struct:
        """The state of an owner as it is now."""
        if kind == METER:
            return self.meters[key].state
        if kind == VIRTUAL:
            return self.virtuals.by_name[key].state
        if kind == THRESHOLDS:
            return self.watches.by_name[key].state
        return self.chain.state(kind, key)

    def view(self, name: str, now_ms: int, cents: Decimal) -> MeterView:
        """A meter as it stands now. cents: the currency's smallest unit."""
        alarms = self.watches.shown(name) | self.chain.shown(name)
        return view(self.meters[name], now_ms, cents, alarms)


def _holds(spec: MeterSpec, state: MeterState, resumed_ms: int) -> bool:
    """Whether what a meter said last is still true when a live daemon takes it up.

    One that is asked is asked again at once; one that sends by itself, or is read by hand, may
    not speak again for weeks, and holds until it is silent for too long.
    """
    if not resumed_ms:
        return True
    waits = not spec.every_ms and not spec.expressions
    return waits and resumed_ms - (state.at_ms or 0) <= spec.silent_after_ms
