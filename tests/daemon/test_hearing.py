"""Messages become inputs; what is odd is said once."""

from __future__ import annotations

import asyncio

import msgspec
from structlog.testing import capture_logs
from tests.daemon.house import House, site

from meterd.daemon.drive import QUEUE_MAX
from meterd.daemon.hearing import Hearing
from meterd.shapes.messages import Wanted

TOPICS = {"tele/main": (Wanted("main", "energy_import"),)}


async def test_a_message_is_a_reading_of_when_it_came() -> None:
    house = House()
    hearing = Hearing(house.drive, house.clock)
    pushed = tuple(msgspec.structs.replace(spec, pushed=True) for spec in site("main").meters)
    spec = msgspec.structs.replace(site("main"), meters=pushed)
    assert list(hearing.become(TOPICS, spec)) == ["tele/main"]
    driving = asyncio.create_task(house.drive.run())
    with capture_logs() as logs:
        for payload in (b"x", b"y", b"7", b"z"):
            hearing.hear("tele/main", payload)
        hearing.hear("other", b"5")
    assert await house.drive.counters("main") == {"energy_import": 7 * 3_600_000}
    assert [row["why"] for row in logs] == [
        "energy_import is 'x', not a number", "energy_import is 'z', not a number",
    ]  # fmt: skip
    house.drive.stop()
    await driving
    house.ledger.store.close()


async def test_a_full_queue_is_counted() -> None:
    house = House()
    hearing = Hearing(house.drive, house.clock)
    hearing.become(TOPICS, site("main"))
    for _ in range(QUEUE_MAX + 1):
        hearing.hear("tele/main", b"7")
    assert hearing.dropped == 1
    house.ledger.store.close()
