"""HTTP, twice: on TCP as the configuration says, and on a socket beside the store for orders.

The web sees only what has been committed, and gives orders like any other input.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

import structlog
from aiohttp import web

from meterd.clock import Clock
from meterd.config.models import Config
from meterd.config.stored import Findings
from meterd.daemon.drive import Drive
from meterd.daemon.kept import Kept
from meterd.daemon.standing import RefusedError
from meterd.events import Input, Output
from meterd.orders import Administered, StoredObject, StoredToken
from meterd.specs import SiteSpec
from meterd.stores import StoreError
from meterd.stores.queries import Reader
from meterd.stores.sqlite import SqliteStore
from meterd.views import BillView, MeterView, SiteView
from meterd.web.app import Exposition, Unavailable, application

log = structlog.get_logger()

LEAVE_S: Final = 2
"""How long an answer under way may take once the daemon is told to stop."""


def control_path(store: str) -> Path:
    """Where the daemon that holds a store takes orders."""
    return Path(f"{store}.sock")


def listen_address(listen: str) -> tuple[str, int]:
    """("127.0.0.1", 9850) of "127.0.0.1:9850"; [::1]:9850 and :9850 too."""
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


class Running(Protocol):
    """What of the daemon the web needs."""

    drive: Drive

    @property
    def site(self) -> SiteSpec:
        """The configuration in force."""
        ...

    @property
    def kept(self) -> Kept:
        """What people keep in the store."""
        ...

    def trouble(self) -> str | None:
        """Why the daemon is not well."""
        ...

    async def administer(self, decide: Callable[[], Administered | None]) -> Findings:
        """Make a change; {} when it is in force, else which objects would not fit."""
        ...

    async def rehearse(self, decide: Callable[[], Administered | None]) -> Findings:
        """What making a change would return."""
        ...

    async def reload(self) -> None:
        """Take the file as it is now, or raise RefusedError."""
        ...


class World:
    """The daemon as the web sees it."""

    def __init__(self, daemon: Running, store: SqliteStore, clock: Clock) -> None:
        self._daemon = daemon
        self._store = store
        self._clock = clock

    @property
    def site(self) -> SiteSpec:
        """The configuration in force."""
        return self._daemon.site

    @property
    def meters(self) -> Mapping[str, MeterView]:
        """The newest committed view of each meter."""
        return self._daemon.drive.meters

    @property
    def bills(self) -> Mapping[str, BillView]:
        """The newest committed view of each bill."""
        return self._daemon.drive.bills

    @property
    def whole(self) -> SiteView:
        """The newest committed view of the site as a whole."""
        return self._daemon.drive.whole

    @property
    def file(self) -> Config:
        """What the configuration file says."""
        return self._daemon.kept.file

    @property
    def config(self) -> Config:
        """The file with what was made through the API."""
        return self._daemon.kept.merged.config

    @property
    def objects(self) -> Mapping[str, StoredObject]:
        """What was made through the API, by label."""
        return self._daemon.kept.objects

    @property
    def hidden(self) -> Collection[str]:
        """Those that the file has as well."""
        return self._daemon.kept.merged.hidden

    @property
    def left_out(self) -> Findings:
        """Those that do not fit the configuration, and why."""
        return self._daemon.kept.merged.left_out

    @property
    def tokens(self) -> Mapping[str, StoredToken]:
        """The bearer tokens, by name."""
        return self._daemon.kept.tokens

    async def administer(self, decide: Callable[[], Administered | None]) -> Findings:
        """Make a change; {} when it is in force, else which objects would not fit."""
        return await self._daemon.administer(decide)

    async def rehearse(self, decide: Callable[[], Administered | None]) -> Findings:
        """What making a change would return."""
        return await self._daemon.rehearse(decide)

    async def use(self, token: StoredToken) -> None:
        """Remember that a token is good for something."""
        await self._daemon.kept.use(token, self._clock.now_ms())

    def healthy(self) -> str | None:
        """None while the writer moves and the disk takes commits."""
        return self._daemon.trouble()

    def ready(self) -> str | None:
        """As healthy: the store is open and the readers run before anything is served."""
        return self._daemon.trouble()

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """The store to read, beside the writer."""
        try:
            if Path(self._store.path).exists():
                with Reader.open(self._store.path) as reader:
                    yield reader
            else:
                yield self._store.reader()
        except StoreError as error:
            raise Unavailable(str(error)) from error

    async def order(self, item: Input) -> Sequence[Output]:
        """Carry out an order; what came of it is committed when this returns."""
        return await self._daemon.drive.order(item)

    async def reload(self) -> str | None:
        """None when the file is in force, else why it was refused."""
        try:
            await self._daemon.reload()
        except RefusedError as error:
            return str(error)
        return None

    def now_ms(self) -> int:
        """The wall clock."""
        return self._clock.now_ms()


class Serving:
    """The sockets."""

    def __init__(self, world: World, exposition: Exposition, store: SqliteStore) -> None:
        self._world = world
        self._exposition = exposition
        self._store = store
        self._runners: list[web.AppRunner] = []
        self._control: Path | None = None

    async def start(self, config: Config) -> None:
        """Listen. Raises OSError, which names the address, when a port is taken."""
        try:
            if self._store.path != ":memory:":
                await self._start_control()
            if config.http is not None:
                await self._start_tcp(config.http.listen)
        except OSError:
            await self.stop()
            raise

    async def _start_tcp(self, listen: str) -> None:
        host, port = listen_address(listen)
        app = application(
            self._world, self._exposition, trusted=False, hosts=[host] if host else []
        )
        runner = await self._runner(app)
        await web.TCPSite(runner, host or None, port).start()
        log.info("Serving HTTP.", listen=listen)

    async def _runner(self, app: web.Application) -> web.AppRunner:
        runner = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=LEAVE_S)
        await runner.setup()
        self._runners.append(runner)
        return runner

    async def _start_control(self) -> None:
        """Bind through the folder: a unix socket's own path must be shorter than a file's."""
        path = self._control = control_path(self._store.path)
        with contextlib.suppress(FileNotFoundError):
            path.unlink()  # we hold the store's lock, so it is nobody's
        runner = await self._runner(application(self._world, self._exposition, trusted=True))
        folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
        mask = os.umask(0o177)
        try:
            await web.UnixSite(runner, f"/proc/self/fd/{folder}/{path.name}").start()
        finally:
            os.umask(mask)
            os.close(folder)

    async def stop(self) -> None:
        """Close every socket; the control socket's file goes too."""
        for runner in self._runners:
            await runner.cleanup()
        self._runners.clear()
        if self._control is not None:
            with contextlib.suppress(FileNotFoundError):
                self._control.unlink()
