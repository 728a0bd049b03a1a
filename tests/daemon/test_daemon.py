"""The whole daemon in this process: what it starts, what it says of itself, how it ends."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.daemon.config import Written, loaded, write, written
from tests.daemon.house import NOON_MS
from tests.system.devices import Device, Dial
from tests.system.peers import until

from meterd.clock import SystemClock
from meterd.daemon.daemon import IO_ERROR, LOOK_MS, STUCK_MS, Daemon
from meterd.daemon.standing import RefusedError
from meterd.daemon.supervise import end
from meterd.stores import Batch, StoreError
from meterd.stores.sqlite import SqliteStore


class Leaping(SystemClock):
    """The host's clock; a test may set it forward."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead_ms = 0

    def mono_ms(self) -> int:
        return super().mono_ms() + self.ahead_ms


class Hours:
    """A clock for one chore: it leaps over every sleep, and stops after so many."""

    boot = ""

    def __init__(self, now_ms: int, sleeps: int) -> None:
        self.now = now_ms
        self.sleeps = sleeps
        self.early_ms = 0

    def now_ms(self) -> int:
        return self.now

    def mono_ms(self) -> int:
        return self.now

    async def sleep_until(self, mono_ms: int) -> None:
        if not self.sleeps:
            await asyncio.Event().wait()
        self.sleeps -= 1
        self.now = mono_ms - self.early_ms
        self.early_ms = 0


class Place:
    """A device, a configuration in a folder, and a store in memory."""

    def __init__(self, folder: Path, device: Device) -> None:
        self.folder = folder
        self.device = device
        self.store = SqliteStore.open(":memory:", now_ms=NOON_MS, new_epoch="0123456789")
        self.clock = Leaping()

    def config(self, **more: Any) -> Written:
        config = written(**more)
        config["connections"]["hall"]["port"] = self.device.port
        return config

    def daemon(self, clock: Any = None, **more: Any) -> Daemon:
        found = loaded(self.folder, self.config(**more))
        return Daemon(found, self.store, clock or self.clock, {})

    @asynccontextmanager
    async def running(self, **more: Any) -> AsyncIterator[tuple[Daemon, asyncio.Task[int]]]:
        """A daemon that has read its meter; told to stop in the end."""
        daemon = self.daemon(**more)
        task = asyncio.create_task(daemon.run())
        try:
            await until(lambda: task.done() or _online(daemon))
            yield daemon, task
        finally:
            if not task.done():
                os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.gather(task, return_exceptions=True)


def _online(daemon: Daemon) -> bool:
    return any(view.online for view in daemon.drive.meters.values())


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    device = Device(main=Dial())
    await device.plug()
    one = Place(tmp_path, device)
    yield one
    await device.unplug()
    one.store.close()


async def test_it_runs_until_it_is_told_to_stop_and_ends_well(place: Place) -> None:
    async with place.running() as (daemon, task):
        assert daemon.trouble() is None
        assert daemon._status() == "1 of 1 meters online"
    assert task.result() == 0
    shown = daemon.drive.meters["main"].totals["energy_import"]
    again = place.daemon()
    again.drive.show_all()
    assert again.drive.meters["main"].totals["energy_import"] == shown, "all was kept"
    assert not again.drive.meters["main"].online, "until it is read again"


async def test_a_broken_disk_ends_it_with_a_code_of_its_own(place: Place) -> None:
    async with place.running() as (_daemon, task):

        def broken(batch: Batch) -> None:
            raise StoreError(f"the disk does not write {batch.now_ms}")

        place.store.commit_now = broken  # type: ignore[method-assign]
        with capture_logs() as logs:
            await until(task.done)
    assert task.result() == IO_ERROR
    assert [line["event"] for line in logs if line["log_level"] == "error"] == [
        "The store cannot be written any more; stopping."
    ]


async def test_a_port_that_is_taken_is_an_error_at_once(place: Place) -> None:
    taken = {"listen": f"127.0.0.1:{place.device.port}"}
    daemon = place.daemon(http=taken)
    with pytest.raises(OSError, match=str(place.device.port)):
        await daemon.run()
    await _cancel_the_rest()


