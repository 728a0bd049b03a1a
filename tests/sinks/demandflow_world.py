"""A DemandFlow sink at work for a tenant, its clock, and meters to tell of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.sinks.peers import HUNG_S
from tests.sinks.tenant import TOKEN, Tenant

from meterd.sinks.demandflow import DemandFlowOptions, DemandFlowSink
from meterd.specs import MeterSpec, RegisterSpec, SiteSpec
from meterd.views import MeterView

NOON_MS = 1_767_268_800_000
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


class SteppedClock:
    """Time moves when the test says so."""

    boot = "test"

    def __init__(self) -> None:
        self.at_ms = 0
        self._moved = asyncio.Event()

    def now_ms(self) -> int:
        return NOON_MS + self.at_ms

    def mono_ms(self) -> int:
        return self.at_ms

    async def sleep_until(self, mono_ms: int) -> None:
        while self.at_ms < mono_ms:
            await self._moved.wait()

    def forward(self, by_ms: int) -> None:
        self.at_ms += by_ms
        self._moved.set()
        self._moved = asyncio.Event()


def sentences(logs: Any) -> list[str]:
    """What was logged."""
    return [entry["event"] for entry in logs]


def meter(name: str, **general: Any) -> MeterSpec:
    """A meter whose counter has steps of 0.01 kWh."""
    register = RegisterSpec("energy_import", count=36_000)
    point = {"id": 9, "label": "Rack PDU"}
    status = {"id": 1, "label": "Active"}
    fixed = {"name": name, "meterPoint": point, "status": status, **general}
    return MeterSpec(name, registers=(register,), general=fixed)


def read(name: str, at_ms: int = NOON_MS, **fields: Any) -> MeterView:
    """A meter's view: these fields, the last reading's time, and nothing else known."""
    time = f"2026-01-01T12:{at_ms // 60_000 % 60:02d}:{at_ms // 1000 % 60:02d}Z"
    shown = {"currentKw": None, "lastReadingTime": time, **fields}
    return MeterView(name, True, at_ms, "good", shown, {}, {}, {})


class World:
    """A sink, its tenant and its clock."""

    def __init__(self, tenant: Tenant, **options: Any) -> None:
        self.tenant = tenant
        self.clock = SteppedClock()
        self.options = DemandFlowOptions(**{"url": tenant.url, "token": TOKEN, **options})
        self.sink = DemandFlowSink(self.options, self.clock, lambda: 0.0)

    def meters(self, *specs: MeterSpec) -> None:
        self.sink.configure(SiteSpec("hq", "UTC", meters=specs))

    def tell(self, *views: MeterView) -> None:
        self.sink.tell((), views, ())

    @property
    def health(self) -> tuple[bool, str]:
        """(connected, trouble)"""
        return self.sink.connected, self.sink.trouble

    async def until(self, so: Callable[[], bool]) -> None:
        """Let everyone work until it is so; the limit only ends a hung test."""
        async with asyncio.timeout(HUNG_S):
            while not so():  # noqa: ASYNC110  # the world tells nobody
                await asyncio.sleep(0)

    async def quiet(self) -> None:
        """Until the sink has begun whatever is due, and it is done."""
        sink = self.sink
        await self.until(lambda: not (sink._in_flight or sink._wake.is_set()))

    async def passes(self, by_ms: int) -> None:
        """Time passes, and whatever is due then is done."""
        await self.quiet()
        self.clock.forward(by_ms)
        self.sink._wake.set()
        await self.quiet()


@asynccontextmanager
async def at_work(tenant: Tenant, *specs: MeterSpec, **options: Any) -> AsyncIterator[World]:
    """The tenant's server and a sink at work, its first reading done; all over in the end."""
    async with tenant.server, asyncio.timeout(HUNG_S):
        world = World(tenant, **options)
        world.meters(*specs)
        task = asyncio.create_task(world.sink.run())
        try:
            await world.quiet()
            yield world
        finally:
            tenant.go.set()
            await world.sink.close()
            await task
