"""Coming in by a provider of OpenID Connect: one that keeps to the standard, ones that lie."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from tests.sinks.peers import free_port
from tests.web.asking import Answer
from tests.web.living import Living, living
from tests.web.pages.idp import CLIENT, SECRET, Idp, provider
from tests.web.visitors import Visitor, visited, with_users

from meterd.config.http import HttpConfig, OidcConfig
from meterd.config.secret import Secret
from meterd.web.pages.oidc import BACK, PATH, PENDING_MAX, PENDING_MS

URL = "https://meter.example"


def http(issuer: str, **changes: Any) -> HttpConfig:
    fields: dict[str, Any] = {"levels": {"meter-admins": 10}, **changes}
    return HttpConfig(url=URL, oidc=OidcConfig(issuer, CLIENT, Secret(SECRET), **fields))


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Living]:
    async with living(tmp_path) as site:
        yield site


@pytest.fixture
async def idp(here: Living) -> AsyncIterator[Idp]:
    async with provider(here.clock.now_ms() // 1000) as one:
        yield one


@pytest.fixture
async def tom(here: Living, idp: Idp, tmp_path: Path) -> AsyncIterator[Visitor]:
    async with visited(here, tmp_path, http(idp.issuer)) as client:
        yield Visitor(client)


async def come_in(visitor: Visitor, idp: Idp, going_to: str = "/bills") -> Answer:
    """There and back."""
    sent = await visitor.ask("GET", f"{PATH}?next={going_to}")
    assert sent.status == 303, sent.body
    code, state = idp.consent(sent.headers["Location"])
    return await visitor.ask("GET", f"{BACK}?code={code}&state={state}")


async def test_whom_the_provider_vouches_for_is_let_in(
    here: Living, idp: Idp, tom: Visitor
) -> None:
    idp.claims["groups"] = ["staff", "meter-admins", "two words", 5]
    sent = await tom.ask("GET", f"{PATH}?next=/bills")
    assert "SameSite=Lax" in tom.given
    assert "HttpOnly" in tom.given
    code, state = idp.consent(sent.headers["Location"])
    back = await tom.ask("GET", f"{BACK}?code={code}&state={state}")
    assert (back.status, b'url=/bills"' in back.body) == (200, True)
    told = (await tom.ask("GET", "/v1/session")).json
    assert (told["name"], told["level"], told["roles"]) == ("tom", 10, ["staff", "meter-admins"])
    assert idp.logins[0].startswith("Basic ")
    assert idp.asked[0]["redirect_uri"] == f"{URL}{BACK}"
    (event,) = here.events("logged_in")
    assert (event.numbers["via"], event.numbers["user"]) == ("oidc", "tom")
    assert here.store.reader().rows("SELECT count(*) FROM users") == [(0,)]


async def test_the_challenge_is_kept_from_everyone_but_the_provider(idp: Idp, tom: Visitor) -> None:
    sent = await tom.ask("GET", PATH)
    query = parse_qs(urlsplit(sent.headers["Location"]).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["response_type"] == ["code"]
    assert {"state", "nonce", "code_challenge"} <= query.keys()
    code, state = idp.consent(sent.headers["Location"])
    await tom.ask("GET", f"{BACK}?code={code}&state={state}")
    assert idp.asked[0]["code_verifier"] not in sent.headers["Location"]


async def test_a_login_is_bound_to_the_browser_that_began_it(idp: Idp, tom: Visitor) -> None:
    """Or an attacker's own login could be given to somebody else."""
    sent = await tom.ask("GET", PATH)
    code, state = idp.consent(sent.headers["Location"])
    victim = Visitor(tom.client)
    assert (await victim.ask("GET", f"{BACK}?code={code}&state={state}")).status == 400
    assert (await tom.ask("GET", f"{BACK}?code={code}&state={state}")).status == 400, "once"
    assert (await tom.ask("GET", f"{BACK}?code={code}")).status == 400
    assert idp.asked == []


async def test_a_login_that_takes_too_long_is_over(here: Living, idp: Idp, tom: Visitor) -> None:
    sent = await tom.ask("GET", PATH)
    code, state = idp.consent(sent.headers["Location"])
    here.clock.ahead += PENDING_MS
    assert (await tom.ask("GET", f"{BACK}?code={code}&state={state}")).status == 400


