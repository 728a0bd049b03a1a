"""Who a request is from, where a proxy says so: whom it is believed, and whom not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from tests.web.asking import Answer, Client
from tests.web.living import Living, living
from tests.web.visitors import PASSWORD, visited, visited_on_loopback, with_users

from meterd.config.http import HttpConfig, ProxyConfig
from meterd.web.door import Door

PROXY = ProxyConfig(
    trusted=("127.0.0.1/32",),
    user_header="X-Remote-User",
    roles_header="X-Remote-Groups",
    levels={"meter-admins": 10},
)
BEHIND = HttpConfig(proxy=PROXY, url="https://meter.example")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Living]:
    async with living(tmp_path) as site:
        yield site


@pytest.fixture
async def proxy(here: Living) -> AsyncIterator[Client]:
    """What the proxy on this host passes on."""
    async with visited_on_loopback(here, BEHIND) as client:
        yield client


async def session(client: Client, **headers: str) -> Answer:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return await client.ask("/v1/session", headers={"Host": "meter.example", **named})


async def test_the_proxys_word_is_believed(here: Living, proxy: Client) -> None:
    told = (await session(proxy, X_Remote_User="tom@example.org")).json
    assert (told["name"], told["kind"], told["level"], told["bills"]) == (
        "tom@example.org", "user", 1, [],
    )  # fmt: skip
    groups = {"X_Remote_Groups": "staff, meter-admins ,"}
    told = (await session(proxy, X_Remote_User="anna", **groups)).json
    assert (told["level"], told["roles"]) == (10, ["staff", "meter-admins"])
    assert here.store.reader().rows("SELECT count(*) FROM users") == [(0,)]


async def test_what_we_know_of_a_user_ourselves_is_theirs_too(here: Living, proxy: Client) -> None:
    await here.ask("POST", "/v1/users", {"name": "tom", "level": 8, "roles": ["own"]})
    told = (await session(proxy, X_Remote_User="tom", X_Remote_Groups="staff")).json
    assert (told["level"], told["roles"]) == (8, ["staff", "own"])
    await here.ask("POST", "/v1/users", {"name": "rita"})
    await here.ask("POST", "/v1/bills/tenant/grants", {"role": "own"})
    assert (await session(proxy, X_Remote_User="rita")).json["bills"] == []
    assert (await session(proxy, X_Remote_User="rita", X_Remote_Groups="own")).json["bills"] == [
        "tenant"
    ]


async def test_a_password_here_is_not_gone_round_by_a_proxy(here: Living, proxy: Client) -> None:
    await with_users(here, anna=10)
    answer = await session(proxy, X_Remote_User="anna")
    assert (answer.status, "meterd user password anna --none" in answer.json["detail"]) == (
        401, True,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["", "a b", "ä", "x" * 65])
async def test_what_is_no_name_is_nobody(name: str, proxy: Client) -> None:
    assert (await session(proxy, X_Remote_User=name)).status == 401


async def test_two_names_are_nobody(proxy: Client) -> None:
    headers = [("X-Remote-User", "anna"), ("X-Remote-User", "tom")]
    assert (await proxy.ask("/v1/session", headers=headers)).status == 401


async def test_behind_a_proxy_nobody_is_the_host_itself(proxy: Client) -> None:
    """It may pass on what it likes under our own name, and with no header at all."""
    for host in ("meter.example", "127.0.0.1:9850", "localhost"):
        assert (await proxy.ask("/v1/site", headers={"Host": host})).status == 401
    assert (await proxy.ask("/healthz")).status == 200


async def test_from_another_address_the_header_counts_for_nothing(
    here: Living, tmp_path: Path
) -> None:
    async with visited(here, tmp_path, BEHIND) as stranger:
        assert (await session(stranger, X_Remote_User="anna")).status == 401
    elsewhere = HttpConfig(proxy=msgspec.structs.replace(PROXY, trusted=("10.1.0.5/32",)))
    async with visited_on_loopback(here, elsewhere) as host:
        headers = {"X-Remote-User": "anna"}
        told = (await host.ask("/v1/session", headers=headers)).json
        assert (told["name"], told["kind"]) == ("host", "host")


async def test_a_proxy_that_nobody_asks_for_a_name_gives_none(here: Living, tmp_path: Path) -> None:
    """One that is trusted for addresses alone lets X-Remote-User of a browser through."""
    nameless = HttpConfig(proxy=ProxyConfig(trusted=("127.0.0.1/32",)), url="https://meter.example")
    async with visited_on_loopback(here, nameless) as passed:
        headers = {"X-Remote-User": "anna", "X-Forwarded-For": "10.1.0.9"}
        assert (await passed.ask("/v1/session", headers=headers)).status == 401


async def test_a_change_behind_a_proxy_repeats_its_word_too(here: Living, proxy: Client) -> None:
    anna = {"Host": "meter.example", "X-Remote-User": "anna", "X-Remote-Groups": "meter-admins"}
    word = (await proxy.ask("/v1/session", headers=anna)).json["csrf"]
    body = {"name": "tom"}
    assert (await proxy.ask("/v1/users", "POST", headers=anna, json=body)).status == 403
    sent = anna | {"X-Meterd-CSRF": word, "Origin": "https://evil.example"}
    assert (await proxy.ask("/v1/users", "POST", headers=sent, json=body)).status == 403
    sent["Origin"] = "https://meter.example"
    assert (await proxy.ask("/v1/users", "POST", headers=sent, json=body)).status == 201
    (event,) = here.events("user_added")
    assert event.numbers["actor"] == "user anna"
    other = sent | {"X-Remote-User": "eve"}
    assert (await proxy.ask("/v1/users", "POST", headers=other, json=body)).status == 403
    change = {"old": PASSWORD, "new": PASSWORD}
    answer = await proxy.ask("/v1/session/password", "PUT", headers=sent, json=change)
    assert answer.status == 409


async def test_a_proxy_may_use_authorization_for_itself(proxy: Client) -> None:
    headers = {"Authorization": "Basic YW5uYTp4"}
    told = await proxy.ask("/v1/session", headers=headers | {"X-Remote-User": "tom"})
    assert told.json["name"] == "tom"
    assert (await proxy.ask("/v1/session", headers={"Authorization": "Bearer x"})).status == 401


def test_a_door_goes_by_its_names() -> None:
    http = HttpConfig("[fd00::1]:80", ("Meter",), "https://meter.example:8443")
    names = {"[fd00::1]", "meter", "meter.example", "localhost", "127.0.0.1", "[::1]"}
    assert Door(http).hosts == names
