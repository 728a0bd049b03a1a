"""A daemon to look at, and the two doors to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.web.house import Client, Daemon, opened, over_socket, over_tcp


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    store = opened(tmp_path / "meterd.db")
    yield Daemon(store)
    store.close()


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
