"""The demo: a whole site in a few seconds, and nothing left of it."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from tests.sinks.peers import free_port
from tests.system.peers import HUNG_S, METERD, Daemon, until


async def demo(folder: Path, *words: str, until_up: int, interrupt: bool) -> str:
    """Run it until so many meters are up, then until it ends; what it said."""
    folder.mkdir()
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        METERD, "demo", "--port", str(port), *words, env={**os.environ, "TMPDIR": str(folder)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    asked = Daemon(folder / "unused", port)

    async def up() -> bool:
        seen = await asked.scrape()
        return seen is not None and sum(seen.all("meterd_meter_up")) >= until_up

    try:
        await until(up, within_s=3 * HUNG_S)
        assert await asked.status("/v1/bills") == 200
        assert [path.name[:12] for path in folder.iterdir()] == ["meterd-demo-"]
        if interrupt:
            process.send_signal(signal.SIGINT)
        out, err = await asyncio.wait_for(process.communicate(), HUNG_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (process.returncode, err.decode()) == (0, "")
    assert list(folder.iterdir()) == [], "the directory is gone"
    said = out.decode()
    assert f"http://127.0.0.1:{port}/v1/meters" in said
    return said


async def test_the_demo_shows_a_site_serves_it_and_leaves_nothing_behind(tmp_path: Path) -> None:
    for said in await asyncio.gather(
        demo(tmp_path / "a", "--seconds", "3", until_up=0, interrupt=False),
        demo(tmp_path / "b", until_up=7, interrupt=True),
    ):
        for name in ("main", "rack-12", "water", "tenant-office", "data-room", "building"):
            assert f"\n{name} " in said
        assert "closed" in said
        assert "open" in said
