"""Forms of a meter's page: readings, replacements, orders about records."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.web.living import SITE, Living, living
from tests.web.pages.test_login import Browser
from tests.web.visitors import visited, with_users

CONFIG: dict[str, Any] = {
    **SITE,
    "connections": {**SITE["connections"], "clip": {"protocol": "manual"}},
    "meters": [
        *SITE["meters"],
        {"name": "water", "connection": "clip",
         "points": {"volume": {"unit": "m3", "max_per_hour": 100}}},
        {"name": "later", "status": "planned", "connection": "clip", "points": {"volume": {}}},
    ],
    "meter_types": {"water": {"usage_unit": "m3", "cost_unit": "EUR", "cost_per_unit": "1"}},
    "records": [{"name": "Water run", "equipment": "e", "meter_type": "water",
                 "usage": "water.volume", "cost_source": "from_meter_type"}],
}  # fmt: skip


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Living]:
    async with living(tmp_path, CONFIG) as site:
        await with_users(site, vera=5, otto=8)
        yield site


@pytest.fixture
async def browser(here: Living, tmp_path: Path) -> AsyncIterator[Browser]:
    async with visited(here, tmp_path) as client:
        one = Browser(client)
        await one.come_in("otto")
        await one.look("/meters/water")
        yield one


async def sent(browser: Browser, what: str, **fields: str) -> Any:
    """A form of the meter's page."""
    return await browser.send(f"/meters/water/{what}", csrf=browser.csrf, **fields)


async def test_a_reading_is_entered_and_the_form_tells_where_the_register_stands(
    here: Living, browser: Browser
) -> None:
    answer = await sent(browser, "reading", volume="12,5", time="2026-01-01T11:00")
    assert (answer.status, answer.headers["Location"]) == (303, "/meters/water?done=taken")
    page = await browser.look("/meters/water?done=taken")
    assert "The reading is taken." in page
    assert "It stands at 12.5 m³ now." in page
    assert [one.meter for one in here.events("reading_entered")] == ["water"]
    again = await sent(browser, "reading", volume="12.5", time="2026-01-01T11:00")
    assert again.headers["Location"] == "/meters/water?done=duplicate"
    late = await sent(browser, "reading", volume="11", time="2026-01-01T10:00")
    assert late.headers["Location"] == "/meters/water?done=late"


async def test_a_replaced_device_is_noted(here: Living, browser: Browser) -> None:
    await sent(browser, "reading", volume="12.5", time="2026-01-01T11:00")
    told = await sent(
        browser, "replace", quantity="volume", old_final="13", new_initial="0", serial="W-2"
    )
    assert told.headers["Location"] == "/meters/water?done=replaced"
    assert here.events("meter_replaced")


async def test_an_order_about_a_record_is_given(here: Living, browser: Browser) -> None:
    assert "Water run" in await browser.look("/meters/water")
    await sent(browser, "reading", volume="12.5", time="2026-01-01T11:00")
    told = await sent(browser, "order", record="Water run", order="pause")
    assert told.headers["Location"] == "/meters/water?done=ordered"
    assert (await sent(browser, "order", record="Water run", order="stop")).status == 404


async def test_an_alarm_is_acknowledged_once(here: Living, browser: Browser) -> None:
    water = {**CONFIG["meters"][-2], "next_calibration_date": "2020-01-01"}
    here.write({**CONFIG, "meters": [*CONFIG["meters"][:-2], water, CONFIG["meters"][-1]]})
    await here.daemon.reload()
    await sent(browser, "reading", volume="12.5", time="2026-01-01T11:00")
    assert "Acknowledge</button>" in await browser.look("/meters/water")
    told = await sent(browser, "acknowledge", note="on it")
    assert told.headers["Location"] == "/meters/water?done=acknowledged"
    page = await browser.look("/meters/water?done=acknowledged")
    assert "The alarms are acknowledged" in page
    assert "user otto, 2026-01-01" in page
    assert "Acknowledge</button>" not in page


WRONG = {
    "nothing was read": ("reading", {}, 422),
    "no time": ("reading", {"volume": "1", "time": "soon"}, 422),
    "no number": ("reading", {"volume": "much"}, 422),
    "no register": ("replace", {"quantity": "energy"}, 422),
}


@pytest.mark.parametrize(("what", "fields", "status"), WRONG.values(), ids=WRONG)
async def test_what_is_wrong_is_told(
    browser: Browser, what: str, fields: dict[str, str], status: int
) -> None:
    assert (await sent(browser, what, **fields)).status == status


async def test_a_meter_that_is_not_there_or_not_followed_takes_nothing(browser: Browser) -> None:
    word = {"csrf": browser.csrf}
    for what in ("reading", "replace", "order", "acknowledge"):
        assert (await browser.send(f"/meters/nobody/{what}", **word)).status == 404
    assert "Enter a reading" not in await browser.look("/meters/later")


async def test_who_gives_no_orders_sees_no_form(here: Living, tmp_path: Path) -> None:
    async with visited(here, tmp_path) as client:
        vera = Browser(client)
        await vera.come_in("vera")
        assert "Enter a reading" not in await vera.look("/meters/water")
