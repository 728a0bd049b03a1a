"""A building's BACnet: simulated devices on loopback addresses of this process's own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from tests.readers.bacnet_ip.said import Around, link, live

from meterd.config.bacnet import BacnetDevice
from meterd.events import PollFailed, Reading
from meterd.readers import bacnet
from meterd.readers.line import LinkStats
from meterd.sim.bacnet_server import BacnetServer, Point

PID = os.getpid()
INSTANCE = 1_000_000 + PID % 1_000_000
HUNG_S = 30


def host(number: int) -> str:
    """An address that no other process's test has."""
    return f"127.{1 + PID // 256 % 250}.{PID % 256}.{number}"


def points() -> list[Point]:
    """An accumulator at 123.45 kWh and a power of 1.5 kW."""
    return [
        Point(kind="accumulator", instance=1, name="Energy", units="kilowattHours",
              value=12_345, scale=0.01, most=999_999),
        Point(kind="analog-input", instance=3, name="Power", units="watts", value=1500.0),
    ]  # fmt: skip


@asynccontextmanager
async def server(number: int = 10, instance: int = INSTANCE) -> AsyncIterator[BacnetServer]:
    """A device that listens at BACnet's port on an address of its own."""
    one = BacnetServer(instance, points())
    await one.start(f"{host(number)}/8")
    try:
        yield one
    finally:
        one.stop()


class Running:
    """A link that is being read, and what it tells."""

    def __init__(self, *devices: BacnetDevice, **more: Any) -> None:
        self.link = link(*devices, **{"bind": f"{host(1)}/8", **more})
        self.stats = LinkStats("bms")
        self.around: Around = live()
        self.told: list[Reading | PollFailed] = []
        self.changed = asyncio.Event()
        self._surroundings = self.around.all._replace(emit=self.emit)

    def emit(self, item: Reading | PollFailed) -> None:
        self.told.append(item)
        self.changed.set()

    async def until(self, enough: Callable[[], bool]) -> None:
        """Until what was told is enough."""
        async with asyncio.timeout(HUNG_S):
            while not enough():
                self.changed.clear()
                await self.changed.wait()

    def readings(self, meter: str = "main") -> list[Reading]:
        return [one for one in self.told if isinstance(one, Reading) and one.meter == meter]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Running]:
        work = bacnet.run(self.link, {}, self._surroundings, self.stats)
        task = asyncio.ensure_future(work)
        try:
            yield self
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
