"""Tokens over the control socket: added by their SHA-256, heeded at once, revoked at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.web.asking import Answer, Client, over_application
from tests.web.house import bearer, exposition
from tests.web.living import Living, living

from meterd.config.http import HttpConfig
from meterd.config.tokens import digest
from meterd.daemon.world import World
from meterd.web.app import application

TEXT = "meterd_" + "x" * 43
ASKED = {"name": "grafana", "sha256": digest(TEXT), "scopes": ["read"]}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Living]:
    async with living(tmp_path) as site:
        yield site


@pytest.fixture
async def outside(here: Living, tmp_path: Path) -> AsyncIterator[Client]:
    """Somebody of whom no address is known, at the same daemon's other door."""
    world = World(here.daemon, here.store, here.daemon.drive._clock)
    app = application(world, exposition, HttpConfig())
    async with over_application(app, tmp_path / "outside.sock") as client:
        yield client


async def added(here: Living, **changes: Any) -> Answer:
    return await here.ask("POST", "/v1/tokens", ASKED | changes)


async def test_a_token_lets_its_bearer_in_until_it_is_revoked(
    here: Living, outside: Client
) -> None:
    assert (await outside.ask("/v1/meters", headers=bearer(TEXT))).status == 401
    answer = await added(here)
    assert answer.status == 201
    assert answer.json["name"] == "grafana"
    assert (await outside.ask("/v1/meters", headers=bearer(TEXT))).status == 200
    refused = await outside.ask("/v1/reload", "POST", headers=bearer(TEXT))
    assert refused.status == 403
    assert (await here.ask("DELETE", "/v1/tokens/grafana")).status == 204
    assert (await outside.ask("/v1/meters", headers=bearer(TEXT))).status == 401
    kinds = [event.kind for event in here.store.reader().events()]
    assert kinds == ["token_added", "token_revoked"]
    assert {event.numbers["actor"] for event in here.store.reader().events()} == {"anna"}


async def test_what_a_token_writes_is_its_own(here: Living, outside: Client) -> None:
    await added(here, name="ci", scopes=["write"])
    body = {"name": "solar", "meterPoint": 1, "status": 1}
    answer = await outside.ask("/v1/objects", "POST", headers=bearer(TEXT), json=body)
    assert answer.status == 201
    (event,) = here.events("meter_created")
    assert event.numbers["actor"] == "token ci"


async def test_it_is_listed_with_when_it_was_last_good_for_something(
    here: Living, outside: Client
) -> None:
    await added(here)
    (row,) = (await here.ask("GET", "/v1/tokens")).json
    assert (row["last_used"], row["created_by"]) == (None, "anna")
    await outside.ask("/v1/meters", headers=bearer(TEXT))
    (row,) = (await here.ask("GET", "/v1/tokens")).json
    assert row["last_used"] is not None
    assert [token.used_ms is None for token in here.store.reader().tokens()] == [False]
    assert digest(TEXT) not in (await here.ask("GET", "/v1/tokens")).body.decode()


async def test_an_expired_token_is_good_for_nothing_and_says_so_in_the_list(
    here: Living, outside: Client
) -> None:
    await added(here, expires_ms=here.daemon.drive._clock.now_ms())
    assert (await outside.ask("/v1/meters", headers=bearer(TEXT))).status == 401
    (row,) = (await here.ask("GET", "/v1/tokens")).json
    assert row["expired"] is True


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"scopes": ["root"]}, 422),
        ({"scopes": []}, 422),
        ({"scopes": ["read"] * 101}, 422),
        ({"sha256": "abc"}, 422),
        ({"name": "a b"}, 422),
        ({"token": TEXT}, 422),
        ({"name": 5}, 422),
        ({"expires_ms": "soon"}, 422),
    ],
)
async def test_what_is_no_token_is_refused(
    changes: dict[str, Any], status: int, here: Living
) -> None:
    assert (await added(here, **changes)).status == status
    assert here.store.reader().tokens() == []


async def test_a_name_is_one_tokens(here: Living) -> None:
    await added(here)
    again = await added(here, sha256="0" * 64)
    assert (again.status, "revoke it first" in again.json["detail"]) == (409, True)
    missing = await here.ask("DELETE", "/v1/tokens/grafanna")
    assert (missing.status, "grafana" in missing.json["detail"]) == (404, True)


async def test_tokens_outlive_the_daemon(tmp_path: Path) -> None:
    path = tmp_path / "meterd.db"
    async with living(tmp_path, path=path) as here:
        await added(here)
    async with living(tmp_path, path=path) as later:
        assert [token.name for token in later.daemon.kept.tokens.values()] == ["grafana"]
