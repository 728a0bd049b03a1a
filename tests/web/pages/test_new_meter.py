"""A meter by a form: what it reads is looked at before it is kept."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.web.living import SITE, Living, living
from tests.web.pages.test_login import Browser
from tests.web.visitors import visited, with_users

from meterd.sim.modbus_server import ModbusServer, Unit

KWH = dict(enumerate(struct.unpack(">2H", struct.pack(">f", 1234.5)), 0x48))
"""As an SDM630 has its import."""
FORM = {
    "name": "shop", "meterName": "The shop", "meterPoint": "7", "connection": "hall",
    "profile": "eastron/sdm630", "every": "1h", "parent": "main",
}  # fmt: skip


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Living]:
    server = ModbusServer({7: Unit(input=KWH)})
    hall = {"protocol": "modbus_tcp", "host": "127.0.0.1", "port": await server.start()}
    config: dict[str, Any] = {**SITE, "connections": {**SITE["connections"], "hall": hall}}
    async with living(tmp_path, config) as site:
        await with_users(site, wanda=9)
        yield site
    await server.stop()


@pytest.fixture
async def browser(here: Living, tmp_path: Path) -> AsyncIterator[Browser]:
    async with visited(here, tmp_path) as client:
        one = Browser(client)
        await one.come_in("wanda")
        await one.look("/add/meter")
        yield one


async def test_what_it_reads_is_shown_before_it_is_kept(here: Living, browser: Browser) -> None:
    answer = await browser.send("/add/meter", csrf=browser.csrf, address="7", do="look", **FORM)
    page = answer.body.decode()
    assert answer.status == 200
    assert "1,234.5 kWh" in page
    assert "name: &#34;shop&#34;" in page
    assert "address: 7" in page
    assert (await browser.ask("GET", "/v1/meters/shop")).status == 404
    told = await browser.send("/add/meter", csrf=browser.csrf, address="7", do="save", **FORM)
    assert (told.status, told.headers["Location"]) == (303, "/meters/shop?done=meter")
    assert "The shop" in await browser.look("/meters/shop?done=meter")
    assert here.events("meter_created")


async def test_a_device_that_does_not_answer_is_told_with_the_form(browser: Browser) -> None:
    answer = await browser.send("/add/meter", csrf=browser.csrf, address="8", do="look", **FORM)
    assert answer.status == 200
    assert b"It could not be read:" in answer.body
    pushed = FORM | {"connection": "api", "profile": ""}
    answer = await browser.send("/add/meter", csrf=browser.csrf, do="look", **pushed)
    assert b"on no connection that can be read now" in answer.body


@pytest.mark.parametrize(
    "wrong", [{"profile": "eastron/sdm63O"}, {"meterPoint": "x"}, {"name": "no name"}]
)
async def test_what_is_wrong_is_told_by_its_field(browser: Browser, wrong: dict[str, str]) -> None:
    answer = await browser.send("/add/meter", csrf=browser.csrf, do="look", **FORM | wrong)
    assert answer.status == 422
    assert next(iter(wrong)) in answer.body.decode()
