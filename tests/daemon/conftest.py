"""A broker of one's own, gone after the test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.sinks.peers import Broker, Subscriber


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    """A broker that is running."""
    folder = tmp_path / "broker"
    folder.mkdir()
    folder.chmod(0o777)
    one = Broker(folder)
    await one.start()
    yield one
    await one.kill()


@pytest.fixture
async def witness(broker: Broker) -> AsyncIterator[Subscriber]:
    """A subscriber to everything."""
    one = Subscriber(broker.port)
    await one.start()
    yield one
    await one.stop()
