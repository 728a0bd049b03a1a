"""What is no POWERMETER object: every mistake is named, and nothing is changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.web.living import EXAMPLE, Living, living, names


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Living]:
    async with living(tmp_path) as site:
        yield site


WRONG: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing that is required": (
        {"name": None, "meterPoint": None, "status": None}, ["meterPoint", "name", "status"]
    ),
    "a field that is not there": ({"colour": "red"}, ["colour"]),
    "a field by the name it had": ({"meterName": "x"}, ["meterName"]),
    "a field that was removed": ({"rack": "r12"}, ["rack"]),
    "a key of the file": ({"meter_name": "x"}, ["meter_name"]),
    "a reading": ({"currentKw": 1}, ["currentKw"]),
    "a reading that is null": ({"currentKw": None}, ["currentKw"]),
    "a consumption": ({"kwhLifetime": 1, "peakDemandDate": "2026-01-01"},
                      ["kwhLifetime", "peakDemandDate"]),
    "a text for a number": ({"ratedCapacityKw": "22"}, ["ratedCapacityKw"]),
    "a number for a text": ({"model": 22}, ["model"]),
    "a flag for a number": ({"ratedCapacityKw": True}, ["ratedCapacityKw"]),
    "a list for a text": ({"model": []}, ["model"]),
    "an id that is none": ({"meterPoint": 15}, ["meterPoint"]),
    "a label that is none": ({"status": "Sleeping"}, ["status"]),
    "an option of ours that is none": ({"tier": 3}, ["tier"]),
    "a date that is none": ({"installDate": "2026-02-30"}, ["installDate"]),
    "a number out of range": ({"warningThresholdPercent": 201}, ["warningThresholdPercent"]),
    "a ratio that is none": ({"ctRatio": "400/5"}, ["ctRatio"]),
    "a currency that is none": ({"currency": "euro"}, ["currency"]),
    "a text where it is a number here": ({"serialNumber": "0815"}, ["serialNumber"]),
    "a place that is not listed": ({"building": "c"}, ["building"]),
    "a connection that is not there": ({"connection": "hell"}, ["connection"]),
    "an address that is none": ({"connection": "hall", "address": 300, "profile": "abb/b23"},
                                ["address"]),
    "a parent that is not there": ({"parent": "mian"}, ["parent"]),
    "itself as its parent": ({"parent": "Example"}, ["parent"]),
    "a point with a mistake": ({"points": {"energy_import": {"unit": "parsec"}}},
                               ["points.energy_import.unit"]),
    "a protocol that its connection has not": ({"connection": "api", "protocol": 1}, ["protocol"]),
    "a name with a slash": ({"name": "a/b"}, ["name"]),
    "a name with a wildcard": ({"name": "#"}, ["name"]),
    "a name that climbs": ({"name": "../a"}, ["name"]),
    "a name that is too long": ({"name": "x" * 65}, ["name"]),
    "a name that is a number": ({"name": 5}, ["name"]),
    "a control character": ({"notes": "a\x00b"}, ["notes"]),
    "a control character in a key of ours": ({"connection": "a\x1bb"}, ["connection"]),
    "another level": ({"level": 5}, ["level"]),
    "a key that is a number": ({"comboKey": 5}, ["comboKey"]),
    "another entity": ({"entity": "BUILDING"}, ["entity"]),
    "many at once": ({"model": 5, "colour": 1, "tier": 9}, ["colour", "model", "tier"]),
    "a pit without a bottom": ({"points": [[[[[[[[[1]]]]]]]]]}, ["points"]),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "wrong"), WRONG.values(), ids=WRONG)
async def test_what_is_wrong_is_named(
    fields: dict[str, Any], wrong: list[str], here: Living
) -> None:
    answer = await here.ask("POST", "/v1/objects", EXAMPLE | fields)
    assert (answer.status, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert sorted(error["field"] for error in answer.json["errors"]) == wrong
    for field in wrong:
        assert field in answer.json["detail"]
    assert await names(here) == ["main"]
    assert here.store.reader().objects() == []
    assert here.events("meter_created") == []


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"meterPoint": 15}, "1 (Utility Entrance), 2 (Main Switchgear)"),
        ({"currentKw": 1}, "currentKw is read-only"),
        ({"ratedCapacitykW": 5}, "Did you mean 'ratedCapacityKw'?"),
        ({"meterPoint": None}, "meterPoint is required"),
        ({"connection": "hal"}, 'Did you mean "hall"?'),
    ],
)
async def test_what_to_do_is_told(fields: dict[str, Any], told: str, here: Living) -> None:
    assert told in (await here.ask("POST", "/v1/objects", EXAMPLE | fields)).json["detail"]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'"name"', 400),
        (b"\xff", 400),
        (b"[" * 60_000, 400),
        (b'{"name":' * 5_000, 400),
        (b'{"name": 1' + b"0" * 10_000 + b"}", 400),
        (b'{"name": 1e999999999}', 422),
        (b'{"ratedCapacityKw": 1e999999999, "name": "x"}', 422),
        (b'{"ratedCapacityKw": 1' + b"0" * 300 + b"}", 422),
    ],
)
async def test_a_body_that_is_none(data: bytes, status: int, here: Living) -> None:
    for method, path in (("POST", "/v1/objects"), ("PATCH", await here.made())):
        answer = await here.client.ask(path, method, data=data)
        assert answer.status == status, answer.body


@pytest.mark.parametrize("name", ["main", "Example"])
async def test_a_name_is_given_once(name: str, here: Living) -> None:
    await here.made()
    answer = await here.ask("POST", "/v1/objects", EXAMPLE | {"name": name})
    assert (answer.status, name in answer.json["detail"]) == (409, True)
    assert await names(here) == ["main", "Example"]
    assert len(here.events("meter_created")) == 1


async def test_references_to_the_hosts_files_are_text(here: Living) -> None:
    text = "${file:/etc/hostname} ${env:HOME}"
    row = (await here.ask("GET", await here.made(notes=text, tenant=text))).json
    assert (row["notes"], row["tenant"]) == (text, text)
