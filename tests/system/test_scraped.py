"""What Prometheus makes of the daemon: its linter, its way of asking, and itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_families
from prometheus_client.parser import text_string_to_metric_families as classic_families
from tests.sinks.peers import free_port
from tests.system.devices import JOULES, Device, Dial
from tests.system.home import Home
from tests.system.peers import program, until

ACCEPT = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
"""How Prometheus 2.42 asks."""

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
CLASSIC = "text/plain; version=0.0.4; charset=utf-8"
KINDS = {ACCEPT: OPENMETRICS, "text/plain": CLASSIC, "*/*": CLASSIC, "": CLASSIC}


@pytest.fixture
def dial() -> Dial:
    return Dial()


@pytest.fixture
async def scraped(home: Home, dial: Dial, device: Callable[..., Awaitable[Device]]) -> Home:
    """A running daemon that has read its meter."""
    home.add("hall", await device(main=dial))
    home.add_bill("tenant", allowance=10)
    await home.run()
    await home.daemon.shows(lambda seen: seen.energy() and seen.all("meterd_power_watts"))
    return home


async def test_promtool_has_nothing_to_say(scraped: Home) -> None:
    page = (await scraped.daemon.metrics()).text
    linter = await asyncio.create_subprocess_exec(
        program("promtool"), "check", "metrics", stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _none = await linter.communicate(page.encode())
    assert (linter.returncode, said) == (0, b"")


async def test_the_page_is_in_the_format_that_was_asked_for(scraped: Home) -> None:
    for accept, kind in KINDS.items():
        async with (
            aiohttp.ClientSession() as session,
            session.get(scraped.daemon.url + "/metrics", headers={"Accept": accept}) as reply,
        ):
            page = await reply.text()
        assert (reply.status, reply.headers["Content-Type"]) == (200, kind)
        parse = open_families if kind == OPENMETRICS else classic_families
        assert page.endswith("# EOF\n") == (kind == OPENMETRICS)
        samples = {sample.name: sample.value for family in parse(page) for sample in family.samples}
        assert samples["meterd_meter_up"] == 1
        assert samples["meterd_energy_joules_total"] % JOULES == 0


async def test_it_tells_of_itself_what_it_polled_what_it_wrote_and_how_it_goes(
    scraped: Home,
) -> None:
    seen = await scraped.daemon.shows(
        lambda seen: seen.one("meterd_polls_total", connection="hall") > 3
    )
    assert seen.one("meterd_connection_up", connection="hall") == 1
    assert seen.one("meterd_commit_duration_seconds_count") > 0
    assert sum(seen.all("meterd_poll_failures_total", connection="hall")) == 0
    assert seen.all("meterd_queue_depth") != []
    assert sum(seen.all("meterd_queue_drops_total")) == 0
    assert seen.all("meterd_build_info") == [1]


@pytest.fixture
async def prometheus(scraped: Home, tmp_path: Path) -> AsyncIterator[str]:
    """A real one that scrapes the daemon twice a second; where it answers."""
    target = scraped.daemon.url.removeprefix("http://")
    job = {"job_name": "meterd", "static_configs": [{"targets": [target]}]}
    config = {"global": {"scrape_interval": "500ms"}, "scrape_configs": [job]}
    (tmp_path / "prometheus.yml").write_text(json.dumps(config))
    address = f"127.0.0.1:{free_port()}"
    process = await asyncio.create_subprocess_exec(
        program("prometheus"),
        f"--config.file={tmp_path}/prometheus.yml",
        f"--storage.tsdb.path={tmp_path}/tsdb",
        f"--web.listen-address={address}",
        "--log.level=error",
    )
    yield f"http://{address}"
    process.kill()
    await process.wait()


async def asked(prometheus: str, query: str) -> list[Any]:
    """The vector that a query gives, [] while nobody answers."""
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{prometheus}/api/v1/query", params={"query": query}) as reply,
        ):
            found: list[Any] = (await reply.json())["data"]["result"]
            return found
    except (aiohttp.ClientError, OSError, KeyError):
        return []


async def test_prometheus_scrapes_it_and_has_what_the_device_showed(
    prometheus: str, dial: Dial
) -> None:
    (up,) = await until(lambda: asked(prometheus, 'up{job="meterd"} == 1'))
    assert up["value"][1] == "1"
    (total,) = await until(lambda: asked(prometheus, "meterd_energy_joules_total"))
    assert (total["metric"]["meter"], total["metric"]["direction"]) == ("main", "import")
    assert int(total["value"][1]) in {stand * JOULES for stand in dial.shown}
