"""Builds everything from the configuration, starts the tasks, drives the path; decides nothing.

A reload is a difference: what did not change is not touched; a bad file is refused whole.
"""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from meterd.clock import Clock
from meterd.config.compile import site_spec
from meterd.config.findings import blocking, render
from meterd.config.inventory import inventory
from meterd.config.links import links
from meterd.config.load import Loaded, load
from meterd.config.models import Config
from meterd.config.objects import Merged
from meterd.config.stored import Findings, label_of
from meterd.daemon.brokers import Brokers
from meterd.daemon.drive import PROVE_MS, TICK_MS, Drive
from meterd.daemon.figures import Figures
from meterd.daemon.kept import Kept, told
from meterd.daemon.links import Links, tells_of
from meterd.daemon.notify import Notifier
from meterd.daemon.serving import Serving
from meterd.daemon.standing import RefusedError, refuse_another
from meterd.daemon.supervise import end, supervise
from meterd.daemon.tenant import Tenant
from meterd.daemon.world import World
from meterd.metering.calendar import DAY_MS, Calendar
from meterd.orders import Administered, StoredObject
from meterd.pipeline import Origin, Pipeline
from meterd.records.schedule import Schedule
from meterd.sinks.own_metrics import OwnMetrics
from meterd.specs import SiteSpec
from meterd.stores import StoreError
from meterd.stores.sqlite import SqliteStore
from meterd.versions import installed

log = structlog.get_logger()

IO_ERROR: Final = 74
"""The exit code when the disk can no longer be trusted (EX_IOERR): start again, recover."""
STUCK_MS: Final = 2 * PROVE_MS + 5 * TICK_MS
"""Without a turn of the writer for so long the daemon is stuck, and the watchdog may bite."""
LOOK_MS: Final = 60_000
"""How often it is looked whether the night has come."""


