"""The demo: a whole site in a few seconds, and nothing left of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.sinks.peers import free_port
from tests.system.peers import HUNG_S, METERD, Daemon, Scrape, bare, until

METERS = ("main", "office", "chillers", "water", "ups", "rack-12", "rack-13")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """Where the demo makes its directory; which is gone afterwards."""
    yield tmp_path
    assert list(tmp_path.iterdir()) == []


async def all_are_read(asked: Daemon) -> Scrape | None:
    """What is said once every meter is up."""
    seen = await asked.scrape()
    up = seen.all("meterd_meter_up") if seen else []
    return seen if up == [1.0] * len(METERS) else None


async def test_the_demo_shows_a_site_serves_it_and_leaves_nothing_behind(place: Path) -> None:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        METERD, "demo", "--port", str(port), env=bare(TMPDIR=str(place)),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    asked = Daemon(place / "unused", port)

    try:
        scraped = await until(lambda: all_are_read(asked), within_s=3 * HUNG_S)
        assert sum(scraped.all("meterd_poll_failures_total")) == 0
        assert await asked.status("/v1/bills") == 200
        process.terminate()
        out, err = await asyncio.wait_for(process.communicate(), HUNG_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (process.returncode, err.decode()) == (0, "")
    said = out.decode()
    for name in (*METERS, "tenant-office", "data-room", "building"):
        assert f"\n{name} " in said
    for protocol in ("modbus_tcp", "snmp", "bacnet", "pulse"):
        assert f" {protocol} " in said
    assert "closed" in said
    assert "open" in said
    assert f"http://127.0.0.1:{port}/v1/meters" in said
