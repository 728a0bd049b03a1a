"""Run the daemon: read the meters, keep the books, tell MQTT and Prometheus.

SIGTERM and SIGINT: finish, commit, exit 0. SIGHUP: take the changed configuration.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from os import environ
from typing import Final

import msgspec

from meterd.cli.exits import CONFIGURATION, FINDING, CliError
from meterd.cli.logging import configure_logging
from meterd.cli.site import loaded, store_argument, store_errors, store_path
from meterd.clock import SystemClock
from meterd.config.findings import told
from meterd.config.http import is_beyond_loopback
from meterd.config.load import Loaded
from meterd.daemon.clockless import until_set
from meterd.daemon.daemon import Daemon
from meterd.orders import StoredUser
from meterd.readers.budget import warnings
from meterd.stores.sqlite import SqliteStore

TURN_S: Final = 0.0005
"""A thread that writes a page or reads the store gives way to the loop, which polls, within so
long; Python's own 5 ms is a poll that is late, once for every such thread."""


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    store_argument(parser)


def run(args: Namespace) -> int:
    """The exit code of the daemon; 75 if another instance holds the store."""
    configure_logging(environ)
    found = loaded(args, live=True)
    for warning in warnings(found):
        print(told(warning, str(found.path)), file=sys.stderr)
    return run_site(found, args.store)


def run_site(found: Loaded, store_url: str | None) -> int:
    """Open the store and run until told to stop."""
    sys.setswitchinterval(TURN_S)
    clock = SystemClock()
    path = store_path(found, store_url)
    asyncio.run(until_set(clock, environ))
    with store_errors():
        store = SqliteStore.open(path, now_ms=clock.now_ms(), new_epoch=secrets.token_hex(5))
    try:
        _expect_accounts(found, store)
        with asyncio.Runner(loop_factory=event_loop()) as runner:
            return runner.run(_live(found, store, clock))
    except OSError as error:
        raise CliError(f"cannot start: {error}", FINDING) from error
    finally:
        store.close()


def _expect_accounts(found: Loaded, store: SqliteStore) -> None:
    """CliError 78 where others than this host could ask, and none of them could log in."""
    assert found.config is not None
    http = found.config.http
    vouched = http is not None and http.proxy is not None and http.proxy.user_header is not None
    others = vouched or (http is not None and http.oidc is not None)
    if http is None or others or not is_beyond_loopback(http.listen):
        return
    with store.reader() as reader:
        if reader.tokens() or any(user.password for user in reader.kept(StoredUser)):
            return
    raise CliError(
        f"{found.path}: http.listen: {http.listen} is beyond this host, and there is nobody who "
        "could log in. Make a user with `meterd user add NAME --level 10`, or a token with "
        "`meterd token add NAME`; or listen on 127.0.0.1",
        CONFIGURATION,
    )


async def _live(found: Loaded, store: SqliteStore, clock: SystemClock) -> int:
    try:
        daemon = Daemon(found, store, clock, environ)
    except msgspec.DecodeError as error:  # bits fell over, where SQLite does not look
        detail = f"{store.path}: a state in it can no more be read; restore a backup: {error}"
        raise CliError(detail, FINDING) from error
    return await daemon.run()


def event_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where there is one; None for asyncio's own."""
    if sys.platform != "linux":
        return None
    try:
        import uvloop  # noqa: PLC0415 - only where a wheel exists
    except ImportError:
        return None
    return uvloop.new_event_loop
