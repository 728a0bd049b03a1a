"""Whatever people do to a meter and its records, the books of all who follow it agree.

Records + what was not recorded = samples of the bill + its unbilled = what the counter has
counted since its first reading, to the joule, in the store as in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.laws.lives import ENERGY, KWH, Device, Host, Round, registers, rounds

from meterd.events import Event, Input, PeriodClosed, Reading, RecordRow, Sample
from meterd.orders import (
    RECORD_ORDERS,
    Administered,
    RecordEdit,
    RecordOrdered,
    ReplacementOrdered,
)
from meterd.pipeline import Origin, Pipeline
from meterd.specs import (
    BillSpec,
    MeterSpec,
    RecordSpec,
    RegisterSpec,
    SiteSpec,
    SourceSpec,
)
from meterd.stores import Batch
from meterd.stores.audit import audit
from meterd.stores.sqlite import SqliteStore

pytestmark = pytest.mark.law

DEEDS = (
    *[""] * 6, *RECORD_ORDERS, "replace", "replace", "complete", "enter", "enter", "edit",
    "reload", "restart", "night",
)  # fmt: skip


class Deed(NamedTuple):
    """What somebody does in a round. value: any number, small or large."""

    what: str
    value: int
    record: int


DEED = st.builds(Deed, st.sampled_from(DEEDS), st.integers(0, 10**6), st.integers(0, 2))
LIVES = st.tuples(registers(), rounds(1, 25), st.lists(DEED, min_size=25, max_size=25))
Life = tuple[RegisterSpec, list[Round], list[Deed]]


def site_of(register: RegisterSpec, *, enabled: bool = True) -> SiteSpec:
    meter = MeterSpec("m", units={ENERGY: "kWh"}, registers=(register,))
    return SiteSpec(
        "hq",
        "Europe/Berlin",
        meters=(meter,),
        records=(
            RecordSpec("plain", "m", ENERGY, prune_after_ms=0),
            RecordSpec("shifts", "m", ENERGY, schedule="0 6,14,22 * * *", on_rollover=False),
            RecordSpec("often", "m", ENERGY, max_duration_ms=600_000, enabled=enabled),
        ),
        bills=(BillSpec("tenant", sources=(SourceSpec("m"),), max_source_kw=Decimal(500)),),
    )


class Books:
    """A pipeline on a store in memory, and a device that lies now and then."""

    def __init__(self, register: RegisterSpec, store: SqliteStore) -> None:
        self.register = register
        self.enabled = True
        self.host = Host("recorded")
        self.store = store
        self.samples: list[Sample] = []
        self.closed: list[PeriodClosed] = []
        self.rows: dict[str, RecordRow] = {}
        self.told: list[str] = []
        site = site_of(register)
        store.register_configurations(site.records)
        self.pipeline = Pipeline(site, {})
        self.device = Device(site.meters[0])

    def live(self, turn: Round, deed: Deed) -> None:
        self.host.wait(turn)
        for item in self.device.answer(turn, turn.polls[0], self.host):
            self.pipeline.feed(item)
        self.do(deed)
        self.commit()

    def do(self, deed: Deed) -> None:
        now_ms, what = self.host.wall_ms + 1, deed.what
        name = self.pipeline.site.records[deed.record].name
        if what in RECORD_ORDERS:
            order = next(order for order in RECORD_ORDERS if order == what)
            self.feed(RecordOrdered(name, now_ms, "ann", order))
        elif what in ("replace", "complete"):
            self.feed(self.replacement(deed, now_ms))
        elif what == "enter":
            amount = self.device.dial + deed.value % 5 * self.register.count
            self.feed(Reading("m", now_ms, {ENERGY: amount}, {}, entered_by="ann"))
        elif what == "edit":
            self.edit(name, now_ms)
        elif what == "reload":
            self.enabled = not self.enabled
            site = site_of(self.register, enabled=self.enabled)
            self.pipeline = self.pipeline.reconfigured(site, self.store.load())
        elif what == "restart":
            self.commit()
            origin = Origin(0, now_ms)
            self.pipeline = Pipeline(self.pipeline.site, self.store.load(), origin)
        elif what == "night":
            self.commit()
            asyncio.run(self.store.maintain(now_ms))

    def replacement(self, deed: Deed, now_ms: int) -> ReplacementOrdered:
        """Of the counter now, or of the last one that went away; plausible or not."""
        count, state = self.register.count, self.pipeline.meters["m"].registers[ENERGY].state
        late = deed.what == "complete"
        old = state.swap.old if late and state.swap is not None else state.prev
        fields: dict[str, Any] = {}
        if deed.value % 3:
            fields["old_final"] = (old.amount if old else 0) + deed.value % 7 * count
        if deed.value % 4:
            fields["new_initial"] = deed.value % 5 * count
        if late and old is not None:
            fields["swapped_ms"] = old.at_ms + 1
        if not late:
            self.device.dial = deed.value % 5 * count
        if deed.value % 2:
            self.device.serial = fields["serial"] = "AB"[deed.value // 2 % 2]
        force = deed.value % 11 == 0
        return ReplacementOrdered("m", now_ms, "ann", ENERGY, force=force, **fields)

    def edit(self, name: str, now_ms: int) -> None:
        row = self.pipeline.recorders[name].row()
        if row is not None:
            change = RecordEdit(row.id, {"notes": "seen", "to_be_pruned": True}, now_ms, "ann")
            self.feed(Administered(now_ms, "ann", "record_edited", change))

    def feed(self, item: Input) -> None:
        outputs = self.pipeline.answer(item)
        self.told += [output.kind for output in outputs if isinstance(output, Event)]

    def commit(self) -> None:
        outputs, snapshot = self.pipeline.take(views=False)
        self.store.commit_now(Batch(outputs, snapshot.saved, {}, self.pipeline.state.now_ms))
        for output in outputs:
            if isinstance(output, Sample):
                self.samples.append(output)
            elif isinstance(output, PeriodClosed):
                self.closed.append(output)
            elif isinstance(output, RecordRow):
                self.rows[output.id] = output

    # -- what must agree ------------------------------------------------------------------

    def bill_unbilled(self) -> int:
        """Joules that the bill knows of and does not bill, in all its periods."""
        view = self.pipeline.bill_view("tenant").body["periods"]
        sealed = [msgspec.json.decode(period.body)["figures"] for period in self.closed]
        texts = [period["unbilled_kwh"] for period in (*view, *sealed)]
        return sum(round(Decimal(text) * KWH) for text in texts)


@contextmanager
def books(register: RegisterSpec) -> Iterator[Books]:
    store = SqliteStore.open(":memory:", now_ms=0, new_epoch="0" * 10)
    try:
        yield Books(register, store)
    finally:
        store.close()


@settings(deadline=None)
@given(LIVES)
def test_records_bill_and_counter_agree_to_the_joule(life: Life) -> None:
    register, turns, deeds = life
    with books(register) as kept:
        for turn, deed in zip(turns, deeds, strict=False):
            kept.live(turn, deed)
        _agree(kept)


def _agree(kept: Books) -> None:
    meter = kept.pipeline.meters["m"]
    state = meter.registers[ENERGY].state
    for name, recorder in kept.pipeline.recorders.items():
        recorded = sum(row.usage for row in kept.rows.values() if row.configuration == name)
        assert recorded == recorder.state.recorded
        assert recorded + recorder.state.not_recorded == state.booked
    open_amount = meter.state.tracks[f"{ENERGY}/measured/"].amount
    billed = sum(sample.interval.amount for sample in kept.samples if not sample.discarded)
    assert billed + kept.bill_unbilled() + open_amount == state.booked + state.unbilled
    assert meter.totals().get(ENERGY, state.first or 0) == (state.first or 0) + state.booked
    known = (state.first or 0) + state.booked + state.unbilled + state.adjusted
    assert known - state.rolled_over == state.dial
    with kept.store.reader() as reader:
        found = audit(reader, kept.pipeline)
    assert found["ok"], found


@settings(deadline=None)
@given(LIVES)
def test_what_people_tell_is_held_against_the_ceiling_too(life: Life) -> None:
    """Unless they force it; and one count may always be what was used."""
    register, turns, deeds = life
    if register.per_hour is None:
        return
    with books(register) as kept:
        for turn, deed in zip(turns, deeds, strict=False):
            unforced = deed.value + (deed.value % 11 == 0)
            kept.live(turn, deed._replace(value=unforced))
        most = register.per_hour * kept.host.true_ms // 3_600_000
        counts = register.count * (2 * len(turns) + 1)
        assert kept.pipeline.meters["m"].registers[ENERGY].state.booked <= most + counts
