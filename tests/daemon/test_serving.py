"""The sockets of the daemon: where it listens, and how commands find it."""

from __future__ import annotations

import asyncio
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.daemon.config import loaded, write, written
from tests.daemon.house import NOON_MS, Clock
from tests.sinks.peers import free_port

from meterd.daemon.daemon import Daemon
from meterd.daemon.found import control_path
from meterd.daemon.supervise import end
from meterd.daemon.world import World
from meterd.events import Tick
from meterd.stores import StoreError
from meterd.stores.sqlite import SqliteStore
from meterd.web.app import Unavailable


class Place:
    """A daemon that stands still, with a store in a folder, and its sockets."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.folder = folder
        self.port = free_port()
        self.written = written(http={"listen": f"127.0.0.1:{self.port}"}, **more)
        self.store = SqliteStore.open(
            ":memory:" if more else folder / "m.db", now_ms=NOON_MS, new_epoch="0123456789"
        )
        self.daemon = Daemon(loaded(folder, self.written), self.store, Clock(), {})
        self.world = World(self.daemon, self.store, Clock())
        self.serving = self.daemon.serving

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Its drive works, until the block ends."""
        task = asyncio.create_task(self.daemon.drive.run())
        yield
        await self.daemon.brokers.stop()
        await self.daemon.links.stop()
        await end(task)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    one = Place(tmp_path)
    yield one
    await one.serving.stop()
    one.store.close()


def open_files() -> int:
    """How many descriptors this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))


async def status(url: str, path: str, *, over: Path | None = None, method: str = "GET") -> int:
    """The status of one request, over TCP or a control socket."""
    connector = None if over is None else aiohttp.UnixConnector(str(over))
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.request(method, url + path) as reply,
    ):
        return reply.status


async def test_it_is_served_on_tcp_and_on_the_control_socket(place: Place) -> None:
    await place.serving.start(place.daemon.config)
    control = control_path(place.store.path)
    assert await status(place.url, "/metrics") == 200
    assert await status(place.url, "/v1/reload", method="POST") in {401, 403}
    async with place.working():
        assert await status("http://meterd", "/v1/reload", over=control, method="POST") == 200
    assert stat.S_IMODE(control.stat().st_mode) == 0o600
    await place.serving.stop()
    assert not control.exists()
    with pytest.raises(aiohttp.ClientConnectorError):
        await status(place.url, "/metrics")


async def test_a_control_socket_may_lie_deeper_than_a_sockets_name_may_be_long(
    tmp_path: Path,
) -> None:
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    place = Place(deep)
    descriptors = open_files()
    await place.serving.start(place.daemon.config)
    assert control_path(place.store.path).is_socket()
    await place.serving.stop()
    assert open_files() == descriptors
    place.store.close()


async def test_the_socket_of_a_daemon_that_was_killed_is_in_nobodys_way(place: Place) -> None:
    control_path(place.store.path).touch()
    await place.serving.start(place.daemon.config)
    assert control_path(place.store.path).is_socket()


async def test_a_taken_port_leaves_nothing_open(place: Place) -> None:
    with (
        socket.create_server(("127.0.0.1", place.port)),
        pytest.raises(OSError, match=str(place.port)),
    ):
        await place.serving.start(place.daemon.config)
    assert not control_path(place.store.path).exists()
    await place.serving.start(place.daemon.config)
    assert await status(place.url, "/healthz") == 200


async def test_a_store_in_memory_has_no_control_socket(tmp_path: Path) -> None:
    place = Place(tmp_path, sampling="5s")
    await place.serving.start(place.daemon.config)
    assert place.serving._control is None
    await place.serving.stop()
    with place.world.reader() as reader:
        assert reader.events() == []
    place.store.close()


async def test_the_web_sees_the_daemon_as_it_is(place: Place) -> None:
    world, daemon = place.world, place.daemon
    assert (world.healthy(), world.ready()) == (None, None)
    daemon.drive.trouble = "the disk is full"
    assert (world.healthy(), world.ready()) == ("the disk is full", "the disk is full")
    daemon.drive.show_all()
    assert (list(world.meters), list(world.bills)) == (["main"], ["tenant"])
    assert world.site is daemon.site
    assert world.now_ms() == NOON_MS
    with world.reader() as reader:
        assert reader.events() == []


async def test_a_refused_configuration_says_why_and_a_taken_one_nothing(place: Place) -> None:
    write(place.folder, place.written | {"meters": []})
    assert "bills.0" in str(await place.world.reload())
    write(place.folder, place.written | {"bills": []})
    async with place.working():
        assert await place.world.reload() is None
    assert place.world.site.bills == ()


async def test_an_order_is_carried_out_by_the_drive(place: Place) -> None:
    async with place.working():
        await place.world.order(Tick(NOON_MS + 1))
    assert place.daemon.drive.pipeline.state.now_ms == NOON_MS + 1


async def test_a_store_that_cannot_be_read_is_unavailable(place: Place, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="later"), place.world.reader():
        raise StoreError("later")
    place.store.close()
    (tmp_path / "m.db").write_bytes(b"no database" * 1000)
    with pytest.raises(Unavailable, match=r"m\.db"), place.world.reader():
        pass