class Daemon:
    """One site, running."""

    def __init__(
        self, found: Loaded, store: SqliteStore, clock: Clock, environ: Mapping[str, str]
    ) -> None:
        assert found.config is not None
        self.kept = Kept(found.config, found.path.parent.absolute(), store)
        self.config = self.kept.merged.config
        self.site = site_spec(self.config)
        self.path: Path = found.path
        self._store = store
        self._clock = clock
        self.environ = environ
        store.register_configurations(self.site.records, inventory(self.config))
        origin = Origin(int(store.epoch, 16), clock.now_ms())
        self.drive = Drive(Pipeline(self.site, store.load(), origin), store, clock)
        self.links = Links(self.drive.emit, clock, tells_of(self.drive))
        self.brokers = Brokers(self.drive, store, clock)
        self.tenant = Tenant(self.drive, clock)
        own = OwnMetrics(installed("meterd"))
        self.figures = Figures(own, self.drive, self.links, self.brokers)
        self.serving = Serving(World(self, store, clock), self.figures, store)
        self._notifier = Notifier(environ)
        self._stop = asyncio.Event()
        self._hangup = asyncio.Event()
        self._reloading = asyncio.Lock()

    async def run(self) -> int:
        """Until SIGTERM or SIGINT: finish, commit, return 0."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._hangup.set)
        self.drive.show_all()
        self.drive.attach(self.figures.prometheus, 0)
        driving = asyncio.create_task(self.drive.run())
        chores: dict[str, Callable[[], Awaitable[None]]] = {
            "tick": self.drive.tick,
            "reload": self._reload_on_hangup,
            "watchdog": self._watch,
            "maintenance": self._maintain,
            "figures": partial(self.figures.watch, self._store, self._clock),
        }
        tasks = [
            asyncio.create_task(supervise(name, work, self._clock)) for name, work in chores.items()
        ]
        await self.brokers.become(self.config, self.site)
        await self.tenant.become(self.config.demandflow, self.site)
        await self.serving.start(self.config)
        await self.links.become(links(self.config), self.site)
        self._notifier.send(READY="1", STATUS=self._status())
        _spare_collector()
        log.info("Running.", site=self.site.name, meters=len(self.site.meters))
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait((driving, stopping), return_when=asyncio.FIRST_COMPLETED)
        return await self._finish(driving, stopping, *tasks)

    async def _finish(
        self, driving: asyncio.Task[None], stopping: asyncio.Task[bool], *chores: asyncio.Task[None]
    ) -> int:
        self._notifier.send(STOPPING="1")
        stopping.cancel()
        await end(*chores)
        await self.links.stop()
        await self.serving.stop()
        code = 0
        if not driving.done():
            self.drive.stop()
        try:
            await driving
        except StoreError as error:
            log.error("The store cannot be written any more; stopping.", error=str(error))
            code = IO_ERROR
        await self.brokers.stop()
        await self.tenant.stop()
        log.info("Stopped.", site=self.site.name)
        return code

    # -- health -----------------------------------------------------------------------

    def trouble(self) -> str | None:
        """Why the daemon is not well, or None."""
        if self._clock.mono_ms() - self.drive.moved_ms > STUCK_MS:
            return "the writer does not move"
        return self.drive.trouble or None

    def _status(self) -> str:
        online = sum(view.online for view in self.drive.meters.values())
        return f"{online} of {len(self.site.meters)} meters online"

    async def _watch(self) -> None:
        """Feed the watchdog only while the loop and the writer truly move."""
        period_ms = (self._notifier.watchdog_ms or 30_000) // 3
        while True:
            if self._clock.mono_ms() - self.drive.moved_ms <= STUCK_MS:
                self._notifier.send(WATCHDOG="1", STATUS=self._status())
            await self._clock.sleep_until(self._clock.mono_ms() + period_ms)

    async def _maintain(self) -> None:
        """The night's work, at its local time; a clock or a file that changes is heeded soon."""
        done_ms = 0
        while True:  # a clock that is set back does not repeat the night
            now_ms = self._clock.now_ms()
            hour, minute = self.config.maintenance.at.split(":")
            night = Schedule(f"{minute} {hour} * * *", Calendar(self.site.timezone))
            due_ms = night.after(done_ms if 0 <= done_ms - now_ms < DAY_MS else now_ms)
            await self._clock.sleep_until(self._clock.mono_ms() + min(due_ms - now_ms, LOOK_MS))
            if self._clock.now_ms() >= due_ms:
                await self._store.maintain(self._clock.now_ms())
                done_ms = due_ms

    # -- reload -----------------------------------------------------------------------

    async def _reload_on_hangup(self) -> None:
        while True:
            await self._hangup.wait()
            self._hangup.clear()
            try:
                await self.reload()
            except RefusedError as error:
                log.error("The configuration is refused; the old one stays.", why=str(error))

    async def reload(self) -> None:
        """Take the file as it is now. Raises RefusedError and changes nothing if it is bad."""
        found = await asyncio.to_thread(load, self.path, self.environ)
        if found.config is None or blocking(found.findings):
            lines = [render(finding, str(self.path)) for finding in found.findings]
            raise RefusedError("\n".join(lines))
        async with self._reloading:
            refuse_another(self.config, found.config)
            merged = await asyncio.to_thread(self.kept.beside, found.config)
            for name, wrong in self.kept.newly_left_out(merged).items():
                raise RefusedError(f"{name}, which was made through the API: {told(wrong)}")
            await self._apply(found.config, merged)
        log.info("Configuration reloaded.", meters=len(self.site.meters))

    async def administer(self, decide: Callable[[], Administered | None]) -> Findings:
        """Make a change that somebody asks for, by the path of a reload; {} when it is in force.

        decide: what to change, None for nothing; asked while no other change is on its way.
        Returns which objects would not fit the configuration, and why; then nothing changed.
        """
        async with self._reloading:
            item = decide()
            if item is None or not isinstance(item.row, StoredObject):
                if item is not None:
                    await self.drive.order(item)
                    self.kept.take(item)
                return {}
            merged, wrong = await self.beside(item.row)
            if not wrong:
                await self._apply(self.kept.file, merged, item)
        return wrong

    async def rehearse(self, decide: Callable[[], Administered | None]) -> Findings:
        """What `administer` would return; nothing is changed."""
        async with self._reloading:
            row = getattr(decide(), "row", None)
            return (await self.beside(row))[1] if isinstance(row, StoredObject) else {}

    async def beside(self, row: StoredObject) -> tuple[Merged, Findings]:
        """All of it after a change, and what would not fit any more."""
        merged = await asyncio.to_thread(self.kept.beside, self.kept.file, row)
        return merged, self.kept.newly_left_out(merged, label_of(row))

    async def _apply(self, file: Config, merged: Merged, item: Administered | None = None) -> None:
        """Put a configuration in force, and commit the change that it comes from."""
        site = await asyncio.to_thread(site_spec, merged.config)
        await self.drive.order(partial(self._become, site, merged, item))
        self.kept.file = file
        await self.brokers.become(self.config, site)
        await self.tenant.become(self.config.demandflow, site)
        await self.links.become(links(self.config), site)
        _spare_collector()

    def _become(self, site: SiteSpec, merged: Merged, item: Administered | None) -> None:
        self._store.register_configurations(site.records, inventory(merged.config))
        self.drive.pipeline = self.drive.pipeline.reconfigured(site, self._store.load())
        self.drive.forget(site)
        self.figures.prometheus.configure(site)
        self.config, self.site = merged.config, site
        self.kept.merged = merged
        if item is not None:
            self.kept.take(item)
            self.drive.pipeline.feed(item)


def _spare_collector() -> None:
    """What was built lives as long as the configuration: no collection need walk it again."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
