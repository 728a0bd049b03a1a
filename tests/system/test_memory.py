"""A day of twenty meters in seconds: neither memory nor the store's log grows with it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import aiohttp
from tests.sinks.peers import free_port
from tests.system.home import Home
from tests.system.peers import Daemon, resident_kib

from meterd.metering.calendar import iso

METERS: Final = [f"rack-{n:02}" for n in range(20)]
MINUTE_MS: Final = 60_000
DAY: Final = 1_440
ROWS: Final = 500
"""In one request."""
SPARE_KIB: Final = 2_048
"""What the second half of the day may add: the noise of a heap."""
LOG_MAX: Final = 6 * 1024 * 1024
"""Bytes of the store's log; beside a reader who held on to what he sees it would be nine MiB."""
SLOW: Final = ("/v1/meters/rack-00/intervals?limit=10000", "/v1/bills/tenant/samples?limit=10000")


async def racks(home: Home) -> str:
    """Twenty meters on a bill and on records of a quarter-hour; returns a token to send as."""
    home.config |= {
        "sampling": "5m",
        "connections": {"api": {"protocol": "push"}},
        "meters": [
            {
                "name": name,
                "connection": "api",
                "points": {
                    "energy_import": {"unit": "kWh", "max_kw": 100},
                    "active_power": {"unit": "W"},
                },
            }
            for name in METERS
        ],
    }
    for name in METERS:
        home.add_record(name, name, cutover={"schedule": "*/15 * * * *"})
    home.add_bill("tenant", *METERS)
    home.write()
    scopes = [word for name in METERS for word in ("--scope", f"push:{name}")]
    return (await home.verb("token", "add", "gateway", *scopes)).out.strip()


def day() -> list[dict[str, Any]]:
    """What twenty meters of 6 kW have sent in the last day, minute by minute."""
    end_ms = int(time.time() * 1000)
    return [
        {
            "meter": meter,
            "time": iso(end_ms - (DAY - minute) * MINUTE_MS),
            "energy_import": str(1_000 + minute / 10),
            "active_power": 6_000,
        }
        for minute in range(DAY)
        for meter in METERS
    ]


async def sent(
    daemon: Daemon, token: str, rows: list[dict[str, Any]], look: Callable[[], int]
) -> list[int]:
    """Send rows; what was to be looked at, after each request."""
    seen: list[int] = []
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        for begin in range(0, len(rows), ROWS):
            body = rows[begin : begin + ROWS]
            async with session.post(f"{daemon.url}/v1/readings", json=body) as answer:
                assert answer.status == 200, await answer.text()
            seen.append(look())
    return seen


async def asks_and_reads_nothing(daemon: Daemon, at_the_end: AsyncExitStack) -> None:
    """Somebody over HTTP whose answers fill the line."""
    _, writer = await asyncio.open_connection("127.0.0.1", int(daemon.url.rsplit(":")[-1]))
    at_the_end.callback(writer.close)
    for path in SLOW * 20:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())


def looks_at_the_first_page(home: Home, at_the_end: AsyncExitStack) -> None:
    """Somebody whose pager has stopped a list in the middle."""
    words = (sys.executable, "-m", "meterd", "samples", "--bill", "tenant", "-c", str(home.file))
    listing = subprocess.Popen(words, stdout=subprocess.PIPE)
    at_the_end.callback(listing.wait)
    at_the_end.callback(listing.kill)
    assert listing.stdout is not None
    at_the_end.callback(listing.stdout.close)
    assert listing.stdout.readline()


async def test_g9_memory_does_not_grow_in_a_day_without_the_broker(home: Home) -> None:
    home.config["mqtt"] = {"url": f"mqtt://127.0.0.1:{free_port()}"}
    token = await racks(home)
    daemon = await home.run()
    seen = await sent(daemon, token, day(), lambda: resident_kib(daemon))
    await daemon.shows(lambda seen: seen.all("meterd_outbox_depth")[0] > DAY)
    assert seen[-1] <= seen[len(seen) // 2] + SPARE_KIB, seen
    assert await daemon.end() == 0


async def test_h1_the_log_of_the_store_stays_short_beside_readers_who_are_slow(home: Home) -> None:
    token = await racks(home)
    daemon = await home.run()
    rows = day()
    await sent(daemon, token, rows[: len(rows) // 2], lambda: 0)
    log = Path(f"{home.store}-wal")
    async with AsyncExitStack() as at_the_end:
        looks_at_the_first_page(home, at_the_end)
        for _ in range(4):
            await asks_and_reads_nothing(daemon, at_the_end)
        seen = await sent(daemon, token, rows[len(rows) // 2 :], lambda: log.stat().st_size)
    assert 0 < max(seen) <= LOG_MAX, seen
    assert await daemon.end() == 0
