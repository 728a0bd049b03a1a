"""Reading a tenant's definition and list, again and again, whatever they look like."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs
from tests.sinks.demandflow_world import (
    HOUR_MS,
    MINUTE_MS,
    at_work,
    meter,
    read,
    sentences,
)
from tests.sinks.tenant import SUB, TOKEN, Tenant, error, field, with_objects

BAD_LISTS = {
    "no JSON": "[{",
    "no objects": '["main"]',
    "broken off": '{"id":"1","name":"main"}\n{"_type":"error","message":"throttled"}',
}


@pytest.mark.parametrize("text", BAD_LISTS.values(), ids=BAD_LISTS.keys())
async def test_half_a_list_creates_nothing(text: str) -> None:
    tenant = Tenant()
    tenant.listing = web.Response(text=text)
    with capture_logs() as logs:
        async with at_work(tenant, meter("main"), create=True, sub_id=SUB) as world:
            await world.passes(MINUTE_MS)
            tenant.listing = web.Response(text=text)
            await world.passes(5 * MINUTE_MS)
            assert world.sink.trouble.startswith("the list: ")
            assert tenant.asks("POST") == []
            tenant.listing = None
            await world.passes(5 * MINUTE_MS)
            assert len(tenant.objects) == 1
    assert sentences(logs)[0] == "DemandFlow is not kept up to date."
    assert sentences(logs).count("DemandFlow is not kept up to date.") == 1


async def test_a_list_that_breaks_off_with_our_token_shows_it_to_nobody() -> None:
    tenant = Tenant()
    tenant.listing = web.Response(text=json.dumps({"_type": "error", "message": f"bad {TOKEN}"}))
    with capture_logs() as logs:
        async with at_work(tenant, meter("main")) as world:
            assert world.sink.trouble == "the list: it broke off: bad ***"
    assert TOKEN not in str(logs)


@pytest.mark.parametrize("status", [400, 404, 500])
async def test_a_list_that_is_refused(status: int) -> None:
    tenant = Tenant()
    tenant.listing = error(status, "no such thing")
    async with at_work(tenant, meter("main")) as world:
        assert f"{status}: E{status}: no such thing" in world.sink.trouble
        assert world.sink._line.hold_ms == 1000


async def test_a_definition_that_is_no_json() -> None:
    tenant = Tenant()
    tenant.definition = web.Response(text="<html>")
    async with at_work(tenant, meter("main")) as world:
        assert world.sink.trouble.startswith("the definition: it is no JSON")


async def test_while_nothing_can_be_read_again_what_is_known_is_written_on() -> None:
    tenant = with_objects("main")
    async with at_work(tenant, meter("main")) as world:
        tenant.listing = error(400, "maintenance")
        await world.passes(HOUR_MS)
        assert "maintenance" in world.sink.trouble
        world.tell(read("main", currentKw=1.0))
        await world.passes(1000)
        assert tenant.named("main")["currentKw"] == 1.0
        tenant.listing = None
        await world.passes(2 * MINUTE_MS)
        assert not world.sink.trouble


async def test_what_somebody_changed_there_is_mended_within_the_hour() -> None:
    tenant = with_objects("main")
    async with at_work(tenant, meter("main")) as world:
        world.tell(read("main", currentKw=1.0))
        await world.quiet()
        tenant.named("main")["currentKw"] = 77.0
        await world.passes(HOUR_MS)
        world.tell(read("main", currentKw=1.0))
        await world.passes(1000)
        assert tenant.named("main")["currentKw"] == 1.0


async def test_a_field_of_a_new_type_fits_once_it_is_mended() -> None:
    tenant = with_objects("main")
    tenant.fields = [
        *(at for at in tenant.fields if at["id"] not in {"lastReadingTime", "voltage"}),
        field("lastReadingTime", "timestamp"),
        field("voltage", "sparkline"),
    ]
    async with at_work(tenant, meter("main")) as world:
        world.tell(read("main", currentKw=1.0, voltage=230.0))
        await world.quiet()
        assert tenant.asks("PATCH") == [{"currentKw": 1.0, "lastReadingTime": 1_767_268_800_000}]
        tenant.fields = [at for at in tenant.fields if at["id"] != "voltage"]
        tenant.fields.append(field("voltage", "number"))
        await world.passes(HOUR_MS)
        world.tell(read("main", currentKw=1.0, voltage=230.0))
        await world.passes(1000)
        assert tenant.named("main")["voltage"] == 230.0


async def test_a_row_without_an_id_or_a_name_is_nobodys() -> None:
    tenant = Tenant()
    odd = [{"name": "main"}, {"id": 7, "name": "main"}, {"id": "a"}, {"id": "b", "name": ["main"]}]
    tenant.listing = web.json_response([*odd, {"id": "0bj-1", "name": "main"}])
    tenant.add("main")
    async with at_work(tenant, meter("main")) as world:
        world.tell(read("main", currentKw=1.0))
        await world.quiet()
        assert tenant.named("main")["currentKw"] == 1.0


async def test_a_renamed_a_removed_and_a_retyped_field() -> None:
    tenant = Tenant()
    kept = [at for at in tenant.fields if at["id"] not in {"currentKw", "voltage", "frequency"}]
    tenant.fields = [
        *kept,
        field("realPower", "number", code="currentKw"),
        field("frequency", "text"),
        field("costCentre", "text", required=True),
    ]
    tenant.add("main")
    with capture_logs() as logs:
        async with at_work(tenant, meter("main")) as world:
            world.tell(read("main", currentKw=1.5, voltage=230.0, frequency=50.0, currentAmps=7.0))
            await world.passes(MINUTE_MS)
            (told,) = tenant.asks("PATCH")
            await world.passes(HOUR_MS)  # the definition is read again, and is the same
    time = "2026-01-01T12:00:00Z"
    assert told == {"realPower": 1.5, "currentAmps": 7.0, "lastReadingTime": time}
    assert [(entry["event"], entry.get("fields") or entry.get("field")) for entry in logs] == [
        ("DemandFlow lacks fields of ours.", ("voltage",)),
        ("DemandFlow has a field with a type that does not fit; it is not sent.", "frequency"),
    ]


async def test_a_definition_that_changes_while_we_work() -> None:
    tenant = Tenant()
    tenant.add("main")
    async with at_work(tenant, meter("main")) as world:
        world.tell(read("main", currentKw=1.0, voltage=230.0))
        await world.passes(HOUR_MS)
        tenant.fields = [at for at in tenant.fields if at["id"] != "currentKw"]
        world.tell(read("main", currentKw=2.0, voltage=235.0))
        await world.passes(1_000)
        await world.passes(MINUTE_MS)
        assert tenant.named("main")["voltage"] == 235.0
        world.tell(read("main", currentKw=3.0, voltage=240.0))
        await world.passes(MINUTE_MS)
        assert "currentKw" not in tenant.asks("PATCH")[-1]
        assert len(tenant.asks("GET", "DEFINITION")) == 3


@pytest.mark.parametrize("shown", [None, {}, {"fields": [field("else", "number")]}])
async def test_without_a_definition_the_shipped_one_is_assumed(shown: Any) -> None:
    tenant = Tenant()
    tenant.no_definition = shown is None
    tenant.definition = None if shown is None else web.json_response(shown)
    tenant.add("main")
    with capture_logs() as logs:
        async with at_work(tenant, meter("main")) as world:
            world.tell(read("main", currentKw=1.0))
            await world.passes(HOUR_MS)
            assert tenant.named("main")["currentKw"] == 1.0
            assert world.sink.connected
    assert [entry["event"] for entry in logs] == [
        "DemandFlow shows no definition; the shipped one is assumed."
    ]


async def test_a_type_that_does_not_fit_again_is_said_again() -> None:
    tenant = with_objects("main")
    shipped = tenant.fields
    others = [at for at in shipped if at["id"] != "voltage"]
    with capture_logs() as logs:
        async with at_work(tenant, meter("main")) as world:
            for fields in ([*others, field("voltage", "text")], shipped) * 2:
                tenant.fields = fields
                await world.passes(HOUR_MS)
    assert [entry["field"] for entry in logs] == ["voltage", "voltage"]