async def _cancel_the_rest() -> None:
    """As asyncio.Runner does it when the daemon's own task has ended."""
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    await end(*rest)


async def test_a_writer_that_does_not_move_is_trouble_and_is_not_called_alive(
    place: Place,
) -> None:
    async with place.running() as (daemon, _task):
        sent: list[dict[str, str]] = []
        daemon._notifier.send = lambda **states: sent.append(states)  # type: ignore[method-assign]
        place.clock.ahead_ms += STUCK_MS + 1_000
        assert daemon.trouble() == "the writer does not move"
        watching = asyncio.ensure_future(daemon._watch())
        await asyncio.sleep(0)
        assert sent == []
        await until(lambda: daemon.trouble() is None)
        await end(watching)
        watching = asyncio.ensure_future(daemon._watch())
        await until(lambda: sent)
        assert sent[0] == {"WATCHDOG": "1", "STATUS": "1 of 1 meters online"}
        daemon.drive.trouble = "the disk is full"
        assert daemon.trouble() == "the disk is full"
        await end(watching)


async def test_a_good_file_is_taken_on_sighup_and_a_bad_one_refused(place: Place) -> None:
    async with place.running() as (daemon, _task):
        old = daemon.site
        write(place.folder, place.config(meters=[]))
        with capture_logs() as logs:
            os.kill(os.getpid(), signal.SIGHUP)
            await until(lambda: [line for line in logs if line["log_level"] == "error"])
        assert daemon.site is old
        assert "bills.0" in next(line["why"] for line in logs if "why" in line)
        write(place.folder, place.config(bills=[]))
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: daemon.site is not old)
        assert (daemon.site.bills, daemon.config.bills) == ((), ())


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("site.name", {"site": {"name": "elsewhere", "timezone": "UTC"}}),
        ("store", {"store": "sqlite:other.db"}),
        ("http", {"http": {"listen": "127.0.0.1:1"}}),
    ],
)
async def test_what_it_stands_on_does_not_change_under_it(
    place: Place, key: str, change: dict[str, Any]
) -> None:
    daemon = place.daemon()
    write(place.folder, place.config(**change))
    with pytest.raises(RefusedError, match=f"{key} cannot change while running"):
        await daemon.reload()


async def test_two_reloads_at_once_come_one_after_the_other(place: Place) -> None:
    async with place.running() as (daemon, _task):
        names = [f"bill-{n}" for n in range(3)]
        for name in names:
            bill = {"name": name, "sources": [{"meter": "main", "kind": "energy"}]}
            write(place.folder, place.config(bills=[bill]))
            await asyncio.gather(daemon.reload(), daemon.reload())
            assert [bill.name for bill in daemon.site.bills] == [name]
            assert set(daemon.drive.pipeline.bills) == {name}


NIGHT_MS = NOON_MS + 15 * 3_600_000  # 03:00 the next day, UTC


async def maintained(place: Place, clock: Hours, **more: Any) -> list[int]:
    """When the store was maintained, until the clock stops."""
    nights: list[int] = []

    async def maintain(now_ms: int) -> tuple[int, int]:
        nights.append(now_ms)
        return 0, 0

    daemon = place.daemon(clock, **more)
    place.store.maintain = maintain  # type: ignore[method-assign]
    chore = asyncio.ensure_future(daemon._maintain())
    await until(lambda: clock.sleeps == 0)
    await end(chore)
    return nights


async def test_the_store_is_tidied_once_a_night_at_its_local_time(place: Place) -> None:
    day = 24 * 60
    nights = await maintained(place, Hours(NOON_MS, 3 * day))
    assert nights == [NIGHT_MS + n * 86_400_000 for n in range(3)]
    site = {"name": "hq", "timezone": "Europe/Berlin"}
    nights = await maintained(place, Hours(NOON_MS, day), site=site, maintenance={"at": "13:30"})
    assert nights == [NOON_MS + 30 * 60_000]


async def test_a_timer_that_fires_early_does_not_make_two_nights_of_one(place: Place) -> None:
    clock = Hours(NIGHT_MS - LOOK_MS // 2, 3)
    clock.early_ms = 1
    assert await maintained(place, clock) == [NIGHT_MS]
