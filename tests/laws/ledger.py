"""What has been promised and told, against what is there: the laws of a life, as they are kept.

`Ledger` stands between the daemon's path and its store, `Witness` is a sink that knows what
may be told, `Broker` is the other side. Each raises `BrokenLaw` where a promise is not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from tests.laws.lives import ENERGY, KWH

from meterd.events import Event, Output, PeriodClosed
from meterd.pipeline import Pipeline
from meterd.sinks import Fact
from meterd.stores import Batch
from meterd.stores.audit import audit
from meterd.stores.pages import walk
from meterd.stores.queries import Reader
from meterd.stores.sqlite import SqliteStore
from meterd.views import BillView, MeterView

SINK: Final = "mqtt"
LOSING: Final = frozenset({"reset", "reset_confirmed", "baseline_set", "minimum_booked"})
PASSED: Final = ("value", "baseline", "booked")
Delivered = tuple[int, str, bytes, bool]


class BrokenLaw(AssertionError):  # noqa: N818  (it reads as the sentence it is)
    """A promise that was not kept."""


def hold(so: bool, law: str, **found: Any) -> None:
    """The law holds."""
    if not so:
        raise BrokenLaw(f"{law}: {found}")


class Ledger:
    """The store as the path sees it, and what was promised of it.

    states, facts, events, periods: of every acknowledged commit. pending: the batch that a
    crash may or may not have kept.
    """

    epoch = ""

    def __init__(self) -> None:
        self.store: SqliteStore | None = None
        self.states: dict[tuple[str, str], bytes] = {}
        self.facts: dict[int, Delivered] = {}
        self.events: set[str] = set()
        self.periods: dict[tuple[str, int], PeriodClosed] = {}
        self.pending: Batch | None = None
        self.told: Sequence[Output] = ()
        self.commits = 0

    async def commit(self, batch: Batch) -> None:
        """Pass it on; it is promised when it returns."""
        assert self.store is not None
        self.pending = batch
        self.store.commit_now(batch)
        self.promise(batch)

    def promise(self, batch: Batch) -> None:
        """From now on all of this is there for ever."""
        self.pending = None
        self.commits += 1
        self.told = batch.outputs
        self.states |= {(one.kind, one.key): one.body for one in batch.saved}
        for fact in batch.facts.get(SINK, ()):
            hold(fact.seq == len(self.facts) + 1, "facts are numbered without holes", seq=fact.seq)
            self.facts[fact.seq] = (fact.seq, fact.topic, fact.payload, fact.retain)
        for output in batch.outputs:
            if isinstance(output, Event):
                self.events.add(output.id)
            elif isinstance(output, PeriodClosed):
                key = (output.bill, output.start_ms)
                hold(key not in self.periods, "a period closes once", key=key)
                self.periods[key] = output

    def resume(self, store: SqliteStore) -> bool:
        """The store is there again: all that was promised, or that and the pending batch.

        Returns whether the pending batch is there.
        """
        self.store, self.epoch = store, store.epoch
        hold(store.rebuilt is None, "a power cut damages nothing", rebuilt=store.rebuilt)
        found = store.load()
        kept = self.pending
        if kept is not None:
            after = self.states | {(one.kind, one.key): one.body for one in kept.saved}
            if found == after and found != self.states:
                self.promise(kept)
                return True
        self.pending = None
        hold(found == self.states, "states are those of the last promise", keys=list(found))
        return False


class Broker:
    """Hears facts, perhaps twice; the first time of each in order."""

    def __init__(self) -> None:
        self.heard = 0
        self.again = 0

    def hear(self, fact: Fact, ledger: Ledger) -> None:
        """Take a fact."""
        row = (fact.seq, fact.topic, fact.payload, fact.retain)
        hold(ledger.facts.get(fact.seq) == row, "only what is kept is told", seq=fact.seq)
        if fact.seq <= self.heard:
            self.again += 1
            return
        hold(fact.seq == self.heard + 1, "first deliveries come in order", seq=fact.seq)
        self.heard = fact.seq


class Witness:
    """A sink that is told, and knows what has been promised. messages: makes the facts."""

    name = SINK

    def __init__(self, ledger: Ledger) -> None:
        self.totals: dict[str, dict[str, int]] = {}
        self.views: dict[str, MeterView] = {}
        self.news = False
        self.messages: Any = None
        self._ledger = ledger

    def facts(self, outputs: Sequence[Output], first_seq: int, epoch: str) -> list[Fact]:
        """What the real sink makes of it."""
        found: list[Fact] = self.messages.facts(outputs, first_seq, epoch)
        return found

    def tell(
        self, outputs: Sequence[Output], meters: Sequence[MeterView], bills: Sequence[BillView]
    ) -> None:
        """Hear what has been committed."""
        ledger = self._ledger
        hold(ledger.pending is None, "nothing is told before it is kept")
        hold(not outputs or outputs == ledger.told, "what is told is what was kept")
        self.news = True
        self.messages.tell(outputs, meters, bills)
        for view in meters:
            before = self.totals.get(view.meter, {})
            falls = {name for name, total in view.totals.items() if total < before.get(name, 0)}
            hold(not falls or bool(view.totals), "exported counters never fall", meter=view.meter)
            hold(not falls, "exported counters never fall", meter=view.meter, registers=falls)
            self.totals[view.meter] = dict(view.totals)
            self.views[view.meter] = view

    async def run(self) -> None:
        """Nobody runs it."""
        raise AssertionError

    async def close(self) -> None:
        """Nobody closes it."""
        raise AssertionError


# -- the store, against what was promised ---------------------------------------------------


def check_outbox(reader: Reader, ledger: Ledger, heard: int) -> None:
    """Every fact is in the outbox, or the broker has it; none is another than was promised."""
    rows = reader.rows("SELECT seq, topic, payload, retain FROM outbox ORDER BY seq")
    for seq, topic, payload, retain in rows:
        row = (seq, topic, payload, bool(retain))
        hold(ledger.facts.get(seq) == row, "the outbox holds what was promised", seq=seq)
    gone = ledger.facts.keys() - {row[0] for row in rows}
    hold(all(seq <= heard for seq in gone), "no fact is lost", gone=sorted(gone)[-3:], heard=heard)
    last = reader.rows("SELECT coalesce(max(last_seq), 0) FROM sinks")[0][0]
    hold(last == len(ledger.facts), "numbers go on where they were", last=last)


def check_rows(reader: Reader, ledger: Ledger) -> None:
    """Events are those promised, and closed periods have not changed by a bit."""
    found = {row[0] for row in reader.rows("SELECT id FROM events")}
    hold(found == ledger.events, "events are those promised", differ=found ^ ledger.events)
    names = "bill, start_ms, end_ms, closed_ms, body, sha256, previous_sha256"
    rows = [PeriodClosed(*row) for row in reader.rows(f"SELECT {names} FROM periods")]
    hold(len(rows) == len(ledger.periods), "no closed period is lost")
    for row in rows:
        hold(row == ledger.periods[row.bill, row.start_ms], "a closed period never changes")


def check_file(reader: Reader) -> None:
    """SQLite finds nothing wrong."""
    ((answer,),) = reader.rows("PRAGMA integrity_check(1)")
    hold(answer == "ok", "the file is sound", answer=answer)
    hold(not reader.rows("PRAGMA foreign_key_check"), "no row is without its others")


def check_books(reader: Reader, pipeline: Pipeline) -> None:
    """The audit balances, and every bill has exactly what its counters have counted."""
    found = audit(reader, pipeline)
    hold(found["ok"], "the books balance", found=found)
    check_records(pipeline)
    sql = (
        "SELECT s.meter, s.quantity, b.kind, sum(i.amount) FROM samples i "
        "JOIN bill_sources b ON b.id = i.source JOIN series s ON s.id = b.series "
        "WHERE b.bill = ? GROUP BY 1, 2, 3"
    )
    billed = {row[:2]: row[3] for row in reader.rows(sql, ("tenant",)) if row[2] == "energy"}
    for name, meter in pipeline.meters.items():
        if ENERGY not in meter.registers:
            continue
        state = meter.registers[ENERGY].state
        opened = meter.state.tracks[f"{ENERGY}/measured/"].amount if state.first is not None else 0
        total = billed.get((name, ENERGY), 0)
        hold(total + opened == state.booked, "a bill has what was booked, once", meter=name)


def check_records(pipeline: Pipeline) -> None:
    """What was recorded and what was not is what the counter has booked."""
    for name, recorder in pipeline.recorders.items():
        booked = pipeline.meters[recorder.spec.meter].registers[ENERGY].state.booked
        total = recorder.state.recorded + recorder.state.not_recorded
        hold(total == booked, "records have what was booked", record=name)


def declared(reader: Reader, meter: str) -> int:
    """What the law says that it does not book: a cleared counter passed its old baseline."""
    amount = 0
    for event in walk(lambda page: reader.events(page, meter=meter, kind="baseline_set")):
        numbers = {name: text for name, text in event.numbers.items() if name in PASSED}
        if len(numbers) == len(PASSED):
            value, baseline, booked = (Decimal(numbers[name]) for name in PASSED)
            amount += round((value - baseline - booked) * KWH)
    return amount


def windows(reader: Reader, meter: str) -> list[tuple[int, int]]:
    """Where a meter says that it does not know what was used: loss windows, and the events
    that make them, since a window has no length on a clock that was set back."""
    rows = walk(lambda page: reader.intervals(meter, page))
    spans = [(row.start_ms, row.end_ms) for row in rows if row.missing_ms]
    told = walk(lambda page: reader.events(page, meter=meter))
    return spans + [(event.at_ms, event.at_ms) for event in told if event.kind in LOSING]
