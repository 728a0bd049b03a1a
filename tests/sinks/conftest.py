"""The peers of `peers.py`, one of each for a test, and gone after it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.sinks.peers import Broker, MemoryOutbox, PatientClock, Subscriber


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    """A broker that is not yet running."""
    home = tmp_path / "broker"
    home.mkdir()
    home.chmod(0o777)
    one = Broker(home)
    yield one
    await one.kill()


@pytest.fixture
async def witness(broker: Broker) -> AsyncIterator[Subscriber]:
    """A subscriber to everything, that is not yet running."""
    one = Subscriber(broker.port)
    yield one
    await one.stop()


@pytest.fixture
async def late(broker: Broker) -> AsyncIterator[Subscriber]:
    """Another, to come when all has been said."""
    one = Subscriber(broker.port, "late")
    yield one
    await one.stop()


@pytest.fixture
def outbox() -> MemoryOutbox:
    return MemoryOutbox()


@pytest.fixture
def clock() -> PatientClock:
    return PatientClock()
