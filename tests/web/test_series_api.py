"""Graphs over HTTP."""

from __future__ import annotations

import pytest
from tests.web.asking import Client

from meterd.shapes.series.views import VIEWS

SERIES = "/v1/bills/tenant-a/series"


@pytest.mark.parametrize("view", VIEWS)
async def test_every_view_is_answered(browser: Client, view: str) -> None:
    answer = await browser.ask(f"{SERIES}?view={view}")
    assert answer.status == 200, answer.body
    assert answer.json["view"] == view


async def test_without_a_word_it_is_the_billing_view(browser: Client) -> None:
    assert (await browser.ask(SERIES)).json == (await browser.ask(f"{SERIES}?view=billing")).json


@pytest.mark.parametrize(
    ("query", "status", "hint"),
    [
        ("view=weekly", 400, "24h, month, previous, billing, cumulative, hourly"),
        ("view=24h&period=2026-01", 400, "is of no one period"),
        ("view=billing&period=1999-01", 404, "they began on"),
        ("see=billing", 400, "known here: view, period"),
    ],
)
async def test_what_is_not_there_is_said(
    browser: Client, query: str, status: int, hint: str
) -> None:
    answer = await browser.ask(f"{SERIES}?{query}")
    assert (answer.status, hint in answer.json["detail"]) == (status, True), answer.json


async def test_there_is_no_such_bill(browser: Client) -> None:
    answer = await browser.ask("/v1/bills/tenant-b/series?view=24h")
    assert (answer.status, answer.json["detail"]) == (
        404, "There is no bill 'tenant-b'. Did you mean 'tenant-a'?",
    )  # fmt: skip
