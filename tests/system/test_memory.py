"""A day without the broker, a hundred times as fast and more: what waits is on the disk (G9)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

import aiohttp
from tests.sinks.peers import free_port
from tests.system.home import Home
from tests.system.peers import Daemon

from meterd.metering.calendar import iso

METERS: Final = [f"rack-{n:02}" for n in range(20)]
MINUTE_MS: Final = 60_000
DAY: Final = 1_440
ROWS: Final = 500
"""In one request."""
SPARE_KIB: Final = 2_048
"""What the second half of the day may add: the noise of a heap."""


def day(end_ms: int) -> list[dict[str, Any]]:
    """What twenty meters of 6 kW send in a day, minute by minute."""
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


def resident_kib(daemon: Daemon) -> int:
    """What of the daemon lies in memory."""
    assert daemon.process is not None
    status = Path(f"/proc/{daemon.process.pid}/status").read_text("ascii")
    return int(status.partition("VmRSS:")[2].split()[0])


async def test_g9_memory_does_not_grow_in_a_day_without_the_broker(home: Home) -> None:
    home.config |= {
        "sampling": "5m",
        "mqtt": {"url": f"mqtt://127.0.0.1:{free_port()}"},
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
    scopes = [word for name in METERS for word in ("--scope", f"push:{name}")]
    home.write()
    token = (await home.verb("token", "add", "gateway", *scopes)).out.strip()
    daemon = await home.run()
    rows = day(int(time.time() * 1000))
    seen: list[int] = []
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        for begin in range(0, len(rows), ROWS):
            body = rows[begin : begin + ROWS]
            async with session.post(f"{daemon.url}/v1/readings", json=body) as answer:
                assert answer.status == 200, await answer.text()
            seen.append(resident_kib(daemon))
    waiting = await daemon.shows(lambda seen: seen.all("meterd_outbox_depth")[0] > DAY)
    assert seen[-1] <= seen[len(seen) // 2] + SPARE_KIB, (seen, waiting)
    assert await daemon.end() == 0
