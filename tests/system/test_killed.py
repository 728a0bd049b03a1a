"""Killed again and again while its meter counts: nothing is lost, nothing is counted twice.

METERD_KILLS sets how often, METERD_SEED when.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path

from tests.sinks.peers import Broker, Subscriber
from tests.system.devices import JOULES, Device, Dial
from tests.system.facts import by_line, expect_whole
from tests.system.home import Home
from tests.system.often import often
from tests.system.peers import HUNG_S, Daemon, pass_time, until

from meterd.metering.calendar import parse_iso

KILLS = int(os.environ.get("METERD_KILLS") or often(50, 200))
SEED = int(os.environ.get("METERD_SEED", "1"))
LANES = 2
LONGEST_LIFE_S = 1.5
SCRAPE_EVERY_S = 0.05


class Scraper:
    """Scrapes without end, as long as there is somebody to scrape; keeps every total seen."""

    def __init__(self, daemon: Daemon) -> None:
        self.totals: list[int] = []
        self._daemon = daemon

    async def run(self) -> None:
        while True:
            seen = await self._daemon.scrape()
            total = None if seen is None else seen.energy()
            if total is not None:
                self.totals.append(total)
            await pass_time(SCRAPE_EVERY_S)


async def die_often(home: Home, chance: random.Random, kills: int) -> None:
    """Start the daemon and kill it, so many times: at a random moment, or amid a commit."""
    daemon = home.daemon
    for kill in range(kills):
        await daemon.start()
        await daemon.ready()
        if kill % 2:
            await amid_a_commit(home)
        else:
            await pass_time(chance.uniform(0, LONGEST_LIFE_S))
        assert await daemon.end(signal.SIGKILL) == -signal.SIGKILL


async def amid_a_commit(home: Home) -> None:
    """Return when an interval has ended and the store begins to write it down."""
    log = Path(f"{home.store}-wal")
    await until(lambda: time.time() % 1 < 0.1)
    before, end = changed_ns(log), time.monotonic() + HUNG_S
    while changed_ns(log) == before and time.monotonic() < end:  # noqa: ASYNC110  # no pause here
        await asyncio.sleep(0)


def changed_ns(path: Path) -> int:
    """When a file was last written."""
    return path.stat().st_mtime_ns


async def counted(home: Home, dial: Dial) -> int:
    """What the device has counted since the first reading that was kept."""
    (counter,) = (await home.rows("audit"))["counters"]
    first = int(Decimal(counter["first"]) * 1000)
    assert first in dial.shown
    return dial.stand - first


async def expect_books(home: Home, dial: Dial) -> None:
    """The listing verbs agree with the device, to the watt-hour."""
    audit = await home.rows("audit")
    (counter,) = audit["counters"]
    assert audit["ok"]
    assert counter["difference"] == counter["unbilled"] == counter["rolled_over"] == "0"
    assert Decimal(counter["last"]) * 1000 == dial.stand
    assert Decimal(counter["booked"]) * 1000 == await counted(home, dial)
    kinds = [row["kind"] for row in await home.rows("events")]
    assert kinds.count("baseline_set") == 1
    assert set(kinds) <= {"baseline_set", "online", "cutover"}


async def expect_tiles(home: Home, dial: Dial) -> None:
    """No hole between two intervals, none twice; together they are what was counted."""
    rows = await home.rows("intervals", "--meter", "main")
    assert [row["start"] for row in rows[1:]] == [row["end"] for row in rows[:-1]]
    assert {parse_iso(row["end"]) - parse_iso(row["start"]) for row in rows} == {1000}
    closed = sum(Decimal(row["amount"]) for row in rows) * 1000
    rounding = Decimal(len(rows)) / 10**6
    assert abs(Decimal(closed) - await counted(home, dial)) < rounding, "printed to nine places"


async def all_sampled(home: Home, dial: Dial) -> bool:
    """The bill has all that was counted."""
    (bill,) = await home.rows("bills")
    used = sum(Decimal(period["used"]) for period in bill["periods"])
    return used * 1000 == await counted(home, dial)


async def life(home: Home, device: Device, kills: int, chance: random.Random) -> None:
    """One lane: a daemon that dies often, and all that must be true of it afterwards."""
    dial = device.dials["main"]
    home.write()
    scraper = Scraper(home.daemon)
    scraping = asyncio.create_task(scraper.run())
    try:
        await die_often(home, chance, kills)
        await home.daemon.start()
        await home.daemon.ready()
        dial.halt()
        await home.daemon.shows(lambda seen: seen.energy() == dial.stand * JOULES)
        await until(lambda: all_sampled(home, dial))
    finally:
        scraping.cancel()
        await asyncio.gather(scraping, return_exceptions=True)
    assert await home.daemon.end() == 0
    assert scraper.totals == sorted(scraper.totals), "the exported counter fell"
    shown = {stand * JOULES for stand in dial.shown}
    assert set(scraper.totals) <= shown, "a total that the device never showed"
    assert len(set(scraper.totals)) > kills
    await expect_books(home, dial)
    await expect_tiles(home, dial)


async def test_fifty_kills_cost_nothing_and_count_nothing_twice(
    site: Callable[[str], Home],
    device: Callable[..., Awaitable[Device]],
    broker: Broker,
    witness: Subscriber,
) -> None:
    broker.persistent()
    await broker.start()
    await witness.start()
    lanes = []
    for lane in range(LANES):
        home, meter = site(f"lane-{lane}"), await device(main=Dial())
        home.add("hall", meter)
        home.add_record("Line 1", max_record_duration="30s")
        home.add_bill("tenant")
        home.config["site"]["name"] = f"lane-{lane}"
        home.config["mqtt"] = {"url": f"mqtt://127.0.0.1:{broker.port}"}
        lanes.append(life(home, meter, KILLS // LANES, random.Random(SEED + lane)))
    await asyncio.gather(*lanes)
    lines = by_line(witness.heard)
    assert len(lines) == LANES
    for heard in lines.values():
        expect_whole(heard)
