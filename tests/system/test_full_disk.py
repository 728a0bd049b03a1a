"""The disk of the store runs full while the daemon works, and is freed again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from tests.system.devices import JOULES, Device, Dial
from tests.system.disks import SmallDisk, small_disk
from tests.system.home import Home
from tests.system.peers import until

SOON_S = 15


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk") as one:
        yield one


@pytest.fixture
async def cramped(
    home: Home, disk: SmallDisk, device: Callable[..., Awaitable[Device]]
) -> tuple[Home, Dial]:
    """A running daemon whose store, and nothing else, is on the small disk."""
    dial = Dial()
    home.add("hall", await device(main=dial))
    home.store = disk.folder / "meterd.db"
    home.config["store"] = f"sqlite://{home.store}"
    home.add_bill("tenant")
    await home.run()
    await home.daemon.shows(lambda seen: seen.energy())
    return home, dial


async def trouble(home: Home, disk: SmallDisk) -> bool:
    """Whether the daemon says that the disk is full; what it had left is taken from it."""
    disk.fill()
    answer = await home.daemon.ask("/healthz")
    return answer is not None and answer[0] == 503 and "the disk is full" in answer[1]


async def test_a_daemon_outlives_a_full_disk_and_loses_nothing(
    cramped: tuple[Home, Dial], disk: SmallDisk
) -> None:
    home, dial = cramped
    await until(lambda: trouble(home, disk))
    stuck = (await home.daemon.metrics()).energy()
    asked = len(dial.shown)
    await until(lambda: len(dial.shown) > asked + 10)
    assert (await home.daemon.metrics()).energy() == stuck, "nothing is told that is not kept"
    assert await home.daemon.status("/readyz") == 503
    assert "the disk is full" in (await home.verb("health", code=1)).err
    disk.free()
    await until(lambda: _is_well(home))
    dial.halt()
    await home.daemon.shows(lambda seen: seen.energy() == dial.stand * JOULES)
    assert await home.daemon.end() == 0
    audit = await home.rows("audit")
    assert audit["ok"]
    assert Decimal(audit["counters"][0]["last"]) * 1000 == dial.stand
    rows = await home.rows("intervals", "--meter", "main")
    assert [row["start"] for row in rows[1:]] == [row["end"] for row in rows[:-1]]


async def _is_well(home: Home) -> bool:
    return await home.daemon.status("/healthz") == 200


async def test_a_daemon_that_is_told_to_stop_on_a_full_disk_does_not_wait_for_ever(
    cramped: tuple[Home, Dial], disk: SmallDisk
) -> None:
    home, dial = cramped
    await until(lambda: trouble(home, disk))
    assert await asyncio.wait_for(home.daemon.end(), SOON_S) != 0, "it could not keep all"
    disk.free()
    await home.run()
    dial.halt()
    await home.daemon.shows(lambda seen: seen.energy() == dial.stand * JOULES)
    assert await home.daemon.end() == 0
    assert (await home.rows("audit"))["ok"]


async def test_a_daemon_that_is_killed_on_a_full_disk_resumes_when_there_is_room(
    cramped: tuple[Home, Dial], disk: SmallDisk
) -> None:
    home, dial = cramped
    await until(lambda: trouble(home, disk))
    await home.daemon.cleanup()
    await home.daemon.start()
    await until(lambda: _waits_or_says_why(home))
    disk.free()
    if home.daemon.process is None or home.daemon.process.returncode is not None:
        await home.daemon.start()  # as systemd does
    await home.daemon.ready()
    dial.halt()
    await home.daemon.shows(lambda seen: seen.energy() == dial.stand * JOULES)
    assert (await home.rows("audit"))["ok"]


async def _waits_or_says_why(home: Home) -> bool:
    """A daemon that starts on a full disk runs and is not well, or ends and says why."""
    process = home.daemon.process
    if process is not None and process.returncode is not None:
        assert "the disk is full" in home.daemon.log.read_text()
        return True
    return await home.daemon.status("/healthz") == 503
