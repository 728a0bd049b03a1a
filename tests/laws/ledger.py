"""What has been promised and told, against what is there: the laws of a life, as they are kept.

`Ledger` stands between the daemon's path and its store, `Witness` is a sink that knows what
may be told, `Broker` is the other side. Each raises `BrokenLaw` where a promise is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from meterd.events import Event, Input, Output, PeriodClosed
from meterd.pipeline import Pipeline
from meterd.sinks import Fact
from meterd.sinks.mqtt_facts import BATCH, BATCH_EVERY_MS, FactLane
from meterd.stores import Batch
from meterd.stores.sqlite import SqliteStore
from meterd.views import BillView, MeterView

SINK: Final = "mqtt"
KEPT_FACTS: Final = 10_000
"""More than a sink has in hand, and may offer a second time."""
FACTS_MOST: Final = 1_000
"""That a broker hears in one round."""
Delivered = tuple[int, str, bytes, bool]


class BrokenLaw(AssertionError):  # noqa: N818  (it reads as the sentence it is)
    """A promise that was not kept."""


def hold(so: bool, law: str, **found: Any) -> None:
    """The law holds."""
    if not so:
        raise BrokenLaw(f"{law}: {found}")


class Ledger:
    """The store as the path sees it, and what was promised of it.

    states, facts, events, periods: of every acknowledged commit. numbered: how many facts there
    ever were; those long arrived are forgotten. pending: the batch that a crash may have kept.
    looked: the last fact that was found in the outbox as it was promised. failed: whether the
    disk has, under this process. kept: hears of every input that is promised to be kept.
    """

    epoch = ""

    def __init__(self) -> None:
        self.store: SqliteStore | None = None
        self.states: dict[tuple[str, str], bytes] = {}
        self.facts: dict[int, Delivered] = {}
        self.events: set[str] = set()
        self.periods: dict[tuple[str, int], PeriodClosed] = {}
        self.pending: Batch | None = None
        self.kept: Callable[[Input], None] = lambda _item: None
        self.told: Sequence[Output] = ()
        self.failed = False
        self.commits = self.numbered = self.looked = 0
        self._thought: list[Input] = []
        self._oldest = 1

    def follow(self, pipeline: Pipeline) -> None:
        """Know what it has thought of since the last promise."""
        answer = pipeline.answer

        def noted(item: Input) -> list[Output]:
            self._thought.append(item)
            return answer(item)

        pipeline.answer = noted  # type: ignore[method-assign]  # as the path calls it

    async def commit(self, batch: Batch) -> None:
        """Pass it on; it is promised when it returns."""
        assert self.store is not None
        self.pending = batch
        self.store.commit_now(batch)
        hold(not self.failed, "nothing is written once the disk has failed")
        self.promise(batch)

    def promise(self, batch: Batch) -> None:
        """From now on all of this is there for ever."""
        self.pending = None
        self.commits += 1
        self.told = batch.outputs
        for item in self._thought:
            self.kept(item)
        self._thought = []
        self.states |= {(one.kind, one.key): one.body for one in batch.saved}
        for fact in batch.facts.get(SINK, ()):
            self.numbered += 1
            hold(fact.seq == self.numbered, "facts are numbered without holes", seq=fact.seq)
            self.facts[fact.seq] = (fact.seq, fact.topic, fact.payload, fact.retain)
        for output in batch.outputs:
            if isinstance(output, Event):
                self.events.add(output.id)
            elif isinstance(output, PeriodClosed):
                key = (output.bill, output.start_ms)
                hold(key not in self.periods, "a period closes once", key=key)
                self.periods[key] = output

    def forget(self, arrived: int) -> None:
        """Facts up to this number, but for the last, will not be told again."""
        for seq in range(self._oldest, arrived - KEPT_FACTS):
            self.facts.pop(seq, None)
            self._oldest = seq

    def resume(self, store: SqliteStore) -> None:
        """The store is there again: all that was promised, or that and the pending batch."""
        self.store, self.epoch, self.failed = store, store.epoch, False
        hold(store.rebuilt is None, "a power cut damages nothing", rebuilt=store.rebuilt)
        found = store.load()
        kept = self.pending
        if kept is not None:
            after = self.states | {(one.kind, one.key): one.body for one in kept.saved}
            if found == after and found != self.states:
                self.promise(kept)
        self.pending, self._thought = None, []
        hold(found == self.states, "states are those of the last promise", keys=list(found))


class Broker:
    """Hears facts, perhaps twice; the first time of each in order."""

    def __init__(self, ledger: Ledger) -> None:
        self.heard = 0
        self.again = 0
        self._ledger = ledger

    async def listen(self, lane: FactLane, mono_ms: int, most: int) -> None:
        """Hear so many of the facts that wait, batch by batch, as time allows."""
        for n in range(FACTS_MOST // BATCH):
            await lane.settle()
            await lane.refill(mono_ms + n * BATCH_EVERY_MS)
            if not most or not lane:
                return
            while lane and most:
                fact = lane.take()
                self.hear(fact)
                lane.arrived(fact.seq)
                most -= 1

    def hear(self, fact: Fact) -> None:
        """Take a fact."""
        row = (fact.seq, fact.topic, fact.payload, fact.retain)
        hold(self._ledger.facts.get(fact.seq) == row, "only what is kept is told", seq=fact.seq)
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
