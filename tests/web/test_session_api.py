"""Logging in and out: what a browser is given, what it is good for, and when it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.web.asking import Client
from tests.web.living import Living, living
from tests.web.visitors import PASSWORD, Visitor, visited, visited_on_loopback, with_users

from meterd.config import passwords
from meterd.config.http import HttpConfig, ProxyConfig
from meterd.config.logins import IDLE_MS, LIFE_MS, SEEN_MS
from meterd.web.failures import FAILURES_MAX, NAME_FAILURES_MAX


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Living]:
    async with living(tmp_path) as site:
        await with_users(site, tom=1, anna=10)
        yield site


@pytest.fixture
async def client(here: Living, tmp_path: Path) -> AsyncIterator[Client]:
    async with visited(here, tmp_path) as one:
        yield one


async def test_who_logs_in_is_known_until_they_log_out(here: Living, client: Client) -> None:
    anna = Visitor(client)
    assert (await anna.ask("GET", "/v1/meters")).status == 401
    answer = await anna.log_in("anna")
    assert answer.status == 201
    told = answer.json
    assert (told["name"], told["level"], told["kind"], told["bills"]) == ("anna", 10, "user", None)
    assert (await anna.ask("GET", "/v1/session")).json == told
    assert (await anna.ask("GET", "/v1/meters")).status == 200
    assert (await anna.ask("DELETE", "/v1/session")).status == 204
    assert 'meterd=""' in anna.given
    (ended,) = here.events("logged_out")
    assert ended.numbers["actor"] == "user anna"
    assert here.daemon.kept.accounts.sessions == {}


async def test_what_ended_is_good_for_nothing_whoever_kept_it(client: Client) -> None:
    anna, thief = Visitor(client), Visitor(client)
    await anna.log_in("anna")
    thief.cookies, thief.word = dict(anna.cookies), anna.word
    assert (await thief.ask("GET", "/v1/meters")).status == 200
    await anna.ask("DELETE", "/v1/session")
    assert (await thief.ask("GET", "/v1/meters")).status == 401


@pytest.mark.parametrize(
    ("http", "name", "secure"),
    [
        (HttpConfig(), "meterd", False),
        (HttpConfig(url="http://meter.example"), "meterd", False),
        (HttpConfig(url="https://meter.example"), "__Host-meterd", True),
        (HttpConfig(cert_file="c.pem", key_file="k.pem"), "__Host-meterd", True),
    ],
)
async def test_the_cookie_is_seen_by_no_script_and_sent_by_no_other_site(
    http: HttpConfig, name: str, secure: bool, here: Living, tmp_path: Path
) -> None:
    async with visited(here, tmp_path, http) as client:
        anna = Visitor(client)
        await anna.log_in("anna")
        parts = anna.given.split("; ")
        assert parts[0].startswith(f"{name}=")
        assert {"HttpOnly", "Path=/", "SameSite=Strict"} <= set(parts)
        assert ("Secure" in parts) is secure
        assert (await anna.ask("GET", "/v1/session")).status == 200


async def test_nothing_of_a_login_is_kept_that_could_be_used(here: Living, client: Client) -> None:
    anna = Visitor(client)
    await anna.log_in("anna")
    kept = str(here.store.reader().rows("SELECT * FROM sessions"))
    kept += str(here.store.reader().rows("SELECT * FROM users"))
    kept += str(here.store.reader().rows("SELECT * FROM events"))
    for secret in (*anna.cookies.values(), anna.word, PASSWORD):
        assert secret not in kept


async def test_nobody_learns_who_there_is(client: Client) -> None:
    answers = [
        await Visitor(client).log_in(name, password)
        for name, password in (
            ("anna", "wrong horse"),
            ("annna", PASSWORD),
            ("", ""),
            ("anna", "x" * 1000),
            ("no name at all\0", PASSWORD),
        )
    ]
    assert {answer.status for answer in answers} == {401}
    assert len({answer.body for answer in answers}) == 1
    assert [answer for answer in answers if "Set-Cookie" in answer.headers] == []


async def test_who_is_not_there_is_hashed_as_well(client: Client) -> None:
    """The decoy has the work factor of every other hash, so that it takes as long."""
    assert not passwords.outdated(passwords.DECOY)
    assert not passwords.matches(passwords.DECOY, PASSWORD)
    assert (await Visitor(client).log_in("nobody")).status == 401


async def test_an_address_that_guesses_has_to_wait(client: Client) -> None:
    guesser = Visitor(client)
    for _ in range(FAILURES_MAX):
        assert (await guesser.log_in("anna", "wrong horse")).status == 401
    answer = await guesser.log_in("anna")
    assert (answer.status, "Retry-After" in answer.headers) == (429, True)


async def test_a_name_that_is_guessed_at_from_everywhere_has_to_wait(
    here: Living,
) -> None:
    behind = HttpConfig(proxy=ProxyConfig(trusted=("127.0.0.1/32",)))
    async with visited_on_loopback(here, behind) as client:
        for number in range(NAME_FAILURES_MAX):
            headers = {"X-Forwarded-For": f"10.0.0.{number}"}
            body = {"name": "Anna", "password": "wrong horse"}
            got = await client.ask("/v1/session", "POST", json=body, headers=headers)
            assert got.status == 401
        body = {"name": "anna", "password": PASSWORD}
        headers = {"X-Forwarded-For": "10.0.9.9"}
        assert (await client.ask("/v1/session", "POST", json=body, headers=headers)).status == 429


async def test_what_somebody_says_of_their_own_address_counts_for_nothing(here: Living) -> None:
    """A proxy adds a line of its own where there is one already."""
    behind = HttpConfig(proxy=ProxyConfig(trusted=("127.0.0.1/32",)))
    body = {"name": "nobody", "password": "wrong horse"}
    async with visited_on_loopback(here, behind) as client:
        statuses = []
        for number in range(FAILURES_MAX + 1):
            told = [("X-Forwarded-For", f"10.0.0.{number}"), ("X-Forwarded-For", "10.9.9.9")]
            got = await client.ask("/v1/session", "POST", json=body, headers=told)
            statuses.append(got.status)
        assert statuses == [401] * FAILURES_MAX + [429]


async def test_a_login_ends_by_itself(here: Living, client: Client) -> None:
    anna = Visitor(client)
    await anna.log_in("anna")
    begun = here.clock.now_ms()
    for _ in range(LIFE_MS // IDLE_MS - 1):
        here.clock.ahead += IDLE_MS - 1_000
        assert (await anna.ask("GET", "/v1/session")).status == 200
    here.clock.ahead += begun + LIFE_MS - here.clock.now_ms()
    assert (await anna.ask("GET", "/v1/session")).status == 401


async def test_a_login_that_is_not_used_ends_sooner(here: Living, client: Client) -> None:
    anna = Visitor(client)
    await anna.log_in("anna")
    here.clock.ahead += IDLE_MS
    assert (await anna.ask("GET", "/v1/session")).status == 401


async def test_it_is_kept_when_a_login_was_last_used(here: Living, client: Client) -> None:
    anna = Visitor(client)
    await anna.log_in("anna")
    here.clock.ahead += SEEN_MS
    await anna.ask("GET", "/v1/session")
    assert here.store.reader().rows("SELECT seen_ms FROM sessions") == [(here.clock.now_ms(),)]
    (row,) = [row for row in (await here.ask("GET", "/v1/users")).json if row["name"] == "anna"]
    assert row["last_seen"] is not None


async def test_logins_outlive_the_daemon(tmp_path: Path) -> None:
    path = tmp_path / "meterd.db"
    async with living(tmp_path, path=path) as here:
        await with_users(here, anna=10)
        async with visited(here, tmp_path) as client:
            anna = Visitor(client)
            await anna.log_in("anna")
    async with living(tmp_path, path=path) as later, visited(later, tmp_path) as client:
        anna.client = client
        assert (await anna.ask("GET", "/v1/session")).json["name"] == "anna"


# -- another password ---------------------------------------------------------------------


async def test_a_changed_password_ends_every_other_login(here: Living, client: Client) -> None:
    anna, thief = Visitor(client), Visitor(client)
    await anna.log_in("anna")
    await thief.log_in("anna")
    body = {"old": PASSWORD, "new": "battery staple"}
    assert (await anna.ask("PUT", "/v1/session/password", body)).status == 204
    assert (await anna.ask("GET", "/v1/session")).status == 200
    assert (await thief.ask("GET", "/v1/session")).status == 401
    assert (await Visitor(client).log_in("anna")).status == 401
    assert (await Visitor(client).log_in("anna", "battery staple")).status == 201
    assert [event.numbers["user"] for event in here.events("password_changed")] == ["anna"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"old": "wrong horse", "new": "battery staple"}, 401),
        ({"old": PASSWORD, "new": "short"}, 422),
        ({"old": PASSWORD, "new": "x" * 257}, 422),
        ({"old": PASSWORD}, 422),
        ({"old": PASSWORD, "new": "battery staple", "level": 10}, 422),
    ],
)
async def test_what_is_no_change_of_a_password_changes_nothing(
    body: dict[str, str], status: int, here: Living, client: Client
) -> None:
    tom = Visitor(client)
    await tom.log_in("tom")
    assert (await tom.ask("PUT", "/v1/session/password", body)).status == status
    assert here.events("password_changed") == []


async def test_a_body_that_is_wrong_is_not_repeated(client: Client) -> None:
    bodies: list[Any] = [{"name": "anna", "password": 5}, {"name": "a", "pasword": "hunter2"}, []]
    for body in bodies:
        answer = await Visitor(client).ask("POST", "/v1/session", body)
        assert answer.status == 422
        assert b"hunter2" not in answer.body
