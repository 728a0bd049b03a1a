"""Pages over HTTP: policy, spreadsheets, and errors that are pages too."""

from __future__ import annotations

import pytest
from tests.web.asking import Client
from tests.web.house import Daemon

from meterd.web.pages.sheet import NAVIGATION, POLICY

BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.mark.parametrize("path", [path for path, _name in NAVIGATION])
async def test_a_page_brings_nothing_that_its_policy_forbids(browser: Client, path: str) -> None:
    answer = await browser.ask(path)
    assert answer.headers["Content-Security-Policy"] == POLICY
    page = answer.body.decode()
    assert ("style=" in page, "<style" in page, "javascript:" in page) == (False, False, False)
    assert page.count("<script") == 1
    assert page.count("<h1") == 1
    assert 'aria-current="page"' in page


async def test_a_table_is_a_spreadsheet_too(browser: Client) -> None:
    answer = await browser.ask("/meters?csv=meters")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="meters.csv"'
    assert answer.body.decode().splitlines()[1].startswith("main,stale,1.5,")
    assert (await browser.ask("/meters?csv=moters")).status == 404


async def test_who_comes_with_a_browser_is_told_in_a_page(browser: Client) -> None:
    answer = await browser.ask("/bills/nothing", headers=BROWSER)
    assert (answer.status, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "There is no bill &#39;nothing&#39;." in answer.body.decode()
    assert (await browser.ask("/v1/bills/nothing", headers=BROWSER)).json["status"] == 404
    assert (await browser.ask("/bills/nothing")).json["status"] == 404


async def test_a_page_that_does_not_know_a_word_says_so(browser: Client) -> None:
    answer = await browser.ask("/meters/main?rang=day", headers=BROWSER)
    assert (answer.status, "Did you mean &#39;range&#39;" in answer.body.decode()) == (400, True)


async def test_a_store_that_cannot_be_read_is_a_page_as_well(
    browser: Client, daemon: Daemon
) -> None:
    daemon.failure = RuntimeError("broken")
    answer = await browser.ask("/", headers=BROWSER)
    assert (answer.status, "fault of meterd" in answer.body.decode()) == (500, True)
