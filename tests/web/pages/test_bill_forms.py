"""Forms that make a bill and change its sources, as a browser sends them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.web.living import Living, living
from tests.web.pages.test_login import Browser
from tests.web.visitors import visited, with_users


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Living]:
    async with living(tmp_path) as site:
        await with_users(site, vera=5, wanda=9)
        await site.read("main", 10, 12)
        yield site


@pytest.fixture
async def browser(here: Living, tmp_path: Path) -> AsyncIterator[Browser]:
    async with visited(here, tmp_path) as client:
        one = Browser(client)
        await one.come_in("wanda")
        yield one


async def test_a_bill_is_made_with_sources_chosen_by_what_they_read(browser: Browser) -> None:
    page = await browser.look("/add/bill")
    assert "12.0 kWh total" in " ".join(page.split())
    assert 'value="main|energy|"' in page
    sent = {"name": "shop", "type": "energy", "billing_day": "5", "allowance": "12,5"}
    answer = await browser.send("/add/bill", csrf=browser.csrf, source_0="main|energy|", **sent)
    assert (answer.status, answer.headers["Location"]) == (303, "/bills/shop?done=bill")
    page = await browser.look("/bills/shop?done=bill")
    assert "The bill is made; its first sample follows within an interval." in page
    assert "main|energy|" in page


async def test_a_source_is_added_switched_and_taken_off(browser: Browser) -> None:
    await browser.look("/add/bill")
    await browser.send("/add/bill", csrf=browser.csrf, name="shop", billing_day="1")
    page = await browser.look("/bills/shop/sources")
    assert "is on tenant as well" in page
    word, source = {"csrf": browser.csrf}, {"source": "main|energy|"}
    told = await browser.send("/bills/shop/sources", **word, **source)
    assert told.headers["Location"] == "/bills/shop?done=source"
    assert "is on this bill already" in await browser.look("/bills/shop/sources")
    again = await browser.send("/bills/shop/sources", **word, **source)
    assert (again.status, b"already" in again.body) == (409, True)
    for to, done, shown in (
        ("disable", "disabled", "Enable"), ("enable", "enabled", "Disable"),
        ("remove", "removed", "The bill has no source."),
    ):  # fmt: skip
        told = await browser.send("/bills/shop/switch", to=to, **word, **source)
        assert told.headers["Location"] == f"/bills/shop?done={done}"
        assert shown in await browser.look("/bills/shop")


WRONG: dict[str, tuple[str, dict[str, str], int]] = {
    "a day that no month has": ("/add/bill", {"name": "x", "billing_day": "40"}, 422),
    "a day that is none": ("/add/bill", {"name": "x", "billing_day": "soon"}, 422),
    "a field that the form has not": ("/add/bill", {"name": "x", "enabled": "1"}, 400),
    "a switch that there is not": (
        "/bills/tenant/switch", {"to": "off", "source": "main|energy|"}, 404),
    "a bill that there is not": ("/bills/nobody/sources", {"source": "main|energy|"}, 404),
    "a source of no meter": ("/bills/tenant/sources", {"source": "nobody|energy|"}, 422),
}  # fmt: skip


@pytest.mark.parametrize("sent", WRONG.values(), ids=WRONG)
async def test_what_is_wrong_is_told_on_a_page(
    browser: Browser, sent: tuple[str, dict[str, str], int]
) -> None:
    path, fields, status = sent
    await browser.look("/add/bill")
    answer = await browser.send(path, csrf=browser.csrf, **fields)
    assert answer.status == status, answer.body
    assert b"<h1>" in answer.body


async def test_without_the_word_of_the_login_nothing_is_changed(browser: Browser) -> None:
    answer = await browser.send("/add/bill", name="shop", billing_day="1")
    assert answer.status == 403
    assert (await browser.ask("GET", "/v1/bills/shop")).status == 404


async def test_who_may_not_change_anything_is_shown_no_form(here: Living, tmp_path: Path) -> None:
    async with visited(here, tmp_path) as client:
        vera = Browser(client)
        await vera.come_in("vera")
        assert "/switch" not in await vera.look("/bills/tenant")
        assert "/add/bill" not in await vera.look("/bills")
        assert (await vera.ask("GET", "/add/bill", Accept="text/html")).status == 403
        assert (await vera.ask("GET", "/bills/nobody/sources")).status == 403


async def test_there_is_no_form_for_a_bill_there_is_not(browser: Browser) -> None:
    assert (await browser.ask("GET", "/bills/nobody/sources")).status == 404
