"""The daemon of a small world: its path, pipeline, store and outbox are the real ones.

The clocks, the disk below SQLite and the broker are ours. It may be ended at any instant, and
is started again on what its disk has kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from typing import Any, Final

from tests.laws import books as laws
from tests.laws.disk import SHORT, Disk, Fault
from tests.laws.field import Field
from tests.laws.hosts import Host
from tests.laws.ledger import FACTS_MOST, SINK, Broker, Ledger, Witness, hold
from tests.laws.plant import Outside
from tests.laws.works import WHOLE, Works, site

from meterd.daemon.drive import Drive
from meterd.daemon.supervise import end
from meterd.events import Input, Reading, Tick
from meterd.pipeline import Origin, Pipeline
from meterd.sinks.mqtt import MqttOptions, MqttSink
from meterd.sinks.mqtt_facts import FactLane
from meterd.stores import StoreError
from meterd.stores.sqlite import SqliteStore

CALLS: Final = (20, 60, 400)
"""A fault of the disk strikes within so many calls: those of a start, a commit, a few hours."""
RATE: Final = 0.05
"""How often a fault befalls a round, or a meter in it."""
RATES: Final = {"broker": 0.2}
"""Those that come more often."""
BREAKS: Final = (3, 30, 300)
"""Within so many facts a connection to the broker breaks."""
LOOK_RATE: Final = 0.1
"""How often the books of a daemon that starts are audited; they are at the end in any case."""
BOOT_TRIES: Final = 20


class Daemon:
    """One daemon over all its processes. faults: what may befall it, rates: how often.

    calls: within so many of them a fault of its disk strikes. cuts, crashes: how often it was
    cut off. failures: how often its disk failed. look_rate: how often its books are audited.
    """

    def __init__(
        self, folder: Path, seed: int, faults: frozenset[str], works: Works = WHOLE
    ) -> None:
        self.chance = Random(seed)
        self.faults = faults
        self.rates: dict[str, float] = {**RATES}
        self.calls: tuple[int, ...] = CALLS
        self.host = Host()
        self.disk = Disk(folder, self.chance)
        self.field = Field(works, Outside(self.host, self.befalls, self.chance))
        self.devices = self.field.devices
        self.ledger = Ledger()
        self.ledger.kept = self._kept
        self.broker = Broker(self.ledger)
        self.witness = Witness(self.ledger)
        self.cuts = self.crashes = self.failures = 0
        self.look_rate, self._cut = LOOK_RATE, False
        self._looks = Random(f"looks {seed}")
        self._works = works
        self._site = site(works)
        self._path = folder / "store.db"
        self._task: asyncio.Task[None]
        if "power" in faults:
            self._arm("power")
        self._begin()

    def happens(self, fault: str) -> bool:
        """Whether this fault befalls the world now."""
        return fault in self.faults and self.chance.random() < self.rates.get(fault, RATE)

    def befalls(self, faults: Sequence[str]) -> str:
        """The first of these faults that befalls it, "" for none."""
        return next((fault for fault in faults if self.happens(fault)), "")

    # -- the daemon -----------------------------------------------------------------------

    def _begin(self) -> None:
        """The daemon starts, as often as it must."""
        for _ in range(BOOT_TRIES):
            try:
                store = SqliteStore.open(
                    self._path, now_ms=self.host.now_ms(), new_epoch="00000000aa"
                )
                try:
                    self._resume(store)
                except BaseException:
                    self._drop(store)
                    raise
            except StoreError:
                self._settle_disk()
            else:
                return
        hold(False, "a daemon starts again", tries=BOOT_TRIES)

    def _resume(self, store: SqliteStore) -> None:
        store.register_configurations(self._site.records)
        self.ledger.resume(store)
        origin = Origin(int(store.epoch, 16), self.host.now_ms())
        self.pipeline = Pipeline(self._site, store.load(), origin)
        self.ledger.follow(self.pipeline)
        self._check(store)
        options = MqttOptions(url="mqtt://127.0.0.1:1", site="plant")
        self.lane = FactLane(SINK, store)
        self.witness.messages = MqttSink(options, store, self.host, store.seed_columns)
        self.drive = Drive(self.pipeline, self.ledger, self.host)
        self.drive.show_all()
        self.drive.attach(self.witness, self.ledger.numbered)
        self._task = asyncio.create_task(self.drive.run())
        self.field.plug(self.drive.emit)

    def _check(self, store: SqliteStore) -> None:
        """What is there is what was promised: after a power cut all of it, else what is new.

        Now and then, and at the end, the books must balance to the joule, and all is looked at
        again: what that would find amiss stays so until it is looked at.
        """
        closely = self._looks.random() < self.look_rate
        whole, self._cut = closely or self._cut, False
        with self.disk.passed_by(), closing(store.reader()) as reader:
            laws.check_outbox(reader, self.ledger, self.broker.heard, whole=whole)
            laws.check_rows(reader, self.ledger, whole=whole)
            if whole:
                laws.check_file(reader)
            if closely:
                laws.check_books(reader, self.pipeline)

    def _drop(self, store: SqliteStore) -> None:
        """The process is gone; nothing it still does reaches the disk."""
        self.disk.dead, dead = True, self.disk.dead
        with suppress(StoreError):
            store.close()
        self.disk.dead = dead

    async def crash(self, fault: Fault | None = None) -> None:
        """The daemon ends here and now, and is started again. fault: befalls the start."""
        self.crashes += 1
        await self._stop()
        assert self.ledger.store is not None
        self._drop(self.ledger.store)
        self._settle_disk()
        self.disk.fail(fault or self.disk.fault)
        self._begin()

    async def _stop(self) -> None:
        await self.field.unplug()
        await end(self._task)

    def _settle_disk(self) -> None:
        """What a crash leaves: all of it, or, after a power cut, what survives one."""
        self.failures += self.disk.failed
        if self.disk.dark:
            self._cut, self.cuts = True, self.cuts + 1
            self.disk.cut()
            if self.chance.random() < 0.2:  # and once more while it starts
                self._arm("power")
        else:
            self.disk.wake()

    def _arm(self, how: str) -> None:
        how = self.chance.choice(("full", SHORT)) if how == "full" else how
        self.disk.fail(Fault(self.chance.randrange(1, self.chance.choice(self.calls)), how))

    # -- what the daemon does ---------------------------------------------------------------

    async def guarded(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Let the daemon do a chore; one that fails is started again, as a sink is.

        A disk that failed for good is met again by the next commit, and ends the daemon.
        """
        aimed = self.disk.fault is None and self.chance.random() < 0.6  # most calls are commits'
        if aimed and self.happens("io"):
            self.disk.fail(Fault(self.chance.randrange(1, CALLS[0]), "io"))
        try:
            await work()
        except StoreError as error:
            self.ledger.failed = self.ledger.failed or error.broken
            self.lane.restart()

    async def commit(self) -> None:
        """Let it do what it is there for; start it again if its disk fails for good."""
        try:
            await self.field.all_heard(self._task)
            await self._ordered(Tick(self.host.now_ms()))
        except StoreError as error:
            hold(not error.retriable, "a full disk is waited out", error=str(error))
            await self.crash()

    async def _ordered(self, work: Any) -> None:
        """Do it and wait until it is kept, or the path has ended."""
        done = asyncio.ensure_future(self.drive.order(work))
        await asyncio.wait({done, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if not done.done():
            done.cancel()
            await self._task
        await done

    def _kept(self, item: Input) -> None:
        if isinstance(item, Reading):
            self.devices[item.meter].kept(item.at_ms)

    async def _deliver(self) -> None:
        """The broker hears facts, all that wait or those before the connection breaks."""
        if self.witness.news:
            self.witness.news = False
            self.lane.expect()
        if self.happens("broker"):
            self.lane.restart()
        breaks = self.happens("broker")
        most = self.chance.randrange(self.chance.choice(BREAKS)) if breaks else FACTS_MOST
        await self.broker.listen(self.lane, self.host.mono_ms(), most)
        if breaks and self.lane:
            fact = self.lane.take()
            if self.chance.random() < 0.5:  # only its answer is lost
                self.broker.hear(fact)
        await self.lane.settle()
        if breaks:
            self.lane.restart()

    async def _reload(self) -> None:
        """A record is switched on or off."""
        store = self.ledger.store
        assert store is not None
        self._site = site(self._works, enabled=self.chance.random() < 0.5)
        store.register_configurations(self._site.records)
        self.drive.pipeline = self.pipeline = self.pipeline.reconfigured(self._site, store.load())
        self.ledger.follow(self.pipeline)

    async def close(self) -> None:
        """Take it down."""
        await self._stop()
        if self.ledger.store is not None:
            self._drop(self.ledger.store)
        self.disk.close()
