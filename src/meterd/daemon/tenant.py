"""The DemandFlow sink: one tenant whose POWERMETER objects are kept up to date."""

from __future__ import annotations

import asyncio
import random

from meterd.clock import Clock
from meterd.config.site import DemandFlowConfig
from meterd.daemon.drive import Drive
from meterd.daemon.supervise import end, supervise
from meterd.sinks.demandflow import DemandFlowSink
from meterd.sinks.demandflow_client import DemandFlowOptions
from meterd.specs import SiteSpec


class Tenant:
    """The tenant that is told, or none. sink: None while there is none."""

    def __init__(self, drive: Drive, clock: Clock) -> None:
        self.sink: DemandFlowSink | None = None
        self._drive = drive
        self._clock = clock
        self._config: DemandFlowConfig | None = None
        self._task: asyncio.Task[None] | None = None

    async def become(self, config: DemandFlowConfig | None, site: SiteSpec) -> None:
        """Tell this tenant; one that did not change is told on."""
        if config != self._config:
            await self.stop()
            self._config = config
        if config is None:
            return
        if self.sink is not None:
            self.sink.configure(site)
            return
        self.sink = sink = DemandFlowSink(_options(config), self._clock, random.random)
        sink.configure(site)
        self._drive.attach(sink, 0)
        self._task = asyncio.create_task(supervise("demandflow", sink.run, self._clock))

    async def stop(self) -> None:
        """Let go of the tenant."""
        if self.sink is None or self._task is None:
            return
        self._drive.detach(self.sink.name)
        await self.sink.close()
        await end(self._task)
        self.sink = self._task = self._config = None


def _options(config: DemandFlowConfig) -> DemandFlowOptions:
    return DemandFlowOptions(
        url=config.url,
        token=config.token.reveal(),
        sub_id=config.sub_id,
        create=config.create,
        min_interval_ms=config.min_interval,
        dead_band=float(config.dead_band_percent) / 100,
        ca_file=config.ca_file,
        allow_plaintext=config.allow_plaintext,
    )
