"""The demo: a whole site in a few seconds, and nothing left of it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.sinks.peers import free_port
from tests.system.peers import HUNG_S, METERD, Daemon, until


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """Where the demo makes its directory; which is gone afterwards."""
    yield tmp_path
    assert list(tmp_path.iterdir()) == []


async def test_the_demo_shows_a_site_serves_it_and_leaves_nothing_behind(place: Path) -> None:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        METERD, "demo", "--seconds", "3", "--port", str(port),
        env={**os.environ, "TMPDIR": str(place)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    asked = Daemon(place / "unused", port)
    try:
        await until(asked.scrape, within_s=3 * HUNG_S)
        assert await asked.status("/v1/bills") == 200
        out, err = await asyncio.wait_for(process.communicate(), HUNG_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (process.returncode, err.decode()) == (0, "")
    said = out.decode()
    for name in ("main", "rack-12", "water", "tenant-office", "data-room", "building"):
        assert f"\n{name} " in said
    assert "closed" in said
    assert "open" in said
    assert f"http://127.0.0.1:{port}/v1/meters" in said
