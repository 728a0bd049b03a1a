"""A daemon that may open few files, or have little memory, goes on and loses nothing."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.system.devices import JOULES, Device, Dial
from tests.system.home import Home
from tests.system.peers import Daemon, files, pass_time, pid_of, until

MIB = 1024 * 1024
SPARE = 8
"""Files that a daemon may still open when the crowd comes."""
CROWD = 40
STARVED_S = 2
ROOM = 24 * MIB
"""Memory that it may still take: less than the questions of the crowd would like."""


def address_space(daemon: Daemon) -> int:
    """Bytes of addresses that it has taken."""
    pages = int(Path(f"/proc/{pid_of(daemon)}/statm").read_text().split()[0])
    return pages * resource.getpagesize()


async def visitor(daemon: Daemon) -> asyncio.StreamWriter:
    """Somebody who connects, asks, and stays."""
    _reader, writer = await asyncio.open_connection("127.0.0.1", int(daemon.url.rsplit(":")[-1]))
    writer.write(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return writer


async def expect_well_and_whole(home: Home, dial: Dial) -> None:
    """It answers, and has all that was counted."""
    await home.daemon.shows(lambda seen: seen.all("meterd_meter_up") == [1])
    dial.halt()
    await home.daemon.shows(lambda seen: seen.energy() == dial.stand * JOULES)
    assert await home.daemon.end() == 0
    audit = await home.rows("audit")
    assert audit["ok"]
    assert audit["counters"][0]["unbilled"] == "0"


async def test_j17_without_a_descriptor_left_it_reads_on_and_recovers(
    home: Home, device: Callable[..., Awaitable[Device]]
) -> None:
    hall = await device(main=Dial())
    dial = hall.dials["main"]
    home.add("hall", hall)
    daemon = await home.run()
    await daemon.shows(lambda seen: seen.energy())
    before = files(daemon)
    limit = (before + SPARE, before + SPARE)
    resource.prlimit(pid_of(daemon), resource.RLIMIT_NOFILE, limit)
    crowd = [await visitor(daemon) for _ in range(CROWD)]
    await until(lambda: files(daemon) >= before + SPARE)
    asked = len(dial.shown)
    hall.server.hang_up()  # and now it needs a descriptor for the line
    await pass_time(STARVED_S)
    for writer in crowd:
        writer.close()
    await until(lambda: len(dial.shown) > asked + 10)
    await until(daemon.is_well)  # who found no descriptor takes visitors again after a second
    await until(lambda: files(daemon) <= before + 2)
    await expect_well_and_whole(home, dial)
    assert "Traceback" not in daemon.log.read_text()


async def test_j16_without_memory_left_it_ends_or_goes_on_and_the_next_start_has_it_all(
    home: Home, device: Callable[..., Awaitable[Device]]
) -> None:
    hall = await device(main=Dial())
    dial = hall.dials["main"]
    home.add("hall", hall)
    home.add_bill("tenant")
    daemon = await home.run()
    await daemon.shows(lambda seen: seen.energy())
    shown = (await daemon.metrics()).energy() or 0
    limit = address_space(daemon) + ROOM
    resource.prlimit(pid_of(daemon), resource.RLIMIT_AS, (limit, limit))
    for _ in range(CROWD):
        with contextlib.suppress(AssertionError):
            await daemon.ask("/v1/meters/main/intervals")
    asked = len(dial.shown)
    if daemon.process is not None and daemon.process.returncode is None:
        await until(lambda: len(dial.shown) > asked + 5)
        await daemon.end(signal.SIGKILL)
    await home.run()
    assert ((await daemon.shows(lambda seen: seen.energy())).energy() or 0) >= shown
    await expect_well_and_whole(home, dial)
