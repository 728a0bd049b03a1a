"""POWERMETER objects over HTTP: made and read, on a real daemon and store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.daemon.house import NOON_MS
from tests.web.living import EXAMPLE, LIST, MAIN, Living, living, names

from meterd import shapes


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Living]:
    async with living(tmp_path) as site:
        yield site


async def test_the_seeds_example_makes_a_meter(here: Living) -> None:
    answer = await here.ask("POST", "/v1/objects", EXAMPLE)
    assert answer.status == 201
    row = answer.json
    assert answer.headers["Location"] == f"/v1/objects/{row['id']}"
    assert [len(part) for part in row["id"].split("-")] == [10, 8, 8]
    assert {key: row[key] for key in ("entity", "level", "name", "displayName", "origin")} == {
        "entity": "POWERMETER", "level": 277, "name": "Example", "displayName": "Example",
        "origin": "api",
    }  # fmt: skip
    assert row["meterPoint"] == {"id": 1, "label": "Utility Entrance"}
    assert row["status"] == {"id": 1, "label": "Active"}
    assert (row["currentKw"], row["kwhLifetime"], row["currency"]) == (None, None, "EUR")
    again = await here.ask("GET", answer.headers["Location"])
    assert (again.status, again.json) == (200, row)
    assert again.headers["ETag"] == answer.headers["ETag"]
    assert (await here.ask("GET", LIST)).json[1] == row
    assert await names(here) == ["main", "Example"]
    (event,) = here.events("meter_created")
    assert (event.meter, event.numbers) == ("Example", {"object": row["id"], "actor": "anna"})


async def test_every_field_that_can_be_written_comes_back(here: Living) -> None:
    written = {
        "displayName": "Roof", "meterPoint": 12, "status": "Planned", "description": "one\ntwo",
        "building": "b", "floor": "3", "room": "301", "panelBoardRef": "DB-1", "feedPath": 2,
        "manufacturer": "ABB", "model": "B23", "serialNumber": 815, "meterType": 1,
        "accuracyClass": "0.5S", "ctRatio": "400:5", "ptRatio": "20000:110", "protocol": 8,
        "ipAddress": "10.0.0.7", "costPerKwh": 0, "currency": "USD", "ratedCapacityKw": 22.5,
        "ratedCapacityAmps": 32, "warningThresholdPercent": 80, "criticalThresholdPercent": 95,
        "voltageHighThreshold": 253, "voltageLowThreshold": 0, "powerFactorMinThreshold": 0.9,
        "phaseImbalanceMaxPercent": 10, "installDate": "2026-01-31",
        "lastCalibrationDate": "2025-06-01", "nextCalibrationDate": "2027-06-01",
        "calibrationIntervalMonths": 24, "calibrationCertificate": "C-1",
        "lastVerificationDate": "2025-07-01", "verificationResult": "pass", "notes": "ä 😀",
        "tenant": "ACME", "tier": "Silver",
    }  # fmt: skip
    row = (await here.ask("GET", await here.made(**written))).json
    labels = {
        "meterPoint": "Mechanical / Cooling Load", "status": "Planned",
        "feedPath": "B Feed (UPS/Generator)", "meterType": "Revenue Grade",
        "accuracyClass": "Class 0.5S", "protocol": "Manual Read", "verificationResult": "Pass",
        "tier": "Silver",
    }  # fmt: skip
    assert {key: row[key]["label"] for key in labels} == labels
    plain = written.keys() - labels.keys()
    assert {key: row[key] for key in plain} == {key: written[key] for key in plain}
    fields = {field["code"] for field in (await here.ask("GET", DEFINITION)).json["fields"]}
    readonly = {field.code for field in here.daemon.site.fields if field.readonly}
    assert fields - readonly == written.keys() | {"name"}, "none is forgotten above"


DEFINITION = "/v1/objects/POWERMETER?entity=DEFINITION"


async def test_what_it_needs_to_be_read_is_written_as_in_the_file(here: Living) -> None:
    points = {"energy_import": {"unit": "kWh", "modulus": 42949672.96}}
    own = {"connection": "api", "every": "5s", "parent": "main", "points": points,
           "demand": {"window": "15m"}}  # fmt: skip
    row = (await here.ask("GET", await here.made(**own))).json
    assert {key: row[key] for key in own} == own
    assert row["protocol"] == {"id": 7, "label": "API / REST"}
    (spec,) = (spec for spec in here.daemon.site.meters if spec.name == "Example")
    assert spec.registers[0].modulus == 4294967296 * 36000


async def test_a_meter_is_read_from_the_moment_it_is_made(here: Living) -> None:
    address = await here.made(connection="api")
    await here.read("Example", 0, 10)
    await here.read("Example", 60, 11)
    row = (await here.ask("GET", address)).json
    assert (row["kwhLifetime"], row["lastReadingTime"]) == (11, "2026-01-01T12:01:00Z")
    assert (await here.ask("GET", "/v1/meters/Example")).json["kwhLifetime"] == 11


async def test_the_files_meters_are_objects_too(here: Living) -> None:
    row = (await here.ask("GET", MAIN)).json
    assert (row["name"], row["origin"], row["tenant"]) == ("main", "file", "ACME")
    assert "rack" not in row
    plain = MAIN.replace("-", "").lower()
    assert (await here.ask("GET", f"{plain}?entity=POWERMETER")).json == row


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/v1/objects/main", 404, "ids look like"),
        ("/v1/objects/01JAP8RJBN-8ZTPXSGY-J9GSDPE1", 404, "There is no object"),
        ("/v1/objects/POWERMETER", 404, "?entity=DEFINITION"),
        ("/v1/objects/BUILDING?entity=DEFINITION", 404, "POWERMETER"),
        (f"{MAIN}?entity=ROOM", 422, "entity"),
        (f"{MAIN}?colour=red", 400, "colour"),
        ("/v1/objects/..%2F..%2Fetc%2Fpasswd", 404, ""),
    ],
)
async def test_what_is_no_object(path: str, status: int, told: str, here: Living) -> None:
    answer = await here.ask("GET", path)
    assert (answer.status, told in answer.json["detail"]) == (status, True)


async def test_the_definition_is_the_sites_own(here: Living) -> None:
    shown = (await here.ask("GET", DEFINITION)).json
    assert shown == shapes.definition(here.daemon.site.fields)
    codes = [field["code"] for field in shown["fields"]]
    assert {"displayName", "tenant", "tier"} <= set(codes)
    assert not {"rack", "meterName"} & set(codes)


async def test_events_are_of_their_time(here: Living) -> None:
    await here.made()
    (event,) = here.events("meter_created")
    assert event.at_ms >= NOON_MS
    (row,) = here.store.reader().objects()
    assert (row.created_ms, row.created_by) == (event.at_ms, "anna")
