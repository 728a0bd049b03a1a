"""Objects that are missing: created if asked, once, and with what the tenant takes."""

from __future__ import annotations

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
from tests.sinks.tenant import SUB, Tenant, error, field, with_objects


async def test_missing_objects_are_created_only_if_asked() -> None:
    tenant = Tenant()
    tenant.add("twice")
    tenant.add("twice")
    specs = [meter("main", building="b1", ratedCapacityKw=250), meter("twice")]
    with capture_logs() as logs:
        async with at_work(tenant, *specs) as world:
            world.tell(read("main", currentKw=1.0), read("twice", currentKw=1.0))
            await world.passes(3_600_000)
            assert tenant.asks("POST") + tenant.asks("PATCH") == []
            assert world.sink.dropped == 0
    assert [(entry["event"], entry["meter"]) for entry in logs] == [
        ("DemandFlow has no object of a meter's name; set `create: true`.", "main"),
        ("DemandFlow has several objects of a meter's name; none is written.", "twice"),
    ]


async def test_a_missing_object_is_created_and_then_kept_up_to_date() -> None:
    tenant = Tenant()
    spec = meter("main", building="b1", ratedCapacityKw=250, notes="by the door")
    async with at_work(tenant, spec, create=True, sub_id=SUB) as world:
        assert tenant.asks("POST") == [
            {
                "entity": "POWERMETER",
                "level": 277,
                "comboKey": f"SUB:{SUB}|ENT:",
                "name": "main",
                "meterPoint": 9,
                "status": 1,
                "ratedCapacityKw": 250,
                "notes": "by the door",
            }
        ]
        world.tell(read("main", currentKw=1.0))
        await world.passes(3_600_000)
        await world.passes(3_600_000)
        assert tenant.named("main")["currentKw"] == 1.0
        assert len(tenant.objects) == 1


async def test_a_name_that_several_objects_have_is_not_created_once_more() -> None:
    tenant = with_objects("twice", "twice")
    async with at_work(tenant, meter("twice"), create=True, sub_id=SUB) as world:
        await world.passes(HOUR_MS)
        assert tenant.asks("POST") == []


async def test_an_object_is_not_created_without_what_the_tenant_requires() -> None:
    tenant = Tenant()
    tenant.fields.append(field("costCentre", "text", required=True))
    with capture_logs() as logs:
        async with at_work(tenant, meter("main"), create=True, sub_id=SUB) as world:
            await world.passes(3_600_000)
            assert tenant.asks("POST") == []
    (entry,) = logs
    assert entry["event"].startswith("DemandFlow requires fields that a meter lacks")
    assert (entry["meter"], entry["fields"]) == ("main", ("costCentre",))


async def test_a_creation_of_unknown_outcome_makes_no_second_object() -> None:
    tenant = Tenant()
    async with at_work(tenant, meter("other"), create=True, sub_id=SUB) as world:
        tenant.refuse(504)
        world.meters(meter("other"), meter("main"))
        await world.quiet()
        assert len(tenant.asks("POST")) == 2
        tenant.add("main")  # it had been made
        await world.passes(MINUTE_MS)
        await world.passes(MINUTE_MS)
        assert len(tenant.asks("POST")) == 2
        world.tell(read("main", currentKw=1.0))
        await world.passes(MINUTE_MS)
        assert tenant.named("main")["currentKw"] == 1.0


async def test_a_creation_that_answers_with_no_object_is_looked_for() -> None:
    tenant = Tenant()
    tenant.instead = [web.json_response({"ok": True}, status=201), web.Response(status=200)]
    async with at_work(tenant, meter("main"), create=True, sub_id=SUB) as world:
        for _ in range(3):
            await world.passes(MINUTE_MS)
        assert len(tenant.asks("POST")) == 3
        assert len(tenant.objects) == 1


async def test_an_optional_field_that_is_refused_is_left_out_of_the_new_object() -> None:
    tenant = Tenant()
    tenant.instead = [error(400, "notes is not allowed"), error(400, "try again")]
    spec = meter("main", notes="by the door")
    with capture_logs() as logs:
        async with at_work(tenant, spec, create=True, sub_id=SUB) as world:
            await world.passes(MINUTE_MS)
            assert "notes" not in tenant.asks("POST")[1]
            await world.passes(MINUTE_MS)
            assert len(tenant.asks("POST")) == 2, "nobody said what to change"
            await world.passes(HOUR_MS)
            await world.passes(HOUR_MS)
            assert len(tenant.objects) == 1
    assert sentences(logs) == [
        "DemandFlow does not take a field; it is left out.",
        "DemandFlow does not take a meter's new object.",
        "DemandFlow object created.",
    ]


async def test_a_token_that_may_write_but_not_create() -> None:
    tenant = with_objects("main")
    tenant.instead = [error(403, "scope")]
    specs = [meter("main"), meter("new")]
    async with at_work(tenant, *specs, create=True, sub_id=SUB) as world:
        tenant.instead = [None, None, error(403, "scope"), None]
        world.tell(read("main", currentKw=1.0))
        await world.passes(1000)
        assert tenant.named("main")["currentKw"] == 1.0
        assert "scope" in world.sink.trouble, "a PATCH that works is no proof that a POST does"
