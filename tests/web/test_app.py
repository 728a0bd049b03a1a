"""Every route from every side: what it answers, and to whom.

A route that is new has no row in NEEDS, and the first test says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.web.asking import Answer
from tests.web.house import Daemon, over_socket, over_tcp
from tests.web.needs import NEEDS
from tests.web.people import login
from tests.web.sides import (
    ANYBODY,
    CHANGE,
    LOGIN,
    SIDES,
    Side,
)

from meterd import shapes
from meterd.web.app import ROOMS, VISITORS

JSON, PROBLEM = "application/json", "application/problem+json"
FILLED = {
    "/v1/records/{name}/": "Conveyor water",
    "/v1/bills/{name}": "tenant-a",
    "/v1/users/{name}": "tom",
    "/v1/roles/{name}": "tenants",
    "/bills/{name}": "tenant-a",
    "{file}": "meterd.css",
    "{name}": "main",
    "{order}": "cutover",
    "{meter}": "main",
    "{kind}": "user",
    "{holder}": "tom",
    "/v1/objects/{id}": shapes.object_id("main"),
    "{id}": "01KDWPXG30-00000000-00000001",
}
"""What stands in a path's placeholders: the first that fits."""


KINDS = {
    "/metrics": "text/plain",
    "/v1/stream": "text/event-stream",
    "/static/meterd.css": "text/css",
}
"""Of what is neither JSON nor a page."""


def filled(path: str) -> str:
    """A path with something in each of its placeholders."""
    for beginning, word in FILLED.items():
        part = beginning[beginning.index("{") : beginning.index("}") + 1]
        if part in path and (beginning == part or path.startswith(beginning)):
            path = path.replace(part, word)
    return path


ROUTES = sorted(
    {(route.method, route.path) for room in (*ROOMS, *VISITORS) for route in room.ROUTES}
)
OF_VISITORS = {(route.method, route.path) for room in VISITORS for route in room.ROUTES}
READS = [
    filled(path)
    for method, path in ROUTES
    if method == "GET" and NEEDS[f"GET {path}"] not in {LOGIN, CHANGE} and "oidc" not in path
]  # fmt: skip


def door(side: Side, daemon: Daemon, home: Path) -> Any:
    """The door that a side comes to. A peer without an address is no neighbour."""
    if side.door == "host":
        return over_tcp(daemon)
    return over_socket(daemon, home / "s", trusted=side.door == "socket")


def wanted(side: Side, method: str, path: str) -> int | None:
    """The status of a refusal; None where there is an answer."""
    need = NEEDS[f"{method} {path}"]
    if side.door == "socket" and (method, path) in OF_VISITORS:
        return 404
    public = {"/healthz", "/readyz"}
    if path in public or (need == ANYBODY and side.refused == 403):
        return None
    if need == ANYBODY:
        return 401 if "Authorization" in side.headers else None
    if (method, path) == ("POST", "/v1/readings") and side.pushes:
        return None
    logged_in = side.user and side.level > 0
    if not (logged_in if need == LOGIN else side.level >= need):
        return side.refused
    of_bill = path.startswith(("/v1/bills/{name}", "/bills/{name}", "/v1/meters/{name}"))
    return 404 if of_bill and not side.sees else None


def test_every_route_says_in_this_table_what_it_takes() -> None:
    assert {f"{method} {path}" for method, path in ROUTES} == NEEDS.keys()
    assert [path for _, path in ROUTES if "{" in filled(path)] == []


@pytest.mark.parametrize("name", SIDES)
async def test_who_may_ask_what(name: str, daemon: Daemon, tmp_path: Path) -> None:
    side = SIDES[name]
    surprises: dict[str, Any] = {}
    async with door(side, daemon, tmp_path) as client:
        for method, path in ROUTES:
            got = await client.ask(filled(path), method, headers=side.headers)
            surprise = _surprise(wanted(side, method, path), got, daemon)
            if surprise is not None:
                surprises[f"{method} {path}"] = surprise
    assert surprises == {}


def _surprise(expected: int | None, got: Answer, daemon: Daemon) -> Any:
    changed = bool(daemon.orders or daemon.changes or daemon.reloads)
    daemon.orders, daemon.changes, daemon.reloads = [], [], 0
    if expected is None:
        said = got.headers.get("Content-Type", "").startswith("text/html")  # a form, once more
        fine = got.status not in {401, 403, 405, 429, 500} or (said and got.status == 401)
    else:
        if got.status == 429 and expected == 401:  # it has guessed too often by now
            return None if not changed else "changed"
        fine = got.status == expected and not changed
        fine = fine and got.headers["Content-Type"] == PROBLEM
        if expected == 401:
            fine = fine and got.headers["WWW-Authenticate"].startswith("Bearer")
    return None if fine else (got.status, expected, got.body[:200])


async def test_a_change_by_a_login_must_repeat_its_word(daemon: Daemon, tmp_path: Path) -> None:
    """On every route: or else another site's page could have sent it."""
    without = {
        "no word": login("anna", word=False),
        "another's word": login("anna") | {"X-Meterd-CSRF": login("tom")["X-Meterd-CSRF"]},
    }
    async with over_socket(daemon, tmp_path / "s", trusted=False) as client:
        for headers in without.values():
            for method, path in ROUTES:
                if method == "GET":
                    continue
                got = await client.ask(filled(path), method, headers=headers)
                assert got.status == 403, (method, path)
                assert "X-Meterd-CSRF" in got.json["detail"]
    assert (daemon.orders, daemon.changes, daemon.reloads) == ([], [], 0)


@pytest.mark.parametrize("path", READS)
async def test_what_may_be_read_can_be_read(path: str, daemon: Daemon, tmp_path: Path) -> None:
    async with over_tcp(daemon) as client:
        got = await client.ask(path)
    kind = KINDS.get(
        path, JSON if path.startswith(("/v1/", "/healthz", "/readyz", "/openapi")) else "text/html"
    )
    assert (got.status, got.headers["Content-Type"].split(";")[0]) == (200, kind)
