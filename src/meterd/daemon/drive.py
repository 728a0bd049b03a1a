"""The whole path of the data: take a batch, think, write it down, then tell.

Readers put inputs into a bounded queue; one consumer feeds the pipeline, commits the outputs
with the state that explains them, and only then tells the sinks. Nothing flows back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

import structlog

from meterd.clock import Clock
from meterd.events import Input, Output, Tick
from meterd.pipeline import Pipeline
from meterd.sinks import Fact, Sink
from meterd.specs import SiteSpec
from meterd.stores import Batch, Committer, StoreError
from meterd.views import BillView, MeterView, SiteView, Snapshot

log = structlog.get_logger()

QUEUE_MAX: Final = 20_000
"""Inputs waiting; beyond, readers are refused and count it. Counters lose nothing by it."""
BATCH_MAX: Final = 5_000
PART_MS: Final = 1_000
"""What falls due in a long silence is done for so long; then it is committed, and others heard."""
GROUP_MS: Final = 200
"""How long a first input waits for company: one commit for a burst of meters."""
TICK_MS: Final = 1_000
RETRY_MS: Final = 1_000
LAST_TRIES: Final = 3
"""Commits tried on a full disk once the daemon is told to stop; systemd would not wait."""
PROVE_MS: Final = 10_000
"""The writer proves that it moves at least this often, with an empty commit if need be."""


Work = Input | Callable[[], None]


class _Job(NamedTuple):
    work: Work
    done: asyncio.Future[Sequence[Output]] | None


class Drive:
    """The consumer, and the newest committed view of every meter and bill, and of the whole.

    moved_ms: when the writer last answered (monotonic). trouble: why it could not commit.
    """

    def __init__(self, pipeline: Pipeline, store: Committer, clock: Clock) -> None:
        self.pipeline = pipeline
        self.meters: dict[str, MeterView] = {}
        self.bills: dict[str, BillView] = {}
        self.whole = SiteView()
        self.sinks: dict[str, Sink] = {}
        self.seqs: dict[str, int] = {}
        self.observe_commit: Callable[[float], None] = lambda _seconds: None
        self.moved_ms = clock.mono_ms()
        self.trouble = ""
        self._store = store
        self._clock = clock
        self._leaving = False
        self._queue: asyncio.Queue[_Job | None] = asyncio.Queue(QUEUE_MAX + 1)

    def attach(self, sink: Sink, last_seq: int) -> None:
        """Tell this sink from now on. last_seq: of its facts so far."""
        self.sinks[sink.name] = sink
        self.seqs[sink.name] = last_seq
        self.retell(sink.name)

    def retell(self, name: str) -> None:
        """Tell a sink how everything stands."""
        self.sinks[name].tell((), list(self.meters.values()), list(self.bills.values()))

    def detach(self, name: str) -> None:
        """Tell this sink no more."""
        del self.sinks[name]

    def show_all(self) -> None:
        """Put up everything as it was last committed, before anything new comes in."""
        self.meters = {name: self.pipeline.meter_view(name) for name in self.pipeline.meters}
        self.bills = {name: self.pipeline.bill_view(name) for name in self.pipeline.bills}
        self.whole = self.pipeline.site_view()

    def forget(self, site: SiteSpec) -> None:
        """Take down what is no longer in the configuration."""
        meters, bills = {m.name for m in site.meters}, {b.name for b in site.bills}
        self.meters = {name: view for name, view in self.meters.items() if name in meters}
        self.bills = {name: view for name, view in self.bills.items() if name in bills}
        self.whole = SiteView()

    # -- in ---------------------------------------------------------------------------

    def emit(self, item: Input) -> None:
        """Take an input; raises asyncio.QueueFull when there is no room."""
        if self._queue.qsize() >= QUEUE_MAX:
            raise asyncio.QueueFull
        self._queue.put_nowait(_Job(item, None))

    async def order(self, work: Work) -> Sequence[Output]:
        """Do one thing and return what came of it, committed; its errors are raised here."""
        done: asyncio.Future[Sequence[Output]] = asyncio.get_running_loop().create_future()
        await self._queue.put(_Job(work, done))
        return await done

    def last_ms(self, meter: str) -> int | None:
        """When the newest committed reading of a meter was taken."""
        view = self.meters.get(meter)
        return None if view is None else view.at_ms

    async def counters(self, name: str) -> dict[str, int]:
        """What a meter's counters showed last, once all that waits is committed."""
        await self.order(lambda: None)
        counters = self.pipeline.meters[name].registers
        return {q: c.state.last.amount for q, c in counters.items() if c.state.last is not None}

    def depth(self) -> int:
        """Inputs waiting."""
        return self._queue.qsize()

    def stop(self) -> None:
        """Finish what is queued, then let `run` return."""
        self._leaving = True
        with suppress(asyncio.QueueFull):  # then `run` is awake as it is
            self._queue.put_nowait(None)

    async def tick(self) -> None:
        """Let the pipeline know, at once and then once a second, that time passes."""
        while True:
            if not self._queue.full():
                self._queue.put_nowait(_Job(Tick(self._clock.now_ms()), None))
            await self._clock.sleep_until(self._clock.mono_ms() + TICK_MS)

    # -- through ----------------------------------------------------------------------

    async def run(self) -> None:
        """Work until stopped. Raises StoreError when the store must not be written again."""
        while not (self._leaving and self._queue.empty()):
            first = await self._queue.get()
            if first is None:
                continue
            if not isinstance(first.work, Tick):
                await self._clock.sleep_until(self._clock.mono_ms() + GROUP_MS)
            jobs = [first]
            while len(jobs) < BATCH_MAX and not self._queue.empty():
                job = self._queue.get_nowait()
                if job is not None:
                    jobs.append(job)
            await self._work(jobs)

    async def _work(self, jobs: Sequence[_Job]) -> None:
        """Think, write down, tell; then answer whoever gave an order."""
        answers: list[tuple[asyncio.Future[Sequence[Output]], Sequence[Output] | Exception]] = []
        for work, done in jobs:
            if callable(work):
                await self._settle()  # nothing half done may go over to another pipeline
            else:
                await self._catch_up(work)
            if done is None:
                self._do(work)
                continue
            try:
                answers.append((done, self._do(work)))
            except Exception as error:  # noqa: BLE001 - raised again where the order came from
                answers.append((done, error))
        await self._settle()
        for done, outcome in answers:
            if done.cancelled():
                continue
            if isinstance(outcome, Exception):
                done.set_exception(outcome)
            else:
                done.set_result(outcome)

    async def _catch_up(self, item: Input) -> None:
        """Do what fell due in a silence before this input: of a long one, part by part."""
        began_ms = self._clock.mono_ms()
        while self.pipeline.approach(item):
            if self._clock.mono_ms() - began_ms >= PART_MS:
                await self._settle()
                began_ms = self._clock.mono_ms()

    def _do(self, work: Work) -> Sequence[Output]:
        """Do one thing; what an input has caused."""
        if not callable(work):
            return self.pipeline.answer(work)
        work()
        return ()

    async def _settle(self) -> None:
        """Commit all that was thought so far, then tell it."""
        outputs, snapshot = self.pipeline.take()
        await self._write(outputs, snapshot)
        if outputs or snapshot.saved:
            self._tell(outputs, snapshot)

    async def _write(self, outputs: list[Output], snapshot: Snapshot) -> None:
        """Commit, again and again while the disk is full: what was thought is kept."""
        clock = self._clock
        idle = not outputs and not snapshot.saved
        if idle and clock.mono_ms() - self.moved_ms < PROVE_MS:
            return
        batch = Batch(outputs, snapshot.saved, self._facts(outputs), clock.now_ms())
        last_tries = LAST_TRIES
        while True:
            began_ms = clock.mono_ms()
            try:
                await self._store.commit(batch)
            except StoreError as error:
                last_tries -= self._leaving
                if not error.retriable or not last_tries:
                    raise
                if not self.trouble:
                    log.warning("The store does not take a commit; trying again.", error=str(error))
                self.trouble = str(error)
                self.moved_ms = clock.mono_ms()
                await clock.sleep_until(began_ms + RETRY_MS)
                continue
            if self.trouble:
                log.warning("The store takes commits again.", after=self.trouble)
                self.trouble = ""
            self.moved_ms = clock.mono_ms()
            self.observe_commit((self.moved_ms - began_ms) / 1000)
            return

    def _facts(self, outputs: Sequence[Output]) -> dict[str, list[Fact]]:
        found = {}
        for name, sink in self.sinks.items():
            facts = sink.facts(outputs, self.seqs[name] + 1, self._store.epoch)
            if facts:
                self.seqs[name] = facts[-1].seq
                found[name] = facts
        return found

    def _tell(self, outputs: Sequence[Output], snapshot: Snapshot) -> None:
        for meter in snapshot.meters:
            self.meters[meter.meter] = meter
        for bill in snapshot.bills:
            self.bills[bill.bill] = bill
        if snapshot.site is not None:
            self.whole = snapshot.site
        for sink in self.sinks.values():
            sink.tell(outputs, snapshot.meters, snapshot.bills)
