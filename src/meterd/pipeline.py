"""A reading's whole day: metering, then records, then billing, in that order.

`feed` takes one input and appends what it causes to the journal; `take` hands over what has
happened since, with the state that explains it, to be committed in one transaction. No I/O,
no clock, no chance: the same inputs on the same state give the same outputs, ids included.
Time passes only by inputs; between two of them everything that falls due is done in order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from meterd.billing.stage import BILL, OF_BILLING, Billing
from meterd.billing.world import World
from meterd.events import Event, Input, Output, PollFailed, Told
from meterd.metering.calendar import Calendar
from meterd.metering.chain import OF_THE_SITE
from meterd.metering.journal import Journal
from meterd.metering.meter import Meter
from meterd.metering.saved import PipelineState, States, restored
from meterd.metering.setting import NEVER_MS, Setting
from meterd.metering.stage import OF_A_METER, Metering
from meterd.orders import Acknowledged, Administered, HistoryOrdered, RecordEdit, RecordOrdered
from meterd.records.record import RecorderState
from meterd.records.recorder import Recorder
from meterd.records.recorders import Recorders
from meterd.records.ulid import ulid
from meterd.specs import SiteSpec
from meterd.units import cents
from meterd.versions import installed
from meterd.views import BillView, MeterView, Saved, SiteView, Snapshot


class Origin(msgspec.Struct, frozen=True):
    """Where ids come from, and since when time is real."""

    epoch: int = 0
    resumed_ms: int = 0


class Pipeline:
    """The site, from its specification and the states it resumes from.

    origin: 40 bits that set this store's ids apart from any other's, and when a live daemon
    took the states up (epoch ms); both 0 in a replay.
    """

    def __init__(self, site: SiteSpec, states: States, origin: Origin | None = None) -> None:
        self.site = site
        self._origin = origin = origin or Origin()
        calendar = Calendar(site.timezone)
        self.state = restored(states, "pipeline", "", PipelineState)
        self._journal = Journal(self._make_id)
        self._dirty: dict[tuple[str, str], None] = {}
        self._begun = False
        self._due_ms = 0
        resumed_ms = origin.resumed_ms
        setting = Setting(calendar, site.sampling_ms, self._journal, self._note, resumed_ms)
        self.metering = Metering(site, states, setting)
        self.meters = self.metering.meters
        self.recorders = {
            spec.name: Recorder(
                spec, calendar, restored(states, "record", spec.name, RecorderState), resumed_ms
            )
            for spec in site.records
        }
        present = self.metering.present
        self._records = Recorders(self.recorders, self._journal, self._touch, present)
        tz_version = installed("tzdata")
        self.world = World(calendar, tz_version, self._event, self._make_id, prices=site.prices)
        self.billing = Billing(site, states, self.world, setting)
        self.bills = self.billing.bills
        self._due_ms = self._earliest()

    def reconfigured(self, site: SiteSpec, states: States) -> Pipeline:
        """This pipeline under another specification: nothing is lost, all is saved anew.

        states: what the store has, for things that come back into the configuration.
        """
        kept = {(saved.kind, saved.key): saved.body for saved in self._saved(self._all())}
        heir = Pipeline(site, {**states, **kept}, Origin(self._origin.epoch))
        heir._journal.outputs = self._journal.take()
        heir._dirty = heir._all()
        for name in heir.recorders.keys() & self.recorders.keys():
            heir.recorders[name].restarted_ms = self.recorders[name].restarted_ms
        return heir

    def _all(self) -> dict[tuple[str, str], None]:
        keys = self.metering.keys()
        keys += [("record", name) for name in self.recorders]
        return dict.fromkeys(keys + self.billing.keys())

    def _make_id(self, at_ms: int) -> str:
        self.state.ids += 1
        return ulid(at_ms, self._origin.epoch << 40 | self.state.ids)

    def _event(
        self, at_ms: int, kind: str, meter: str, quantity: str, numbers: dict[str, Any]
    ) -> Event:
        return Event(self._make_id(at_ms), at_ms, kind, meter, quantity, numbers)

    # -- inputs -----------------------------------------------------------------------

    def answer(self, item: Input) -> list[Output]:
        """Let one input happen; what it has caused, for who waits to hear of it."""
        before = len(self._journal.outputs)
        self.feed(item)
        return self._journal.outputs[before:]

    def feed(self, item: Input) -> None:
        """Let one input happen."""
        at_ms = item.at_ms
        if not self._begun:
            self.metering.resume(self.state.now_ms or at_ms)
        if at_ms > self.state.now_ms and not isinstance(item, HistoryOrdered):
            while self._advance(at_ms):
                pass
            self.state.now_ms = at_ms
        if not self._begun:
            self._begun = True
            self.metering.begin(self.state.now_ms)
            self._records.begin(self.state.now_ms)
        if isinstance(item, Told):
            self._measure(item)
        elif isinstance(item, PollFailed):
            self.metering.fail(item, self.state.now_ms)
        elif isinstance(item, RecordOrdered):
            self._records.obey(item)
        elif isinstance(item, HistoryOrdered | Acknowledged):
            self.metering.obey(item)
        elif isinstance(item, Administered):
            numbers = {**item.numbers, "actor": item.actor}
            self._journal.event(at_ms, item.kind, item.meter, **numbers)
            self._journal.write(item.row, *item.also)
            if isinstance(item.row, RecordEdit):
                self._records.edited(item.row)

    def approach(self, item: Input) -> bool:
        """Do the next of what falls due before an input; whether there was any.

        `feed` does all of it: after a long silence, whoever must not be away long asks before.
        """
        waits = self._begun and not isinstance(item, HistoryOrdered)
        return waits and item.at_ms > self.state.now_ms and self._advance(item.at_ms)

    def _measure(self, item: Told) -> None:
        """What one meter has to say, or is told, and all that follows from it."""
        before = len(self._journal.outputs)
        for meter in self.metering.measure(item, self.state.now_ms):
            name = meter.spec.name
            self._records.book(name, meter.bookings)
            if name == item.meter and len(self._journal.outputs) > before:
                self._records.check(name, meter.faulted(), item.at_ms)
            self._follow(meter)

    def _follow(self, meter: Meter) -> None:
        """What else follows once the records have what a meter has counted."""
        self._records.look(meter.spec.name, meter.state.at_ms or self.state.now_ms)
        self._journal.outputs += meter.intervals
        self.billing.take(meter, self.state.now_ms)

    def _count(self, meters: Iterable[Meter]) -> None:
        for meter in meters:
            self._records.book(meter.spec.name, meter.bookings)
            self._follow(meter)

    def _note(self, kind: str, key: str, due_ms: int) -> None:
        self._dirty[kind, key] = None
        self._due_ms = min(self._due_ms, due_ms)

    def _touch(self, recorder: Recorder) -> None:
        self._note("record", recorder.spec.name, recorder.due_ms())

    def settle(self) -> None:
        """Nothing more comes of this instant: what waits for it, or fell due by it, is done."""
        self._count(self.metering.look(NEVER_MS))
        while self._advance(self.state.now_ms):
            pass

    # -- time -------------------------------------------------------------------------

    def _advance(self, now_ms: int) -> bool:
        """Do what falls due next, at its own instant, if that is up to now; whether it was."""
        if now_ms < self._due_ms:
            return False
        self._due_ms = due_ms = self._earliest()
        if due_ms > now_ms:
            return False
        self._count(self.metering.advance(due_ms))
        self._records.advance(due_ms)
        self.billing.advance(due_ms, self.state.now_ms)
        return True

    def _earliest(self) -> int:
        """When the next thing falls due if no reading comes."""
        cuts = [recorder.due_ms() for recorder in self.recorders.values()]
        return min([self.metering.due_ms(), self.billing.due_ms(), *cuts])

    # -- what is written down and shown -------------------------------------------------

    def take(self, *, views: bool = True) -> tuple[list[Output], Snapshot]:
        """What has happened since the last call, and the changed states and views."""
        self._records.flush(self.state.now_ms)
        dirty, self._dirty = self._dirty, {}
        outputs = self._journal.take()
        for kind, name in dirty:
            row = self.recorders[name].row() if kind == "record" else None
            if row is not None:
                outputs.append(row)
        if not (outputs or dirty):
            return outputs, Snapshot([], [], [])
        shown = dirty if views else {}
        told = dict.fromkeys(name for kind, name in shown if kind in OF_A_METER)
        meters = [self.meter_view(name) for name in told if name in self.meters]
        bills = [self.bill_view(name) for kind, name in shown if kind == BILL]
        whole = self.site_view() if any(kind in OF_THE_SITE for kind, _name in shown) else None
        return outputs, Snapshot(self._saved(dirty), meters, bills, whole)

    def _saved(self, keys: Iterable[tuple[str, str]]) -> list[Saved]:
        saved = [Saved(kind, key, _encode(self._state(kind, key))) for kind, key in keys]
        saved.append(Saved("pipeline", "", _encode(self.state)))
        return saved

    def _state(self, kind: str, key: str) -> msgspec.Struct:
        if kind == "record":
            return self.recorders[key].state
        if kind in OF_BILLING:
            return self.billing.state((kind, key))
        return self.metering.state(kind, key)

    def meter_view(self, name: str) -> MeterView:
        """A meter as it stands."""
        now_ms = self.state.now_ms
        view = self.metering.view(name, now_ms, cents(self.meters[name].spec.currency))
        return self.billing.with_costs(view, now_ms)

    def site_view(self) -> SiteView:
        """The site as a whole."""
        return self.metering.chain.view()

    def bill_view(self, name: str) -> BillView:
        """A bill as it stands, its open and closing periods."""
        return self.billing.view(name, self.state.now_ms, self.meters)


_encode = msgspec.msgpack.Encoder().encode
