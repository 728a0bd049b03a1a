"""A site of two counters, a clock that moves when someone sleeps, and a sink that remembers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from meterd.daemon.drive import Drive
from meterd.events import Output, Reading, Sample
from meterd.pipeline import Pipeline
from meterd.sinks import Fact
from meterd.specs import BillSpec, MeterSpec, RegisterSpec, SiteSpec, SourceSpec
from meterd.stores import Batch, StoreError
from meterd.stores.sqlite import SqliteStore
from meterd.views import BillView, MeterView

NOON_MS = 1_767_268_800_000  # 2026-01-01T12:00:00Z
FIVE_MIN_MS = 300_000


class Clock:
    """Time moves only when someone sleeps. It has been running for a minute."""

    boot = "boot"

    def __init__(self, now_ms: int = NOON_MS) -> None:
        self.mono = 60_000
        self.ahead = now_ms - self.mono
        self.naps: list[int] = []

    def now_ms(self) -> int:
        return self.mono + self.ahead

    def mono_ms(self) -> int:
        return self.mono

    async def sleep_until(self, mono_ms: int) -> None:
        self.naps.append(mono_ms - self.mono)
        self.mono = max(self.mono, mono_ms)
        await asyncio.sleep(0)


def meter(name: str) -> MeterSpec:
    return MeterSpec(
        name, units={"energy_import": "kWh"}, registers=(RegisterSpec("energy_import"),)
    )


def site(*names: str) -> SiteSpec:
    """Meters of these names, all on one bill."""
    bill = BillSpec("tenant", sources=tuple(SourceSpec(name) for name in names))
    return SiteSpec("hq", "UTC", meters=tuple(map(meter, names)), bills=(bill,))


def reading(at_s: int, joules: int, name: str = "main") -> Reading:
    """The dial of a meter, so many seconds after noon."""
    return Reading(name, NOON_MS + at_s * 1000, {"energy_import": joules}, {})


class Ledger:
    """A real store in memory, that counts its commits, and whose disk may be full for a while.

    log: "commit" for each that was kept, beside what others write there.
    """

    def __init__(self) -> None:
        self.store = SqliteStore.open(":memory:", now_ms=NOON_MS, new_epoch="0123456789")
        self.log: list[str] = []
        self.batches: list[Batch] = []
        self.refusals: list[StoreError] = []

    @property
    def epoch(self) -> str:
        return self.store.epoch

    async def commit(self, batch: Batch) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        await self.store.commit(batch)
        self.batches.append(batch)
        self.log.append("commit")

    def fill(self, times: int) -> None:
        """The next commits find the disk full."""
        self.refusals += [StoreError("the disk is full", retriable=True)] * times


class Witness:
    """A sink that makes a fact of every sample, and remembers what it is told."""

    def __init__(self, name: str = "witness", log: list[str] | None = None) -> None:
        self.name = name
        self.log = [] if log is None else log
        self.meters: dict[str, MeterView] = {}
        self.bills: dict[str, BillView] = {}
        self.outputs: list[Output] = []

    def facts(self, outputs: Sequence[Output], first_seq: int, epoch: str) -> list[Fact]:
        samples = [output for output in outputs if isinstance(output, Sample)]
        return [Fact(seq, self.name, b"{}", False) for seq, _ in enumerate(samples, first_seq)]

    def tell(
        self, outputs: Sequence[Output], meters: Sequence[MeterView], bills: Sequence[BillView]
    ) -> None:
        self.log.append(f"tell {self.name}")
        self.outputs += outputs
        self.meters.update((view.meter, view) for view in meters)
        self.bills.update((view.bill, view) for view in bills)

    async def run(self) -> None:
        raise AssertionError("nobody runs it")

    async def close(self) -> None:
        raise AssertionError("nobody closes it")


class House:
    """A drive over a site, its store and its clock."""

    def __init__(self, spec: SiteSpec | None = None) -> None:
        self.clock = Clock()
        self.ledger = Ledger()
        self.pipeline = Pipeline(spec or site("main"), {})
        self.drive = Drive(self.pipeline, self.ledger, self.clock)

    def facts_kept(self, sink: str = "witness") -> list[int]:
        """The numbers of the facts in the outbox."""
        with self.ledger.store.reader() as reader:
            rows: list[Any] = reader.rows("SELECT sink, seq FROM outbox ORDER BY seq")
        return [seq for name, seq in rows if name == sink]

    async def work(self, *items: Reading) -> None:
        """Let these happen, then stop when all is done."""
        for item in items:
            self.drive.emit(item)
        self.drive.stop()
        await self.drive.run()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        """The drive at work, until the block ends."""
        task = asyncio.create_task(self.drive.run())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
