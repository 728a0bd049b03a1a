"""What a tenant refuses, and what it has no more."""

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
from tests.sinks.tenant import SUB, error, with_objects

TIME = {"lastReadingTime": "2026-01-01T12:00:00Z"}


async def test_an_object_that_was_deleted_is_looked_for_again() -> None:
    tenant = with_objects("main")
    with capture_logs() as logs:
        async with at_work(tenant, meter("main")) as world:
            tenant.objects.clear()
            tenant.add("main")  # made anew, under another id
            world.tell(read("main", currentKw=1.0))
            await world.quiet()
            await world.passes(MINUTE_MS)
            assert tenant.named("main")["currentKw"] == 1.0
            assert not world.sink.trouble
    assert sentences(logs) == []


async def test_an_object_that_was_deleted_is_created_again_if_asked() -> None:
    tenant = with_objects("main")
    async with at_work(tenant, meter("main"), create=True, sub_id=SUB) as world:
        tenant.objects.clear()
        world.tell(read("main", currentKw=1.0))
        await world.passes(MINUTE_MS)
        await world.passes(MINUTE_MS)
        assert tenant.named("main")["currentKw"] == 1.0


async def test_a_field_that_is_refused_is_said_once_and_left_out_until_the_hour() -> None:
    tenant = with_objects("main", "other")
    refused = [at for at in tenant.fields if at["id"] == "voltage"]
    with capture_logs() as logs:
        async with at_work(tenant, meter("main"), meter("other")) as world:
            tenant.fields = [at for at in tenant.fields if at["id"] != "voltage"]
            seen = tenant.fields
            world.tell(read("main", currentKw=1.0, voltage=230.0))
            tenant.go.clear()
            await world.until(lambda: tenant.at_once == 1)
            tenant.go.set()
            await world.passes(1000)
            assert tenant.asks("PATCH")[1:] == [{"currentKw": 1.0, **TIME}]
            world.tell(read("other", currentKw=1.0, voltage=230.0))
            await world.quiet()
            assert tenant.asks("PATCH")[2:] == [{"currentKw": 1.0, **TIME}]
            assert world.sink.refused == 1
            tenant.fields = seen + refused
            await world.passes(HOUR_MS)
            world.tell(read("main", currentKw=1.0, voltage=230.0))
            await world.passes(MINUTE_MS)
            assert tenant.named("main")["voltage"] == 230.0
    assert [(entry["event"], entry["field"]) for entry in logs if "field" in entry] == [
        ("DemandFlow does not take a field; it is left out.", "voltage")
    ]


async def test_the_same_definition_read_again_lifts_no_refusal_before_the_hour() -> None:
    tenant = with_objects("main")
    fields: dict[str, Any] = {"voltage": 900.0, "voltagePhaseA": 900.0}
    async with at_work(tenant, meter("main")) as world:
        await world.passes(HOUR_MS // 2)
        tenant.instead = [error(400, "voltagePhaseA: an overvoltage")]
        world.tell(read("main", currentKw=1.0, **fields))
        await world.passes(1000)
        await world.passes(MINUTE_MS)
        assert len(tenant.asks("GET", "DEFINITION")) == 2
        world.tell(read("main", currentKw=2.0, **fields))
        await world.passes(MINUTE_MS)
        assert tenant.named("main")["voltage"] == 900.0
        assert "voltagePhaseA" not in tenant.named("main")
        await world.passes(HOUR_MS // 2)
        world.tell(read("main", currentKw=3.0, **fields))
        await world.passes(MINUTE_MS)
        assert tenant.named("main")["voltagePhaseA"] == 900.0


async def test_a_refusal_that_names_nothing_is_narrowed_down_to_one_field_of_one_object() -> None:
    tenant = with_objects("main", "other")

    def judge(body: dict[str, Any]) -> web.Response | None:
        return error(422, "invalid") if "frequency" in body else None

    fields: dict[str, Any] = {
        "currentKw": 1.0,
        "voltage": 230.0,
        "frequency": 50.0,
        "loadPercent": 5.0,
    }
    tenant.judge = judge
    with capture_logs() as logs:
        async with at_work(tenant, meter("main"), meter("other")) as world:
            world.tell(read("main", **fields))
            for _ in range(12):
                await world.passes(1000)
            told = tenant.named("main")
            assert {key for key in fields if key in told} == fields.keys() - {"frequency"}
            tenant.judge = None
            world.tell(read("other", **fields))
            await world.passes(1000)
            assert tenant.named("other")["frequency"] == 50.0
            before = len(tenant.asks("PATCH"))
            world.tell(read("main", **fields | {"currentKw": 2.0, "voltage": 240.0}))
            await world.passes(MINUTE_MS)
            assert len(tenant.asks("PATCH")) == before + 1  # no longer piece by piece
    assert [entry["field"] for entry in logs] == ["frequency"]


async def test_a_refusal_that_repeats_all_we_sent_names_nothing() -> None:
    tenant = with_objects("main")

    def judge(body: dict[str, Any]) -> web.Response | None:
        return error(400, json.dumps(body)) if "voltage" in body and len(body) > 1 else None

    tenant.judge = judge
    async with at_work(tenant, meter("main")) as world:
        world.tell(read("main", currentKw=1.0, voltage=230.0))
        for _ in range(6):
            await world.passes(1000)
        assert tenant.named("main")["currentKw"] == 1.0
        assert tenant.named("main")["voltage"] == 230.0


@pytest.mark.parametrize("status", [409, 404, 410])
async def test_an_object_that_never_takes_its_values_is_told_of_once(status: int) -> None:
    tenant = with_objects("main")
    with capture_logs() as logs:
        async with at_work(tenant, meter("main")) as world:
            tenant.refuse(status, count=4)
            world.tell(read("main", currentKw=1.0))
            for _ in range(5):
                await world.passes(MINUTE_MS)
            assert tenant.named("main")["currentKw"] == 1.0
            assert world.sink.refused == 4
    assert [(entry["event"], entry["meter"]) for entry in logs] == [
        ("DemandFlow does not take a meter's values.", "main")
    ]
