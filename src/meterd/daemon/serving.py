"""HTTP, twice: on TCP as the configuration says, and on a socket beside the store for orders."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from ssl import Purpose, SSLContext, create_default_context
from typing import Final

import structlog
from aiohttp import web

from meterd.config.http import HttpConfig, listen_address
from meterd.config.models import Config
from meterd.daemon.figures import Figures
from meterd.daemon.found import control_path
from meterd.daemon.listening import IDLE_S, Listening, strays
from meterd.daemon.world import World
from meterd.stores.sqlite import SqliteStore
from meterd.web.app import application, refused

log = structlog.get_logger()

LEAVE_S: Final = 2
"""How long an answer under way may take once the daemon is told to stop."""


def _tls(http: HttpConfig) -> SSLContext | None:
    """What is served by TLS is. Raises OSError, which names the file, for what is none."""
    if http.cert_file is None or http.key_file is None:
        return None
    context = create_default_context(Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(http.cert_file, http.key_file)
    except OSError as error:  # SSLError is one too
        raise OSError(f"http: {http.cert_file}, {http.key_file}: {error}") from error
    return context


class Serving:
    """The sockets."""

    def __init__(self, world: World, figures: Figures, store: SqliteStore) -> None:
        figures.refused = self.refused
        self._world = world
        self._exposition = figures.exposition
        self._store = store
        self._runners: list[web.AppRunner] = []
        self._control: Path | None = None
        self._listening: Listening | None = None

    def refused(self) -> dict[str, int]:
        """What was too much so far, by what it was."""
        found = {} if self._listening is None else {"connections": self._listening.refused}
        for runner in self._runners:
            for name, count in refused(runner.app).items():
                found[name] = found.get(name, 0) + count
        return found

    async def start(self, config: Config) -> None:
        """Listen. Raises OSError, which names the address, when a port is taken."""
        try:
            if self._store.path != ":memory:":
                await self._start_control()
            if config.http is not None:
                await self._start_tcp(config.http)
        except OSError:
            await self.stop()
            raise

    async def _start_tcp(self, http: HttpConfig) -> None:
        host, port = listen_address(http.listen)
        runner = await self._runner(application(self._world, self._exposition, http))
        self._listening = Listening(runner)
        await self._listening.start(host, port, _tls(http))
        log.info("Serving HTTP.", listen=http.listen)

    async def _runner(self, app: web.Application) -> web.AppRunner:
        runner = web.AppRunner(
            app, handle_signals=False, access_log=None, logger=strays(),
            keepalive_timeout=IDLE_S, shutdown_timeout=LEAVE_S,
        )  # fmt: skip
        await runner.setup()
        self._runners.append(runner)
        return runner

    async def _start_control(self) -> None:
        """Bind through the folder: a unix socket's own path must be shorter than a file's."""
        path = self._control = control_path(self._store.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            path.unlink()  # we hold the store's lock, so it is nobody's
        runner = await self._runner(application(self._world, self._exposition, None))
        folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
        mask = os.umask(0o177)
        try:
            await web.UnixSite(runner, f"/proc/self/fd/{folder}/{path.name}").start()
        finally:
            os.umask(mask)
            os.close(folder)

    async def stop(self) -> None:
        """Close every socket; the control socket's file goes too."""
        if self._listening is not None:
            self._listening.close()
        for runner in self._runners:
            await runner.cleanup()
        self._runners.clear()
        if self._control is not None:
            with contextlib.suppress(OSError):  # what a dead disk keeps, the next start clears
                self._control.unlink()
