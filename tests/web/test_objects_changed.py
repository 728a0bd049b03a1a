"""POWERMETER objects over HTTP: changed and ended, on a real daemon and store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.web.living import EXAMPLE, MAIN, Living, living, names


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Living]:
    async with living(tmp_path) as site:
        yield site


async def test_only_what_is_sent_is_changed(here: Living) -> None:
    address = await here.made(connection="api", notes="old", ratedCapacityKw=22.5, tier=1)
    before = (await here.ask("GET", address)).json
    answer = await here.ask("PATCH", address, {"notes": "new", "tier": "Silver", "every": "1m"})
    assert answer.status == 200
    changed = {"notes": "new", "tier": {"id": 2, "label": "Silver"}, "every": "1m"}
    assert answer.json == before | changed
    assert (await here.ask("GET", address)).json == answer.json
    (event,) = here.events("meter_changed")
    assert event.numbers["changes"] == {
        "notes": ["old", "new"], "every": [None, "1m"],
        "custom": [{"tier": "Gold"}, {"tier": "Silver"}],
    }  # fmt: skip
    assert (event.meter, event.numbers["actor"]) == ("Example", "anna")
    (row,) = here.store.reader().objects()
    assert (row.created_by, row.modified_by, row.modified_ms is not None) == ("anna", "anna", True)


async def test_null_takes_a_value_away(here: Living) -> None:
    address = await here.made(notes="old", tenant="ACME", connection="api")
    row = (
        await here.ask("PATCH", address, {"notes": None, "tenant": None, "connection": None})
    ).json
    assert (row["notes"], row["tenant"], row["protocol"]) == (None, None, None)
    assert "connection" not in row
    assert (await here.ask("PATCH", address, {"status": None})).json["errors"] == [
        {"field": "status", "detail": "is required"}
    ]


async def test_a_change_to_what_is_already_so_is_none(here: Living) -> None:
    address = await here.made(notes="old")
    for body in ({}, {"notes": "old"}, {"name": "Example", "level": 277, "entity": "POWERMETER"}):
        assert (await here.ask("PATCH", address, body)).status == 200
    assert here.events("meter_changed") == []


PATCHES: dict[str, tuple[dict[str, Any], str]] = {
    "its name": ({"name": "Other"}, "name"),
    "a reading": ({"voltage": 230}, "voltage"),
    "a consumption": ({"costThisYear": 0}, "costThisYear"),
    "a field that is not there": ({"colour": "red"}, "colour"),
    "a wrong type": ({"notes": 5}, "notes"),
    "a wrong id": ({"status": 6}, "status"),
    "a wrong place": ({"building": "c"}, "building"),
    "a wrong connection": ({"connection": "hell"}, "connection"),
    "another id": ({"id": "01JAP8RJBN-8ZTPXSGY-J9GSDPE1"}, "id"),
}


@pytest.mark.parametrize(("body", "field"), PATCHES.values(), ids=PATCHES)
async def test_a_change_that_is_wrong_changes_nothing(
    body: dict[str, Any], field: str, here: Living
) -> None:
    address = await here.made(notes="old")
    before = (await here.ask("GET", address)).json
    answer = await here.ask("PATCH", address, {"notes": "new"} | body)
    assert answer.status == 422
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert (await here.ask("GET", address)).json == before
    assert here.events("meter_changed") == []


async def test_what_the_file_has_is_read_only(here: Living) -> None:
    for method, body in (("PATCH", {"notes": "x"}), ("DELETE", None)):
        answer = await here.ask(method, MAIN, body)
        assert answer.status == 409
        assert "configuration file" in answer.json["detail"]
    assert (await here.ask("GET", MAIN)).status == 200


async def test_a_change_may_be_for_the_object_as_it_was_read(here: Living) -> None:
    address = await here.made(notes="one", connection="api")
    tag = (await here.ask("GET", address)).headers["ETag"]
    await here.read("Example")
    assert (await here.ask("GET", address)).headers["ETag"] == tag, "readings change nothing of it"
    headers = {"If-Match": f'"other", {tag}'}
    changed = await here.ask("PATCH", address, {"notes": "two"}, **headers)
    assert (changed.status, changed.headers["ETag"] == tag) == (200, False)
    for method in ("PATCH", "DELETE"):
        answer = await here.ask(method, address, {"notes": "three"}, **headers)
        assert answer.status == 412
    assert (await here.ask("GET", address)).json["notes"] == "two"
    anyway = await here.ask("PATCH", address, {"notes": "four"}, **{"If-Match": "*"})
    assert anyway.status == 200


async def test_a_change_takes_effect_at_once(here: Living) -> None:
    address = await here.made(connection="api")
    await here.read("Example", 0, 10)
    await here.ask("PATCH", address, {"status": "Decommissioned"})
    await here.read("Example", 60, 20)
    row = (await here.ask("GET", address)).json
    assert (row["status"]["label"], row["kwhLifetime"]) == ("Decommissioned", 10)


# -- ended --------------------------------------------------------------------------------


async def test_a_meter_without_a_history_goes(here: Living) -> None:
    address = await here.made()
    answer = await here.ask("DELETE", address)
    assert (answer.status, answer.body) == (204, b"")
    assert (await here.ask("GET", address)).status == 404
    assert (await here.ask("DELETE", address)).status == 404
    assert await names(here) == ["main"]
    assert here.store.reader().objects() == []
    (event,) = here.events("meter_deleted")
    assert (event.meter, event.numbers["actor"]) == ("Example", "anna")
    assert event.numbers["body"]["meter_name"] == "Example"
    assert await here.made() == address, "it may come again, and is the same one"


async def test_a_meter_with_a_history_is_decommissioned_and_keeps_it(here: Living) -> None:
    address = await here.made(connection="api")
    await here.read("Example", 0, 10)
    await here.read("Example", 600, 11)
    for _ in range(2):
        answer = await here.ask("DELETE", address)
        assert (answer.status, answer.json["status"]["label"]) == (200, "Decommissioned")
    assert len(here.events("meter_decommissioned")) == 1
    assert (await here.ask("GET", address)).json["kwhLifetime"] == 11
    rows = (await here.ask("GET", "/v1/meters/Example/intervals")).json
    assert sum(float(row["amount"]) for row in rows) == 1
    assert (await here.ask("POST", "/v1/objects", EXAMPLE)).status == 409


async def test_a_history_is_remembered_when_the_meter_has_not_been_read_since_the_start(
    tmp_path: Path,
) -> None:
    path = tmp_path / "meterd.db"
    async with living(tmp_path, path=path) as here:
        address = await here.made(connection="api")
        await here.read("Example")
    async with living(tmp_path, path=path) as later:
        assert (await later.ask("DELETE", address)).status == 200


async def test_a_meter_that_others_are_below_stays(here: Living) -> None:
    plant = await here.made(name="plant")
    await here.made(name="solar", parent="plant")
    answer = await here.ask("DELETE", plant)
    assert (answer.status, "solar" in answer.json["detail"]) == (409, True)
    assert await names(here) == ["main", "plant", "solar"]
