"""Users, roles and grants over the API: made, changed, seen at once, and ended with all theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.web.asking import Client
from tests.web.living import Living, living
from tests.web.visitors import PASSWORD, Visitor, visited, with_users

GRANTS = "/v1/bills/tenant/grants"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Living]:
    async with living(tmp_path) as site:
        yield site


@pytest.fixture
async def client(here: Living, tmp_path: Path) -> AsyncIterator[Client]:
    async with visited(here, tmp_path) as one:
        yield one


async def bills(visitor: Visitor) -> list[str]:
    return [row["name"] for row in (await visitor.ask("GET", "/v1/bills")).json]


async def test_a_bill_is_seen_from_the_grant_on_until_it_is_revoked(
    here: Living, client: Client
) -> None:
    await with_users(here, tom=1)
    tom = Visitor(client)
    await tom.log_in("tom")
    paths = ("/v1/bills/tenant", "/v1/bills/tenant/samples", "/v1/meters/main", "/bills/tenant")
    assert (await bills(tom), (await tom.ask("GET", "/v1/meters")).json) == ([], [])
    assert [(await tom.ask("GET", path)).status for path in paths] == [404] * 4
    answer = await here.ask("POST", GRANTS, {"user": "tom"})
    assert (answer.status, answer.json["bill"], answer.json["user"]) == (201, "tenant", "tom")
    assert await bills(tom) == ["tenant"]
    assert [(await tom.ask("GET", path)).status for path in paths] == [200] * 4
    assert (await here.ask("DELETE", f"{GRANTS}/user/tom")).status == 204
    assert await bills(tom) == []
    assert [(await tom.ask("GET", path)).status for path in paths] == [404] * 4
    kinds = [event.kind for event in here.store.reader().events()]
    assert kinds == ["user_added", "logged_in", "grant_added", "grant_revoked"]


async def test_what_is_not_seen_is_told_like_what_is_not_there(
    here: Living, client: Client
) -> None:
    await with_users(here, tom=1)
    tom = Visitor(client)
    await tom.log_in("tom")
    there = await tom.ask("GET", "/v1/bills/tenant")
    nowhere = await tom.ask("GET", "/v1/bills/tenand")
    assert there.json["detail"].replace("tenant", "X") == nowhere.json["detail"].replace(
        "tenand", "X"
    )


async def test_a_grant_to_a_role_is_one_to_all_who_have_it(here: Living, client: Client) -> None:
    await with_users(here, tom=1, rita=4)
    tom = Visitor(client)
    await tom.log_in("tom")
    assert (await here.ask("POST", "/v1/roles", {"name": "tenants"})).status == 201
    await here.ask("POST", GRANTS, {"role": "tenants"})
    assert await bills(tom) == []
    answer = await here.ask("PATCH", "/v1/users/tom", {"roles": ["tenants", "staff"]})
    assert answer.json["roles"] == ["tenants", "staff"]
    assert await bills(tom) == ["tenant"]
    (row,) = [row for row in (await here.ask("GET", "/v1/roles")).json if row["users"]][:1]
    assert {row["name"] for row in (await here.ask("GET", "/v1/roles")).json} == {
        "tenants", "staff",
    }  # fmt: skip
    assert row["users"] == ["tom"]
    assert (await here.ask("DELETE", "/v1/roles/tenants")).status == 204
    assert await bills(tom) == []
    assert (await here.ask("GET", "/v1/users/tom")).json["roles"] == ["staff"]
    assert (await here.ask("GET", GRANTS)).json == []


async def test_a_grant_may_end_by_itself(here: Living, client: Client) -> None:
    await with_users(here, tom=1)
    tom = Visitor(client)
    await tom.log_in("tom")
    expires = "2026-01-31T12:00:00Z"
    answer = await here.ask("POST", GRANTS, {"user": "tom", "expires": "2020-01-01T00:00:00Z"})
    assert answer.status == 422
    answer = await here.ask("POST", GRANTS, {"user": "tom", "expires": expires})
    assert (answer.status, answer.json["expires"]) == (201, expires)
    assert await bills(tom) == ["tenant"]
    await here.ask("POST", GRANTS, {"user": "tom"})
    (row,) = (await here.ask("GET", GRANTS)).json
    assert row["expires"] is None, "the last word counts"


async def test_a_level_is_heeded_at_once(here: Living, client: Client) -> None:
    await with_users(here, tom=1)
    tom = Visitor(client)
    await tom.log_in("tom")
    assert (await tom.ask("GET", "/v1/events")).status == 403
    await here.ask("PATCH", "/v1/users/tom", {"level": 5})
    assert await bills(tom) == ["tenant"]
    assert (await tom.ask("GET", "/v1/events")).status == 200
    assert (await tom.ask("POST", "/v1/reload")).status == 403
    (event,) = here.events("user_changed")
    assert event.numbers["changes"] == {"level": [1, 5]}
    assert event.numbers["actor"] == "anna"


async def test_who_is_removed_is_gone_with_all_that_was_theirs(
    here: Living, client: Client
) -> None:
    await with_users(here, tom=1)
    tom = Visitor(client)
    await tom.log_in("tom")
    await here.ask("POST", GRANTS, {"user": "tom"})
    assert (await here.ask("DELETE", "/v1/users/tom")).status == 204
    assert (await tom.ask("GET", "/v1/bills")).status == 401
    await with_users(here, tom=1)
    await tom.log_in("tom")
    assert await bills(tom) == [], "another of the same name begins with nothing"
    counted = [
        here.store.reader().rows(f"SELECT count(*) FROM {table}")[0][0]
        for table in ("users", "grants", "sessions")
    ]
    assert counted == [1, 0, 1]


async def test_a_bill_that_is_deleted_takes_its_grants_along(here: Living) -> None:
    await with_users(here, tom=1)
    await here.ask("POST", "/v1/bills", {"name": "b2"})
    assert (await here.ask("POST", "/v1/bills/b2/grants", {"user": "tom"})).status == 201
    assert (await here.ask("DELETE", "/v1/bills/b2")).status == 204
    assert here.daemon.kept.accounts.grants == {}


async def test_an_administrator_sets_a_password_and_it_is_seen_by_nobody(
    here: Living, client: Client
) -> None:
    await with_users(here, tom=1, anna=10)
    anna, tom = Visitor(client), Visitor(client)
    await anna.log_in("anna")
    await tom.log_in("tom")
    answer = await anna.ask("PATCH", "/v1/users/tom", {"password": "battery staple"})
    assert (answer.status, answer.json["password"]) == (200, True)
    assert (await tom.ask("GET", "/v1/session")).status == 401
    assert (await tom.log_in("tom", "battery staple")).status == 201
    answer = await anna.ask("PATCH", "/v1/users/tom", {"password": None})
    assert answer.json["password"] is False
    assert (await tom.log_in("tom", "battery staple")).status == 401
    (first, _second) = here.events("password_changed")
    assert first.numbers["actor"] == "user anna"
    assert "argon2" not in str((await anna.ask("GET", "/v1/users")).body)


@pytest.mark.parametrize(
    ("call", "body", "status"),
    [
        ("POST /v1/users", {"name": "tom", "password": PASSWORD}, 409),
        ("POST /v1/users", {"name": "a b", "password": PASSWORD}, 422),
        ("POST /v1/users", {"name": "new", "password": "short"}, 422),
        ("POST /v1/users", {"name": "new", "level": 0}, 422),
        ("POST /v1/users", {"name": "new", "level": 11}, 422),
        ("POST /v1/users", {"name": "new", "level": True}, 422),
        ("POST /v1/users", {"name": "new", "roles": ["a b"]}, 422),
        ("POST /v1/users", {"name": "new", "roles": [str(n) for n in range(21)]}, 422),
        ("POST /v1/users", {"name": "new", "admin": True}, 422),
        ("PATCH /v1/users/tom", {"name": "tim"}, 422),
        ("PATCH /v1/users/tim", {"level": 2}, 404),
        ("DELETE /v1/users/tim", None, 404),
        ("POST /v1/roles", {"name": "staff"}, 409),
        ("POST /v1/roles", {"name": ""}, 422),
        ("POST /v1/roles", {"name": "new", "description": "a\nb"}, 422),
        ("POST /v1/roles", {"name": "new", "description": "x" * 201}, 422),
        ("PATCH /v1/roles/nobodies", {"description": "x"}, 404),
        ("DELETE /v1/roles/nobodies", None, 404),
        (f"POST {GRANTS}", {}, 422),
        (f"POST {GRANTS}", {"user": "tom", "role": "staff"}, 422),
        (f"POST {GRANTS}", {"user": "tim"}, 404),
        (f"POST {GRANTS}", {"role": "nobodies"}, 404),
        (f"POST {GRANTS}", {"user": "tom", "expires": "soon"}, 422),
        ("POST /v1/bills/other/grants", {"user": "tom"}, 404),
        ("GET /v1/bills/other/grants", None, 404),
        (f"DELETE {GRANTS}/user/tom", None, 404),
        (f"DELETE {GRANTS}/group/tom", None, 404),
    ],
)
async def test_what_cannot_be_is_refused(
    call: str, body: dict[str, Any] | None, status: int, here: Living
) -> None:
    await here.ask("POST", "/v1/users", {"name": "tom", "roles": ["staff"]})
    before = here.store.reader().rows("SELECT count(*) FROM events")
    method, path = call.split()
    answer = await here.ask(method, path, body)
    assert (answer.status, bool(answer.json["detail"])) == (status, True)
    assert here.store.reader().rows("SELECT count(*) FROM events") == before


async def test_what_is_so_already_is_no_change(here: Living) -> None:
    await with_users(here, tom=1)
    await here.ask("POST", "/v1/roles", {"name": "staff", "description": "All"})
    assert (await here.ask("PATCH", "/v1/users/tom", {"level": 1})).status == 200
    assert (await here.ask("PATCH", "/v1/roles/staff", {"description": "All"})).status == 200
    assert here.events("user_changed") == here.events("role_changed") == []
    answer = await here.ask("PATCH", "/v1/roles/staff", {"description": "Some"})
    assert answer.json["description"] == "Some"
    assert len(here.events("role_changed")) == 1
