"""Every route from every side: what it answers, and to whom."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.web.house import Daemon, over_socket, over_tcp

from meterd.web.app import ROOMS

JSON, PROBLEM = "application/json", "application/problem+json"
READS = [
    "/healthz", "/readyz", "/metrics", "/v1/site", "/v1/meters", "/v1/meters/main",
    "/v1/meters/main/intervals", "/v1/records", "/v1/bills", "/v1/bills/tenant-a",
    "/v1/bills/tenant-a/samples", "/v1/events", "/v1/entities/POWERMETER/SUB",
]  # fmt: skip
ORDERS = {"/v1/records/Conveyor water/cutover": 202, "/v1/reload": 200}
PROBES = {"/healthz", "/readyz"}
SIDES = ["operator on the socket", "browser on the host", "stranger"]


async def status_and_type(
    side: str, daemon: Daemon, home: Path, method: str, path: str
) -> tuple[int, str]:
    """What one side gets to see."""
    if side == "browser on the host":
        door = over_tcp(daemon)
    else:  # a peer without an address is no neighbour: nothing is known of it
        door = over_socket(daemon, home / "s", trusted=side == "operator on the socket")
    async with door as client:
        answer = await client.ask(path, method)
    return answer.status, answer.headers["Content-Type"].split(";")[0]


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("path", READS)
async def test_who_may_read(side: str, path: str, daemon: Daemon, tmp_path: Path) -> None:
    may = side != "stranger" or path in PROBES
    kind = "text/plain" if path == "/metrics" else JSON
    expected = (200, kind) if may else (401, PROBLEM)
    assert await status_and_type(side, daemon, tmp_path, "GET", path) == expected


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(("path", "done"), ORDERS.items())
async def test_who_may_order(
    side: str, path: str, done: int, daemon: Daemon, tmp_path: Path
) -> None:
    expected = {
        "operator on the socket": (done, JSON),
        "browser on the host": (403, PROBLEM),
        "stranger": (401, PROBLEM),
    }
    assert await status_and_type(side, daemon, tmp_path, "POST", path) == expected[side]
    assert len(daemon.orders) + daemon.reloads == (side == "operator on the socket")


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("call", "status"),
    [
        ("GET /v1/nothing", 404),
        ("POST /v1/nothing", 404),
        ("GET /", 404),
        ("POST /v1/meters", 405),
        ("DELETE /v1/bills/tenant-a", 405),
        ("OPTIONS /v1/meters", 405),
        ("GET /v1/reload", 405),
    ],
)
async def test_what_is_not_there(
    side: str, call: str, status: int, daemon: Daemon, tmp_path: Path
) -> None:
    method, path = call.split()
    expected = 401 if side == "stranger" else status
    assert await status_and_type(side, daemon, tmp_path, method, path) == (expected, PROBLEM)


def test_every_route_is_asked_here() -> None:
    routes = {(route.method, route.path) for room in ROOMS for route in room.ROUTES}
    asked = {("GET", path) for path in READS} | {("POST", path) for path in ORDERS}
    names = {"main": "{name}", "tenant-a": "{name}", "Conveyor water": "{name}"}
    for word, placeholder in names.items():
        asked = {(method, path.replace(word, placeholder)) for method, path in asked}
    assert asked == routes


async def test_a_name_that_is_listened_to_is_a_name_to_ask_by(daemon: Daemon) -> None:
    async with over_tcp(daemon, "Meter.Example", "fd00::1") as client:
        for host in ("meter.example:9850", "[fd00::1]"):
            assert (await client.ask("/v1/site", headers={"Host": host})).status == 200
        assert (await client.ask("/v1/site", headers={"Host": "evil.example"})).status == 421