LIES: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "another client": {"aud": "grafana"},
    "several clients": {"aud": [CLIENT, "grafana"]},
    "another's login": {"azp": "grafana"},
    "another login": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "has expired": {"exp": 1},
    "never expires": {"exp": None},
    "is from the future": {"iat": 4_000_000_000},
    "is of nobody": {"sub": None},
}


@pytest.mark.parametrize("lie", [*LIES, "another key", "the client's secret"])
async def test_a_token_that_is_not_right_lets_nobody_in(
    lie: str, here: Living, idp: Idp, tom: Visitor
) -> None:
    idp.changes = LIES.get(lie, {})
    idp.hmac = lie == "the client's secret"
    idp.signed_by = "somebody else's" if lie == "another key" else "its own"
    back = await come_in(tom, idp)
    assert (back.status, "meterd=" in tom.given) == (403, False)
    assert here.daemon.kept.accounts.sessions == {}


async def test_several_clients_are_fine_where_the_token_says_for_which(
    idp: Idp, tom: Visitor
) -> None:
    idp.changes = {"aud": [CLIENT, "grafana"], "azp": CLIENT}
    assert (await come_in(tom, idp)).status == 200


async def test_a_password_here_is_not_gone_round(here: Living, idp: Idp, tom: Visitor) -> None:
    await with_users(here, tom=10)
    assert (await come_in(tom, idp)).status == 403
    await here.ask("PATCH", "/v1/users/tom", {"password": None})
    assert (await come_in(tom, idp)).status == 200
    assert (await tom.ask("GET", "/v1/session")).json["level"] == 10


@pytest.mark.parametrize("name", [None, "a b", 5, ""])
async def test_who_has_no_name_is_nobody(name: Any, idp: Idp, tom: Visitor) -> None:
    idp.claims = {"preferred_username": name}
    assert (await come_in(tom, idp)).status == 403


async def test_a_provider_that_is_away_is_told(here: Living, idp: Idp, tom: Visitor) -> None:
    idp.status = 500
    assert (await come_in(tom, idp)).status == 503
    back = await tom.ask("GET", PATH)
    _code, state = idp.consent(back.headers["Location"])
    refused = await tom.ask("GET", f"{BACK}?error=access_denied&state={state}")
    assert refused.status == 403


async def test_no_provider_is_no_way_in(here: Living, tmp_path: Path) -> None:
    async with visited(here, tmp_path, HttpConfig()) as client:
        assert (await client.ask(PATH, allow_redirects=False)).status == 404
        assert b"/login/oidc" not in (await client.ask("/login")).body
    gone = http(f"http://127.0.0.1:{free_port()}")
    async with visited(here, tmp_path, gone) as client:
        assert (await client.ask(PATH, allow_redirects=False)).status == 503
        assert b"Log in with 127.0.0.1" in (await client.ask("/login")).body


async def test_only_so_many_logins_are_on_their_way(idp: Idp, tom: Visitor) -> None:
    first = await tom.ask("GET", PATH)
    cookies = dict(tom.cookies)
    for _ in range(PENDING_MAX):
        assert (await tom.ask("GET", PATH)).status == 303
    code, state = idp.consent(first.headers["Location"])
    tom.cookies = cookies
    assert (await tom.ask("GET", f"{BACK}?code={code}&state={state}")).status == 400


# -- a provider that others have written ----------------------------------------------------


@pytest.mark.process
async def test_it_gets_on_with_a_provider_of_others(here: Living, tmp_path: Path) -> None:
    here.clock.ahead += time.time_ns() // 1_000_000 - here.clock.now_ms()
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with aiohttp.ClientSession() as session:
            await _answers(session, issuer)
            async with visited(here, tmp_path, http(issuer, user_claim="email")) as client:
                tom = Visitor(client)
                sent = await tom.ask("GET", f"{PATH}?next=/")
                form = {"sub": "tom@example.org"}
                async with session.post(
                    sent.headers["Location"], data=form, allow_redirects=False
                ) as agreed:
                    back = agreed.headers["Location"]
                assert back.startswith(f"{URL}{BACK}?")
                assert (await tom.ask("GET", back.removeprefix(URL))).status == 200
                told = (await tom.ask("GET", "/v1/session")).json
                assert (told["name"], told["level"]) == ("tom@example.org", 1)
    finally:
        process.terminate()
        await process.wait()


async def _answers(session: aiohttp.ClientSession, issuer: str) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                async with session.get(f"{issuer}/.well-known/openid-configuration"):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)
