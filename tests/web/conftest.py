"""A daemon to look at, and the two doors to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.web.asking import Client
from tests.web.house import Daemon, opened, over_socket, over_tcp

from meterd.stores.sqlite import SqliteStore


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """The history, to be read and not added to: every commit waits for the disk."""
    one = opened(tmp_path_factory.mktemp("store") / "meterd.db")
    yield one
    one.close()


@pytest.fixture
def daemon(store: SqliteStore) -> Daemon:
    return Daemon(store)


@pytest.fixture
async def browser(daemon: Daemon) -> AsyncIterator[Client]:
    """Somebody on the host itself, over TCP."""
    async with over_tcp(daemon) as client:
        yield client


@pytest.fixture
async def operator(daemon: Daemon, tmp_path: Path) -> AsyncIterator[Client]:
    """The commands, over the control socket."""
    async with over_socket(daemon, tmp_path / "control.sock") as client:
        yield client


@pytest.fixture
async def stranger(daemon: Daemon, tmp_path: Path) -> AsyncIterator[Client]:
    """Somebody of whom no address of this host is known."""
    async with over_socket(daemon, tmp_path / "stranger.sock", trusted=False) as client:
        yield client
