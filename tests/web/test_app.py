"""Every route from every side: what it answers, and to whom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.web.house import Answer, Daemon, bearer, over_socket, over_tcp

from meterd import shapes
from meterd.web.app import OPERATORS, ROOMS

JSON, PROBLEM = "application/json", "application/problem+json"
FILLED = {
    "/v1/records/{name}/": "Conveyor water",
    "/v1/bills/{name}": "tenant-a",
    "{name}": "main",
    "{order}": "cutover",
    "{meter}": "main",
    "/v1/objects/{id}": shapes.object_id("main"),
    "{id}": "01KDWPXG30-00000000-00000001",
}
"""What stands in a path's placeholders: the first that fits."""
SIDES: dict[str, tuple[str, str]] = {
    "the operator, on the socket": ("socket", ""),
    "the host itself": ("host", ""),
    "the host, with a token to read": ("host", "meterd_reader"),
    "the host, with a token to write": ("host", "meterd_writer"),
    "the host, with a token to push": ("host", "meterd_gateway"),
    "the host, with a token that has expired": ("host", "meterd_old"),
    "a stranger": ("nowhere", ""),
    "a stranger, with a token to read": ("nowhere", "meterd_reader"),
    "a stranger, with a token to write": ("nowhere", "meterd_writer"),
    "a stranger, with a token to push": ("nowhere", "meterd_gateway"),
    "a stranger, with a token of nobody": ("nowhere", "meterd_guess"),
}
"""Who asks: through which door, with which token."""
GOOD_FOR = {"meterd_reader": {"GET"}, "meterd_writer": {"GET", "POST", "PATCH", "PUT", "DELETE"}}
PROBES = {"/healthz", "/readyz"}


def filled(path: str) -> str:
    """A path with something in each of its placeholders."""
    for beginning, word in FILLED.items():
        part = beginning[beginning.index("{") : beginning.index("}") + 1]
        if part in path and (beginning == part or path.startswith(beginning)):
            path = path.replace(part, word)
    return path


ROUTES = sorted({(route.method, filled(route.path)) for room in ROOMS for route in room.ROUTES})
READS = [path for method, path in ROUTES if method == "GET"]


def refusal(side: str, method: str, path: str) -> int | None:
    """What one side is told instead of an answer."""
    door, token = SIDES[side]
    if door == "socket" or path in PROBES:
        return None
    if token in {"meterd_old", "meterd_guess"}:
        return 401
    if token == "meterd_gateway":
        return None if (method, path) == ("POST", "/v1/readings") else 403
    if token:
        return None if method in GOOD_FOR[token] else 403
    return None if door == "host" and method == "GET" else 401


async def answer(side: str, daemon: Daemon, home: Path, call: tuple[str, str]) -> Answer:
    """What one side gets to see."""
    door, token = SIDES[side]
    method, path = call
    rest: dict[str, Any] = {"headers": bearer(token)} if token else {}
    # A peer without an address is no neighbour: nothing is known of it.
    doors = {
        "host": lambda: over_tcp(daemon),
        "socket": lambda: over_socket(daemon, home / "s"),
        "nowhere": lambda: over_socket(daemon, home / "s", trusted=False),
    }
    async with doors[door]() as client:
        return await client.ask(path, method, **rest)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("call", ROUTES, ids=" ".join)
async def test_who_may_ask_what(
    side: str, call: tuple[str, str], daemon: Daemon, tmp_path: Path
) -> None:
    got = await answer(side, daemon, tmp_path, call)
    expected = refusal(side, *call)
    if expected is None:
        assert got.status not in {401, 403, 405, 429, 500}, got.body
        return
    assert (got.status, got.headers["Content-Type"]) == (expected, PROBLEM)
    assert got.json["status"] == expected
    assert got.headers["WWW-Authenticate"].startswith("Bearer")
    assert (daemon.orders, daemon.changes, daemon.reloads) == ([], [], 0)


@pytest.mark.parametrize("path", READS)
async def test_what_may_be_read_can_be_read(path: str, daemon: Daemon, tmp_path: Path) -> None:
    got = await answer("the host itself", daemon, tmp_path, ("GET", path))
    kind = "text/plain" if path == "/metrics" else JSON
    assert (got.status, got.headers["Content-Type"].split(";")[0]) == (200, kind)


NOT_THERE = {
    "GET /v1/nothing": 404,
    "POST /v1/nothing": 404,
    "GET /": 404,
    "POST /v1/meters": 405,
    "DELETE /v1/bills": 405,
    "OPTIONS /v1/meters": 405,
    "GET /v1/reload": 405,
    "PUT /v1/objects/x": 405,
}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("call", NOT_THERE)
async def test_what_is_not_there(side: str, call: str, daemon: Daemon, tmp_path: Path) -> None:
    method, path = call.split()
    door, token = SIDES[side]
    expected = NOT_THERE[call]
    if token in {"meterd_old", "meterd_guess"} or (door == "nowhere" and not token):
        expected = 401
    elif token == "meterd_gateway":
        expected = 403
    got = await answer(side, daemon, tmp_path, (method, path))
    assert (got.status, got.headers["Content-Type"]) == (expected, PROBLEM)


@pytest.mark.parametrize("side", SIDES)
async def test_who_may_be_let_in_is_said_on_the_socket_alone(
    side: str, daemon: Daemon, tmp_path: Path
) -> None:
    calls = [(route.method, filled(route.path)) for room in OPERATORS for route in room.ROUTES]
    for call in calls:
        got = await answer(side, daemon, tmp_path, call)
        assert (got.status in {401, 403, 404}) == (
            SIDES[side][0] != "socket" or call[0] == "DELETE"
        )
    assert daemon.changes == []


def test_every_placeholder_is_filled() -> None:
    assert [path for _, path in ROUTES if "{" in path] == []
    assert len(ROUTES) > 20


async def test_a_name_that_is_listened_to_is_a_name_to_ask_by(daemon: Daemon) -> None:
    async with over_tcp(daemon, "Meter.Example", "fd00::1") as client:
        for host in ("meter.example:9850", "[fd00::1]"):
            assert (await client.ask("/v1/site", headers={"Host": host})).status == 200
        assert (await client.ask("/v1/site", headers={"Host": "evil.example"})).status == 421
