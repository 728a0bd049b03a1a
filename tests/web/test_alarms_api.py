"""Alarms over HTTP, and whoever has seen them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.web.living import SITE, Living, living

OVERDUE = {**SITE["meters"][0], "next_calibration_date": "2020-01-01"}
PATH = "/v1/meters/main/acknowledge"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Living]:
    """main, whose calibration is due."""
    async with living(tmp_path, {**SITE, "meters": [OVERDUE]}) as site:
        await site.read("main")
        await site.read("main", 300)
        yield site


async def test_an_alarm_says_who_has_seen_it(here: Living) -> None:
    (before,) = (await here.ask("GET", "/v1/alarms")).json
    assert (before["alarm"], before["acknowledged"], before["acknowledged_by"]) == (
        "calibration_due", None, None,
    )  # fmt: skip
    told = (await here.ask("POST", PATH, {"alarm": "calibration_due", "note": "on it"})).json
    assert (told["meter"], told["actor"]) == ("main", "anna")
    assert [(one["alarm"], one["severity"]) for one in told["alarms"]] == [
        ("calibration_due", "warning")
    ]
    (after,) = (await here.ask("GET", "/v1/alarms?meter=main")).json
    assert (after["acknowledged"], after["acknowledged_by"]) == (told["time"], "anna")
    (event,) = here.events("alarm_acknowledged")
    assert (event.meter, event.numbers["actor"], event.numbers["note"]) == ("main", "anna", "on it")
    assert (await here.ask("POST", PATH)).json["alarms"] == []


async def test_what_does_not_stand_is_refused_and_told(here: Living) -> None:
    answer = await here.ask("POST", PATH, {"alarm": "load"})
    assert (answer.status, answer.json["detail"]) == (409, "main: no alarm 'load' stands.")
    assert len(here.events("acknowledgement_refused")) == 1
    assert (await here.ask("POST", "/v1/meters/mian/acknowledge")).status == 404
    assert (await here.ask("POST", PATH, {"alrm": "load"})).status == 422
