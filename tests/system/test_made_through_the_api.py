"""A meter made by POST on a running daemon: read at once, there after a restart, exported."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, NamedTuple

import aiohttp
import pytest
import yaml
from tests.system.devices import POINTS, Device, Dial
from tests.system.home import Home
from tests.system.peers import until

from meterd import shapes

NEW = {
    "entity": "POWERMETER",
    "level": 277,
    "comboKey": "SUB:1f3a|ENT:",
    "name": "solar",
    "meterPoint": "Branch Circuit",
    "status": 1,
    "meterName": "Roof",
    "connection": "hall",
    "address": 2,
    "every": "100ms",
    "points": POINTS,
}
ADDRESS = f"/v1/objects/{shapes.object_id('solar')}"


class Bearer:
    """Somebody with a token, over TCP."""

    def __init__(self, home: Home, token: str) -> None:
        self._home = home
        self._headers = {"Authorization": f"Bearer {token}"}

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        url = f"{self._home.daemon.url}{path}"
        async with (
            aiohttp.ClientSession(headers=self._headers) as session,
            session.request(method, url, json=body) as reply,
        ):
            text = await reply.read()
            return reply.status, await reply.json(content_type=None) if text else None


class Site(NamedTuple):
    home: Home
    device: Device
    writer: Bearer


@pytest.fixture
async def site(home: Home, device: Callable[..., Awaitable[Device]]) -> Site:
    """A daemon that reads `main`, on a line where a second dial waits, and a token to write."""
    one = await device(main=Dial(), second=Dial())
    home.add("hall", one)
    del home.config["meters"][1]
    home.write()
    token = (await home.verb("token", "add", "ci", "--scope", "write")).out.strip()
    await home.run()
    return Site(home, one, Bearer(home, token))


async def shown(site: Site) -> dict[str, Any] | None:
    """The meter as an object, once it has been read."""
    status, row = await site.writer.ask("GET", ADDRESS)
    return row if status == 200 and row["kwhLifetime"] is not None else None


async def test_a_meter_is_made_read_kept_and_exported(site: Site) -> None:
    home, device, writer = site
    status, made = await writer.ask("POST", "/v1/objects", NEW)
    assert (status, made["origin"], made["currentKw"]) == (201, "api", None)
    row = await until(lambda: shown(site))
    assert int(Decimal(str(row["kwhLifetime"])) * 1000) in device.dials["second"].shown
    assert row["currentKw"] == 360.0
    await home.daemon.shows(lambda seen: seen.energy("solar") is not None)

    names = ["main", "solar"]
    assert [meter["name"] for meter in await home.rows("meters")] == names
    assert {step["meter"] for step in await home.rows("plan")} == set(names)
    read = await home.rows("read", "solar")
    assert read["quantities"]["active_power"] == {"value": 360.0, "unit": "kW"}
    await until(lambda: home.rows("intervals", "--meter", "solar"))

    assert await home.daemon.end() == 0
    stopped = {meter["name"]: meter for meter in await home.rows("meters")}
    assert stopped["solar"]["kwhLifetime"] >= row["kwhLifetime"]
    assert stopped["solar"]["meterName"] == "Roof"
    await home.run()
    later = await until(lambda: shown(site))
    assert (later["id"], later["points"]) == (made["id"], POINTS)
    seen = await home.daemon.shows(lambda seen: (seen.energy("solar") or 0) > 0)
    await home.daemon.shows(lambda now: (now.energy("solar") or 0) > (seen.energy("solar") or 0))
    events = await home.rows("events", "--kind", "meter_created")
    assert [(event["meter"], event["actor"]) for event in events] == [("solar", "token ci")]
    assert (await home.rows("audit"))["ok"]


async def test_what_is_exported_and_pasted_is_the_same_meter(site: Site) -> None:
    home, _device, writer = site
    await writer.ask("POST", "/v1/objects", NEW)
    before = await until(lambda: shown(site))
    home.config["meters"] += yaml.safe_load((await home.verb("export")).out)["meters"]
    home.write()
    assert (await home.verb("check")).out.endswith("nothing wrong\n")
    await home.verb("reload")
    after = await until(lambda: shown(site))
    assert (after["id"], after["origin"]) == (before["id"], "file")
    assert after["kwhLifetime"] >= before["kwhLifetime"]
    assert (await home.verb("export")).out == "meters: []\n"
    assert (await writer.ask("PATCH", ADDRESS, {"notes": "x"}))[0] == 409
    assert (await home.rows("audit"))["ok"]


async def test_a_change_and_an_end_take_effect_at_once(site: Site) -> None:
    home, _device, writer = site
    await writer.ask("POST", "/v1/objects", NEW)
    await until(lambda: shown(site))
    assert (await writer.ask("PATCH", ADDRESS, {"ratedCapacityKw": 720}))[0] == 200
    row = await until(lambda: shown(site))
    assert row["ratedCapacityKw"] == 720
    await until(lambda: _load(site))
    assert (await writer.ask("PATCH", ADDRESS, {"currentKw": 1}))[0] == 422
    status, ended = await writer.ask("DELETE", ADDRESS)
    assert (status, ended["status"]["label"]) == (200, "Decommissioned")
    used = ended["kwhLifetime"]
    await home.daemon.shows(lambda seen: not seen.all("meterd_meter_up", meter="solar"))
    rows = {meter["name"]: meter for meter in await home.rows("meters")}
    assert rows["solar"]["kwhLifetime"] >= used
    assert "no connection that can be read" in (await home.verb("read", "solar", code=2)).err


async def _load(site: Site) -> bool:
    row: dict[str, Any] = (await site.writer.ask("GET", ADDRESS))[1]
    return bool(row["loadPercent"] == 50.0)


async def test_a_token_that_is_revoked_is_good_for_nothing_from_then_on(site: Site) -> None:
    home, _device, writer = site
    assert (await writer.ask("GET", "/v1/meters"))[0] == 200
    listed = await home.rows("token", "list")
    assert [(row["name"], row["scopes"], row["last_used"] is None) for row in listed] == [
        ("ci", ["write"], False)
    ]
    text = (await home.verb("token", "add", "grafana")).out.strip()
    reader = Bearer(home, text)
    assert (await reader.ask("GET", "/v1/meters"))[0] == 200
    assert (await reader.ask("POST", "/v1/objects", NEW))[0] == 403
    await home.verb("token", "revoke", "ci")
    assert (await writer.ask("POST", "/v1/objects", NEW))[0] == 401
    assert (await reader.ask("GET", "/v1/meters"))[0] == 200
    kinds = [event["kind"] for event in await home.rows("events")]
    assert [kind for kind in kinds if kind.startswith("token")] == [
        "token_added", "token_added", "token_revoked",
    ]  # fmt: skip
    said = home.daemon.log.read_text() + home.file.read_text()
    assert text not in said
    assert text.encode() not in home.store.read_bytes()
