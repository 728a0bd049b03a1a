"""Sites, devices and brokers, each gone after its test. Everything is on 127.0.0.1."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from tests.sinks.peers import Broker, Subscriber
from tests.system.devices import Device, Dial
from tests.system.home import Home
from tests.system.notified import Notified
from tests.system.peers import program


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Callable[[str], Home]]:
    """Makes sites, each in a folder of its own."""
    homes: list[Home] = []

    def make(name: str = "hq") -> Home:
        homes.append(Home(tmp_path / name))
        return homes[-1]

    yield make
    for home in homes:
        await home.daemon.cleanup()


@pytest.fixture
def home(site: Callable[[], Home]) -> Home:
    """One site."""
    return site()


@pytest.fixture
async def device() -> AsyncIterator[Callable[..., Awaitable[Device]]]:
    """Makes devices with these dials, plugged in."""
    devices: list[Device] = []

    async def make(**dials: Dial) -> Device:
        devices.append(Device(**dials))
        await devices[-1].plug()
        return devices[-1]

    yield make
    for one in devices:
        await one.unplug()


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    """A broker that keeps sessions on disk and is not yet running."""
    program("mosquitto")
    folder = tmp_path / "broker"
    folder.mkdir()
    folder.chmod(0o777)
    one = Broker(folder)
    yield one
    await one.kill()


@pytest.fixture
async def witness(broker: Broker) -> AsyncIterator[Subscriber]:
    """A subscriber to everything with a session of its own, that is not yet running."""
    program("mosquitto_sub")
    one = Subscriber(broker.port)
    yield one
    await one.stop()


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Notified]:
    """Whom the daemon tells that it lives: NOTIFY_SOCKET is its path."""
    one = Notified(tmp_path / "notify")
    yield one
    one.close()
