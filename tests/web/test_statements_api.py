"""Statements over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.web.asking import Client
from tests.web.engine import Engine
from tests.web.house import over_tcp

from meterd.shapes.statement.formats import FORMATS

STATEMENT = "/v1/bills/tenant-a/statement"


@pytest.mark.parametrize(
    ("query", "status", "hint"),
    [
        ("format=doc", 400, "there is text, html, json, csv, greenbutton, pdf"),
        ("period=1999-01", 404, "they began on 2025-12-01, 2026-01-01"),
        ("page=1", 400, "known here: format, period"),
    ],
)
async def test_what_is_not_there_is_said(
    browser: Client, query: str, status: int, hint: str
) -> None:
    answer = await browser.ask(f"{STATEMENT}?{query}")
    assert (answer.status, hint in answer.json["detail"]) == (status, True), answer.json


async def test_there_is_no_such_bill(browser: Client) -> None:
    assert (await browser.ask("/v1/bills/tenant-b/statement")).status == 404


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    """A bill of ten minutes."""
    engine = Engine(tmp_path)
    engine.read("main", 10, energy_import=510, volume=0)
    engine.bills = {"tenant-a": engine.pipeline.bill_view("tenant-a")}
    async with over_tcp(engine) as browser:
        yield browser
    engine.store.close()


@pytest.mark.parametrize("name", FORMATS)
async def test_every_format_is_answered_as_what_it_is(client: Client, name: str) -> None:
    answer = await client.ask(f"{STATEMENT}?format={name}&period=2026-01")
    assert answer.status == 200, answer.body
    kind = FORMATS[name]
    assert answer.headers["Content-Type"].split(";")[0] == kind.content_type
    assert f'filename="tenant-a.{kind.suffix}"' in answer.headers["Content-Disposition"]


async def test_a_page_may_bring_its_style_and_nothing_else(client: Client) -> None:
    answer = await client.ask(f"{STATEMENT}?format=html")
    assert b"PROVISIONAL" in answer.body
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'unsafe-inline'" in policy
    assert "script-src" not in policy
    assert answer.headers["Content-Disposition"].startswith("inline")


async def test_json_has_the_readings_of_the_meter(client: Client) -> None:
    st = (await client.ask(STATEMENT)).json
    (main,) = st["sources"]
    assert (main["energy_kwh"], main["start"]["lifetime_kwh"]) == ("10", "500")
    assert main["end"]["dial_kwh"] == "510"
