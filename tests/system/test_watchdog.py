"""`WATCHDOG=1` is said only while both the loop and the writer truly move."""

from __future__ import annotations

import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from tests.system.devices import JOULES, Device, Dial
from tests.system.disks import Card, card
from tests.system.home import Home
from tests.system.notified import Notified
from tests.system.peers import pass_time, until

FEED_S = 0.2
"""The unit's WatchdogSec, a third of which is the pause between two meals, is cut to 0.6 s."""
HANDLER = f"""
import signal, time
signal.signal(signal.SIGUSR2, lambda *_: time.sleep({15 * FEED_S}))
"""
"""A handler runs in the loop's own thread, so that the loop stands still in it."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Card]:
    with card(tmp_path / "card") as one:
        yield one


@pytest.fixture
async def watched(
    home: Home, device: Callable[..., Awaitable[Device]], systemd: Notified, disk: Card
) -> tuple[Home, Dial]:
    """A daemon that feeds a watchdog, can be made to stand still, and has its store on a card."""
    dial = Dial()
    home.add("hall", await device(main=dial))
    home.store = disk.folder / "meterd.db"
    home.config["store"] = f"sqlite://{home.store}"
    (home.folder / "sitecustomize.py").write_text(HANDLER)
    await home.run(
        NOTIFY_SOCKET=str(systemd.path),
        WATCHDOG_USEC=str(round(3 * FEED_S * 1e6)),
        PYTHONPATH=str(home.folder),
    )
    await home.daemon.shows(lambda seen: seen.energy())
    return home, dial


async def expect_fed(systemd: Notified) -> None:
    """It is said again and again."""
    fed = systemd.fed()
    await until(lambda: systemd.fed() > fed + 2)


async def hungry(systemd: Notified) -> bool:
    """Whether the watchdog would bite: not a meal in the time of five."""
    fed = systemd.fed()
    await pass_time(5 * FEED_S)
    return systemd.fed() == fed


async def test_a_loop_that_stands_still_feeds_nobody(
    watched: tuple[Home, Dial], systemd: Notified
) -> None:
    home, _dial = watched
    await expect_fed(systemd)
    assert home.daemon.process is not None
    home.daemon.process.send_signal(signal.SIGUSR2)
    await until(lambda: hungry(systemd))
    await expect_fed(systemd)


async def test_a_writer_that_hangs_in_the_disk_feeds_nobody_and_loses_nothing(
    watched: tuple[Home, Dial], systemd: Notified, disk: Card
) -> None:
    home, dial = watched
    await expect_fed(systemd)
    began = time.monotonic()
    disk.freeze()
    try:
        await until(lambda: hungry(systemd))
        stood_s = time.monotonic() - began
        answer = await home.daemon.ask("/healthz")
    finally:
        disk.thaw()
    assert answer == (503, answer[1] if answer else "")
    assert "the writer does not move" in answer[1]
    assert stood_s > 20, "a commit that is only slow is no reason to die"
    await expect_fed(systemd)
    dial.halt()
    await home.daemon.shows(lambda seen: seen.energy() == dial.stand * JOULES)
    assert await home.daemon.end() == 0
    assert (await home.rows("audit"))["ok"]
