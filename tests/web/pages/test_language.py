"""The tongue of a page: by hand, by cookie, by what the browser asks for."""

from __future__ import annotations

from tests.web.asking import Client


async def test_a_page_is_in_the_language_that_the_browser_asks_for(browser: Client) -> None:
    german = await browser.ask("/bills", headers={"Accept-Language": "de-DE,en;q=0.5"})
    assert '<html lang="de"' in german.body.decode()
    assert "<h1>Abrechnungen</h1>" in german.body.decode()
    assert "<h1>Bills</h1>" in (await browser.ask("/bills")).body.decode()


async def test_what_is_chosen_by_hand_stays_chosen(browser: Client) -> None:
    answer = await browser.ask("/bills?lang=de", headers={"Accept-Language": "en"})
    assert "<h1>Abrechnungen</h1>" in answer.body.decode()
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("lang=de;")
    assert "HttpOnly" in cookie
    kept = await browser.ask("/meters/mian", headers={"Cookie": "lang=de", "Accept": "text/html"})
    assert kept.status == 404
    assert "Zur Übersicht" in kept.body.decode()
    foreign = await browser.ask("/bills", headers={"Cookie": "lang=xx"})
    assert "<h1>Bills</h1>" in foreign.body.decode()


async def test_there_is_no_other_language(browser: Client) -> None:
    answer = await browser.ask("/bills?lang=fr", headers={"Accept": "text/html"})
    assert answer.status == 400
    assert "there is en, de" in answer.body.decode()


async def test_the_address_of_the_other_language_keeps_the_rest(browser: Client) -> None:
    page = (await browser.ask("/meters/main?range=year")).body.decode()
    assert 'href="?range=year&amp;lang=de" lang="de"' in page


async def test_a_spreadsheet_is_english_whoever_asks(browser: Client) -> None:
    english = await browser.ask("/meters?csv=meters")
    german = await browser.ask("/meters?csv=meters", headers={"Accept-Language": "de"})
    assert german.body == english.body
