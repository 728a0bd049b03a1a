"""Entity tags: what is held is not sent again, and a change is of what was read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.web.asking import Client
from tests.web.living import Living, living
from tests.web.visitors import with_users

LISTS = ("/v1/meters", "/v1/bills", "/v1/events", "/v1/users", "/openapi.json")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Living]:
    async with living(tmp_path) as site:
        await with_users(site, tom=1, rita=1, anna=10)
        yield site


@pytest.mark.parametrize("path", LISTS)
async def test_what_is_held_already_is_not_sent_again(path: str, browser: Client) -> None:
    first = await browser.ask(path)
    tag = first.headers["ETag"]
    for held in (tag, f'"other", W/{tag}', "*"):
        again = await browser.ask(path, headers={"If-None-Match": held})
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
    other = await browser.ask(path, headers={"If-None-Match": '"other"'})
    assert (other.status, other.body) == (200, first.body)


async def test_errors_pages_and_streams_have_no_tag(browser: Client) -> None:
    for path in ("/v1/nothing", "/bills", "/metrics"):
        assert "ETag" not in (await browser.ask(path, headers={"If-None-Match": "*"})).headers


@pytest.mark.parametrize(
    ("path", "body", "other"),
    [
        ("/v1/users/tom", {"level": 2}, {"level": 3}),
        ("/v1/roles/staff", {"description": "a"}, {"description": "b"}),
        ("/v1/bills/b2", {"allowance": 5}, {"allowance": 6}),
    ],
)
async def test_a_change_is_of_what_was_read(
    path: str, body: object, other: object, here: Living
) -> None:
    await here.ask("POST", "/v1/roles", {"name": "staff"})
    await here.ask("POST", "/v1/bills", {"name": "b2"})
    read = (await here.ask("GET", path)).headers["ETag"]
    assert (await here.ask("PATCH", path, body, **{"If-Match": read})).status == 200
    late = await here.ask("PATCH", path, other, **{"If-Match": read})
    assert (late.status, "was changed since" in late.json["detail"]) == (412, True)
    assert (await here.ask("DELETE", path, **{"If-Match": read})).status == 412
    now = (await here.ask("GET", path)).headers["ETag"]
    assert now != read
    assert (await here.ask("DELETE", path, **{"If-Match": f'"x", {now}'})).status == 204


async def test_lists_are_read_page_by_page(here: Living) -> None:
    """By the addresses that `Link` gives, until there is none."""
    path, names = "/v1/users?limit=2", []
    while path:
        answer = await here.ask("GET", path)
        names.append([row["name"] for row in answer.json])
        path = answer.headers.get("Link", "").partition(">")[0].lstrip("<")
    assert names == [["tom", "rita"], ["anna"]]
    for path in ("/v1/meters", "/v1/bills", "/v1/roles", "/v1/bills/tenant/grants"):
        assert (await here.ask("GET", f"{path}?limit=1")).status == 200
        assert (await here.ask("GET", f"{path}?limit=0")).status == 400
        assert (await here.ask("GET", f"{path}?cursor=x")).status == 400
    assert (await here.ask("GET", "/v1/users?limit=1&cursor=99")).json == []
