"""The pages about people, as a browser goes through them: in, about, and out again."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.web.asking import Answer
from tests.web.living import Living, living
from tests.web.visitors import PASSWORD, Visitor, visited, with_users

HTML = {"Accept": "text/html"}


class Browser(Visitor):
    """Somebody who clicks: forms carry what stands in the page, and no header of ours."""

    async def send(self, path: str, **fields: str) -> Answer:
        """A form of the page that was looked at last."""
        self.word = ""
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), **HTML}
        answer = await self.client.ask(
            path, "POST", data=fields, headers=headers, allow_redirects=False
        )
        given = re.match(r"(\w+)=([^;]*)", answer.headers.get("Set-Cookie", ""))
        if given:
            self.cookies[given[1]] = given[2]
        return answer

    async def look(self, path: str) -> str:
        """A page, which must be there; its word is in `word`."""
        answer = await self.ask("GET", path, **HTML)
        assert answer.status == 200, answer
        text = answer.body.decode()
        found = re.search(r'name="csrf" value="(\w+)"', text)
        self.csrf = found[1] if found else ""
        return text

    async def come_in(self, name: str, **fields: Any) -> Answer:
        return await self.send("/login", name=name, password=PASSWORD, **fields)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Living]:
    async with living(tmp_path) as site:
        await with_users(site, tom=1, anna=10)
        yield site


@pytest.fixture
async def browser(here: Living, tmp_path: Path) -> AsyncIterator[Browser]:
    async with visited(here, tmp_path) as client:
        yield Browser(client)


async def test_who_comes_in_goes_where_they_wanted_to(browser: Browser) -> None:
    answer = await browser.ask("GET", "/bills?csv=bills", **HTML)
    form = await browser.look(answer.headers["Location"])
    assert 'name="next" value="/bills?csv=bills"' in form
    assert "hq" not in form, "the site is not named to strangers"
    answer = await browser.come_in("anna", next="/bills?csv=bills")
    assert (answer.status, answer.headers["Location"]) == (303, "/bills?csv=bills")
    assert 'href="/account">anna</a>' in await browser.look("/bills")


async def test_who_does_not_come_in_is_told_so_in_the_form(browser: Browser) -> None:
    answer = await browser.send("/login", name="<b>anna", password="wrong horse", next="//evil")
    text = answer.body.decode()
    assert (answer.status, "The name or the password is wrong." in text) == (401, True)
    assert "&lt;b&gt;anna" in text
    assert 'name="next" value="/"' in text
    assert "wrong horse" not in text


async def test_a_tenant_sees_the_bills_that_are_theirs(here: Living, browser: Browser) -> None:
    await browser.come_in("tom")
    answer = await browser.ask("GET", "/", **HTML)
    assert (answer.status, answer.headers["Location"]) == (303, "/bills")
    assert "/bills/tenant" not in await browser.look("/bills")
    await here.ask("POST", "/v1/bills/tenant/grants", {"user": "tom"})
    text = await browser.look("/bills")
    assert "/bills/tenant" in text
    assert "/devices" not in text
    page = await browser.look("/bills/tenant")
    assert "/meters/main" not in page, "a page that is closed to them is not linked"
    answer = await browser.ask("GET", "/devices", **HTML)
    assert (answer.status, "level 5" in answer.body.decode()) == (403, True)


async def test_a_form_without_its_word_is_refused(here: Living, browser: Browser) -> None:
    await browser.come_in("anna")
    for word in ("", "0" * 32):
        answer = await browser.send("/users", name="eve", level="10", csrf=word)
        assert answer.status == 403
    assert "eve" not in here.daemon.kept.accounts.users


async def test_an_account_changes_its_password_and_ends_its_logins(browser: Browser) -> None:
    other = Browser(browser.client)
    await other.come_in("tom")
    await browser.come_in("tom")
    assert "this one" in await browser.look("/account")
    answer = await browser.send("/account/logins", csrf=browser.csrf)
    assert answer.headers["Location"] == "/account?done=logins"
    assert "Every other login has ended" in await browser.look("/account?done=logins")
    assert (await other.ask("GET", "/account")).status == 401
    new = {"new": "battery staple", "again": "battery staple", "csrf": browser.csrf}
    assert (await browser.send("/account/password", old="wrong", **new)).status == 401
    twice = new | {"again": "battery stable"}
    assert (await browser.send("/account/password", old=PASSWORD, **twice)).status == 422
    assert (await browser.send("/account/password", old=PASSWORD, **new)).status == 303
    assert (await browser.send("/logout", csrf=browser.csrf)).headers["Location"] == "/login"
    assert (await browser.ask("GET", "/account")).status == 401
    assert (await browser.come_in("tom")).status == 401


async def test_an_administrator_goes_through_it_all(here: Living, browser: Browser) -> None:
    await browser.come_in("anna")
    await browser.look("/users")
    word = {"csrf": browser.csrf}
    steps: list[tuple[str, dict[str, str]]] = [
        ("/roles", {"name": "tenants", "description": "Whoever rents"}),
        ("/users", {"name": "eve", "password": PASSWORD, "level": "1", "roles": "tenants new"}),
        ("/users", {"name": "proxied", "password": "", "level": "5", "roles": ""}),
        ("/grants", {"bill": "tenant", "holder": "role:tenants"}),
        ("/grants", {"bill": "tenant", "holder": "user:eve"}),
        ("/users/eve", {"level": "4", "roles": "tenants", "password": "battery staple"}),
        ("/grants/remove", {"grant": "tenant|user|eve"}),
        ("/roles/new/remove", {}),
        ("/users/proxied/remove", {}),
    ]
    for path, fields in steps:
        answer = await browser.send(path, **fields, **word)
        assert (answer.status, answer.headers["Location"]) == (303, "/users"), answer.body
    accounts = here.daemon.kept.accounts
    eve = accounts.users["eve"]
    assert (eve.level, eve.roles, bool(eve.password)) == (4, ("tenants",), True)
    assert accounts.users.keys() == {"anna", "tom", "eve"}
    assert [*accounts.grants] == [("tenant", "role", "tenants")]
    assert [*accounts.roles] == ["tenants"]
    text = await browser.look("/users")
    assert "Whoever rents" in text
    assert "argon2" not in text


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("/users", {"name": "eve", "level": "eleven"}, 422),
        ("/users", {"name": "eve", "level": "1", "admin": "1"}, 400),
        ("/users", {"name": "e" * 1001, "level": "1"}, 422),
        ("/users", {"name": "tom", "level": "1"}, 409),
        ("/users/nobody/remove", {}, 404),
        ("/grants", {"bill": "tenant", "holder": "group:x"}, 422),
        ("/grants/remove", {"grant": "x"}, 404),
    ],
)
async def test_what_a_form_cannot_be_is_told_on_a_page(
    path: str, fields: dict[str, str], status: int, browser: Browser
) -> None:
    await browser.come_in("anna")
    await browser.look("/users")
    answer = await browser.send(path, csrf=browser.csrf, **fields)
    assert answer.status == status
    assert answer.headers["Content-Type"].startswith("text/html")
