"""The line to a tenant: busy, dead, broken, or no longer ours."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs
from tests.sinks.demandflow_world import (
    MINUTE_MS,
    at_work,
    meter,
    read,
    sentences,
)
from tests.sinks.tenant import TOKEN, error, with_objects


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_what_a_busy_server_did_not_take_is_told_again(status: int) -> None:
    tenant = with_objects("main")
    async with at_work(tenant, meter("main")) as world:
        tenant.refuse(status)
        world.tell(read("main", currentKw=1.0))
        await world.quiet()
        assert "currentKw" not in tenant.named("main")
        await world.passes(999)
        assert len(tenant.asks("PATCH")) == 1
        await world.passes(1)
        assert tenant.named("main")["currentKw"] == 1.0
        assert not world.sink.trouble


async def test_a_newer_value_replaces_one_that_is_to_be_told_again() -> None:
    tenant = with_objects("main")
    async with at_work(tenant, meter("main")) as world:
        tenant.refuse(503, count=2)
        tenant.go.clear()
        world.tell(read("main", currentKw=1.0))
        await world.until(lambda: tenant.at_once == 1)
        first = world.sink._in_flight["main"]
        world.tell(read("main", currentKw=2.0))
        await world.until(lambda: not world.sink._wake.is_set())
        assert world.sink._in_flight == {"main": first}, "one request in flight per object"
        tenant.go.set()
        await world.passes(1000)
        world.tell(read("main", currentKw=3.0))
        await world.passes(2000)
        assert [body["currentKw"] for body in tenant.asks("PATCH")] == [1.0, 2.0, 3.0]


async def test_what_was_to_be_told_of_a_meter_that_has_left_is_forgotten() -> None:
    tenant = with_objects("main")
    async with at_work(tenant, meter("main")) as world:
        tenant.refuse(503)
        tenant.go.clear()
        world.tell(read("main", currentKw=1.0))
        await world.until(lambda: tenant.at_once == 1)
        world.meters()
        tenant.go.set()
        await world.passes(1000)
        world.meters(meter("main"))
        await world.passes(MINUTE_MS)
        assert len(tenant.asks("PATCH")) == 1


async def test_who_waited_longest_is_written_first() -> None:
    tenant = with_objects("first", "last")
    specs = [meter("first"), meter("last")]
    async with at_work(tenant, *specs, min_interval_ms=30_000) as world:
        world.tell(read("first", currentKw=1.0))
        await world.quiet()
        tenant.refuse(429, retry_after="60")
        world.tell(read("last", currentKw=1.0))
        await world.quiet()
        world.tell(read("first", currentKw=2.0))
        await world.passes(60_000)
        ids = [path.rpartition("-")[2] for how, path, _ in tenant.asked if how == "PATCH"]
        assert ids == ["1", "2", "2", "1"]


@pytest.mark.parametrize("wanted", [("120", 120_000), ("Thu, 01 Jan 2026 12:05:00 GMT", 300_000)])
async def test_a_server_that_asks_for_peace_gets_it_from_all_objects(
    wanted: tuple[str, int],
) -> None:
    header, wait_ms = wanted
    tenant = with_objects("main", "other")
    async with at_work(tenant, meter("main"), meter("other")) as world:
        tenant.refuse(429, retry_after=header)
        world.tell(read("main", currentKw=1.0))
        await world.quiet()
        world.tell(read("other", currentKw=1.0))
        await world.passes(wait_ms - 1)
        assert len(tenant.asks("PATCH")) == 1
        await world.passes(1)
        await world.quiet()
        assert len(tenant.asks("PATCH")) == 3


async def test_an_outage_is_told_of_once_and_probed_ever_less_often_by_one_request() -> None:
    tenant = with_objects("a", "b", "c")
    with capture_logs() as logs:
        async with at_work(tenant, *map(meter, "abc")) as world:
            tenant.refuse(503, count=100)
            world.tell(*(read(name, currentKw=1.0) for name in "abc"))
            waits = []
            for _ in range(12):
                await world.quiet()
                before = len(tenant.asks("PATCH"))
                waits.append(world.sink._line.hold_ms - world.clock.at_ms)
                await world.passes(waits[-1])
                assert len(tenant.asks("PATCH")) - before <= 1
            assert world.health == (False, "503: E503: told to")
            assert waits[:4] == [1000, 2000, 4000, 8000]
            assert waits[-1] == 150_000  # 5 min, less the jitter's half
            tenant.instead.clear()
            await world.passes(300_000)
            await world.passes(300_000)
            assert {row["currentKw"] for row in tenant.objects.values()} == {1.0}
            assert world.health == (True, "")
            tenant.refuse(503)
            world.tell(read("a", currentKw=2.0))
            await world.quiet()
            assert world.sink._line.hold_ms - world.clock.at_ms == 1000  # from the bottom again
    assert sentences(logs) == [
        "DemandFlow is not kept up to date.",
        "DemandFlow is kept up to date again.",
        "DemandFlow is not kept up to date.",
    ]


async def test_one_object_that_breaks_the_server_does_not_hold_up_the_others() -> None:
    tenant = with_objects("good", "poison")
    async with at_work(tenant, meter("good"), meter("poison")) as world:
        tenant.instead = [None, error(500, "cannot store")]
        world.tell(read("good", currentKw=1.0), read("poison", currentKw=1.0))
        await world.quiet()
        assert not world.sink.trouble
        assert tenant.named("good")["currentKw"] == 1.0
        tenant.refuse(500, count=3)
        for _ in range(3):
            await world.passes(10_000)
        assert "500" in world.sink.trouble


async def test_a_value_that_may_have_arrived_is_told_again_whatever_it_is() -> None:
    tenant = with_objects("main")
    async with at_work(tenant, meter("main")) as world:
        world.tell(read("main", currentKw=1.0))
        await world.passes(MINUTE_MS)
        tenant.refuse(504)
        world.tell(read("main", currentKw=9.0))
        await world.quiet()
        tenant.named("main")["currentKw"] = 9.0  # it did
        world.tell(read("main", currentKw=1.0))
        await world.passes(1000)
        assert tenant.named("main")["currentKw"] == 1.0


@pytest.mark.parametrize("status", [401, 403])
async def test_a_revoked_token_is_trouble_and_said_once(status: int) -> None:
    tenant = with_objects("main")
    with capture_logs() as logs:
        async with at_work(tenant, meter("main")) as world:
            if status == 403:
                tenant.tokens.clear()
            else:
                tenant.refuse(401, count=99)
            for minute in range(5):
                world.tell(read("main", currentKw=1.0 + minute))
                await world.passes(5 * MINUTE_MS)
            connected, trouble = world.health
            assert trouble.startswith("the token is refused, perhaps revoked")
            assert not connected
            tenant.tokens.add(TOKEN)
            tenant.instead.clear()
            await world.passes(5 * MINUTE_MS)
            assert world.health == (True, "")
            assert tenant.named("main")["currentKw"] == 5.0
    assert sentences(logs) == [
        "DemandFlow is not kept up to date.",
        "DemandFlow is kept up to date again.",
    ]
    assert TOKEN not in str(logs)  # though the server repeats it


async def test_a_token_that_is_wrong_from_the_start() -> None:
    tenant = with_objects("main")
    tenant.tokens.clear()
    async with at_work(tenant, meter("main")) as world:
        world.tell(read("main", currentKw=1.0))
        await world.passes(MINUTE_MS)
        assert "403" in world.sink.trouble
        assert TOKEN not in world.sink.trouble
        tenant.tokens.add(TOKEN)
        await world.passes(MINUTE_MS)
        assert tenant.named("main")["currentKw"] == 1.0
