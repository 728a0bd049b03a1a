"""Every route from every side: what it answers, and to whom.

A route that is new has no row in NEEDS, and the first test says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.web.asking import Answer
from tests.web.house import Daemon, over_socket, over_tcp
from tests.web.people import login
from tests.web.sides import (
    ADMIN,
    ANYBODY,
    CHANGE,
    GRANTED,
    INSPECT,
    LOGIN,
    OPERATE,
    READ,
    SIDES,
    Side,
)

from meterd import shapes
from meterd.web.app import ROOMS, VISITORS

JSON, PROBLEM = "application/json", "application/problem+json"
FORMS = ("/add/bill", "/add/meter", "/bills/{name}/sources")
NEEDS: dict[str, float] = {
    "GET /healthz": ANYBODY,
    "GET /readyz": ANYBODY,
    "GET /static/{file}": ANYBODY,
    "POST /v1/session": ANYBODY,
    "GET /v1/session": GRANTED,
    "DELETE /v1/session": LOGIN,
    "PUT /v1/session/password": LOGIN,
    "GET /metrics": READ,
    "GET /openapi.json": GRANTED,
    "GET /v1/site": READ,
    "POST /v1/reload": CHANGE,
    "GET /v1/meters": GRANTED,
    "GET /v1/meters/{name}": GRANTED,
    "GET /v1/meters/{name}/intervals": GRANTED,
    "POST /v1/meters/{name}/replace": OPERATE,
    "POST /v1/readings": OPERATE,
    "GET /v1/entities/POWERMETER/SUB": READ,
    "POST /v1/objects": CHANGE,
    "GET /v1/objects/{id}": READ,
    "PATCH /v1/objects/{id}": CHANGE,
    "DELETE /v1/objects/{id}": CHANGE,
    "GET /v1/records": READ,
    "GET /v1/records/{id}": READ,
    "PATCH /v1/records/{id}": OPERATE,
    "POST /v1/records/{name}/{order}": OPERATE,
    "GET /v1/sources": READ,
    "GET /v1/bills": GRANTED,
    "POST /v1/bills": CHANGE,
    "GET /v1/bills/{name}": GRANTED,
    "PATCH /v1/bills/{name}": CHANGE,
    "DELETE /v1/bills/{name}": CHANGE,
    "GET /v1/bills/{name}/samples": GRANTED,
    "GET /v1/bills/{name}/series": GRANTED,
    "GET /v1/bills/{name}/statement": GRANTED,
    "GET /v1/bills/{name}/sources": GRANTED,
    "POST /v1/bills/{name}/sources": CHANGE,
    "PATCH /v1/bills/{name}/sources/{meter}": CHANGE,
    "DELETE /v1/bills/{name}/sources/{meter}": CHANGE,
    "GET /v1/bills/{name}/grants": INSPECT,
    "POST /v1/bills/{name}/grants": ADMIN,
    "DELETE /v1/bills/{name}/grants/{kind}/{holder}": ADMIN,
    "GET /v1/users": INSPECT,
    "POST /v1/users": ADMIN,
    "GET /v1/users/{name}": INSPECT,
    "PATCH /v1/users/{name}": ADMIN,
    "DELETE /v1/users/{name}": ADMIN,
    "GET /v1/roles": INSPECT,
    "POST /v1/roles": ADMIN,
    "GET /v1/roles/{name}": INSPECT,
    "PATCH /v1/roles/{name}": ADMIN,
    "DELETE /v1/roles/{name}": ADMIN,
    "GET /v1/events": READ,
    "GET /v1/alarms": READ,
    "GET /v1/stream": GRANTED,
    "GET /login": ANYBODY,
    "POST /login": ANYBODY,
    "GET /login/oidc": ANYBODY,
    "GET /login/oidc/back": ANYBODY,
    "POST /logout": LOGIN,
    "GET /account": LOGIN,
    "POST /account/password": LOGIN,
    "POST /account/logins": LOGIN,
    "GET /users": INSPECT,
    "POST /users": ADMIN,
    "POST /users/{name}": ADMIN,
    "POST /users/{name}/remove": ADMIN,
    "POST /roles": ADMIN,
    "POST /roles/{name}/remove": ADMIN,
    "POST /grants": ADMIN,
    "POST /grants/remove": ADMIN,
    "GET /": GRANTED,
    "GET /meters": READ,
    "GET /meters/{name}": READ,
    "GET /bills": GRANTED,
    "GET /bills/{name}": GRANTED,
    "GET /records": READ,
    "GET /events": READ,
    "GET /devices": READ,
    **{f"{verb} {path}": CHANGE for verb in ("GET", "POST") for path in FORMS},
    "POST /bills/{name}/switch": CHANGE,
    **{f"POST /meters/{{name}}/{order}": OPERATE for order in ("reading", "replace", "order")},
    "GET /chain": READ,
    "GET /definition": READ,
    "GET /configuration": INSPECT,
}
"""Route -> the level that it takes."""

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
    filled(path) for method, path in ROUTES
    if method == "GET" and "oidc" not in path and NEEDS[f"GET {path}"] not in {LOGIN, CHANGE}
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
