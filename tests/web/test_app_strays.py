"""What is asked for that is not there, by whom it must not be, or by another name."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.web.asking import Client
from tests.web.house import Daemon, over_tcp
from tests.web.sides import READ, SIDES
from tests.web.test_app import PROBLEM, door, filled

from meterd.web.app import OPERATORS

NOT_THERE = {
    "GET /v1/nothing": 404,
    "POST /v1/nothing": 404,
    "GET /nothing": 404,
    "POST /v1/meters": 405,
    "DELETE /v1/bills": 405,
    "OPTIONS /v1/meters": 405,
    "GET /v1/reload": 405,
    "PUT /v1/objects/x": 405,
}


@pytest.mark.parametrize("name", SIDES)
async def test_what_is_not_there(name: str, daemon: Daemon, tmp_path: Path) -> None:
    side = SIDES[name]
    async with door(side, daemon, tmp_path) as client:
        for call, status in NOT_THERE.items():
            method, path = call.split()
            known = side.level >= READ or (side.user and side.level > 0)
            got = await client.ask(path, method, headers=side.headers)
            assert got.status == (status if known else side.refused), call
            assert got.headers["Content-Type"] == PROBLEM


@pytest.mark.parametrize("name", SIDES)
async def test_who_has_a_token_is_said_on_the_socket_alone(
    name: str, daemon: Daemon, tmp_path: Path
) -> None:
    side = SIDES[name]
    calls = [(route.method, filled(route.path)) for room in OPERATORS for route in room.ROUTES]
    async with door(side, daemon, tmp_path) as client:
        for method, path in calls:
            got = await client.ask(path, method, headers=side.headers)
            refused = got.status in {401, 403, 404}
            assert refused == (side.door != "socket" or method == "DELETE"), (method, path)
    assert daemon.changes == []


async def test_a_name_that_is_listened_to_is_a_name_to_ask_by(daemon: Daemon) -> None:
    async with over_tcp(daemon, "Meter.Example", "fd00::1") as client:
        for host in ("meter.example:9850", "[fd00::1]"):
            assert (await client.ask("/v1/site", headers={"Host": host})).status == 200
        assert (await client.ask("/v1/site", headers={"Host": "evil.example"})).status == 421


async def test_a_browser_that_has_not_logged_in_is_sent_to_the_login(stranger: Client) -> None:
    headers = {"Accept": "text/html,*/*"}
    got = await stranger.ask("/bills?x=1&y=2", headers=headers, allow_redirects=False)
    assert (got.status, got.headers["Location"]) == (303, "/login?next=%2Fbills%3Fx%3D1%26y%3D2")
    assert (await stranger.ask("/v1/bills", headers=headers)).status == 401
