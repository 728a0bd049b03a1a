"""A tenant is kept up to date: what it is told, when, and what it is not."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest
from tests.sinks.demandflow_world import HOUR_MS, MINUTE_MS, NOON_MS, at_work, meter, read
from tests.sinks.tenant import SUB, TOKEN, Tenant, authority, with_objects

from meterd.sinks import Sink

DAY: list[tuple[float, float, float, dict[str, float]]] = [
    # kW, V, kWh today, what of it is told (besides the time)
    (10.00, 230.0, 1.000, {"currentKw": 10.0, "voltage": 230.0, "kwhToday": 1.0}),
    (10.04, 230.1, 1.009, {}),
    (10.05, 230.1, 1.000, {"currentKw": 10.05}),
    (10.05, 231.2, 1.010, {"voltage": 231.2, "kwhToday": 1.01}),
    (10.05, 230.0, 0.000, {"voltage": 230.0, "kwhToday": 0.0}),
]


async def test_a_reading_becomes_the_objects_values() -> None:
    tenant = Tenant()
    tenant.add("main", currentKw=3.0, notes="ours")
    async with at_work(tenant, meter("main")) as world:
        world.tell(read("main", currentKw=12.5, powerFactor=0.98, kwhToday=7.25))
        await world.quiet()
        assert tenant.named("main") == {
            "id": "0bj-1",
            "entity": "POWERMETER",
            "level": 277,
            "comboKey": f"SUB:{SUB}|ENT:0bj-1",
            "name": "main",
            "notes": "ours",
            "currentKw": 12.5,
            "powerFactor": 0.98,
            "kwhToday": 7.25,
            "lastReadingTime": "2026-01-01T12:00:00Z",
            "_df_version": 1,
        }
        assert [how for how, _, _ in tenant.asked] == ["GET", "GET", "PATCH"]
        assert world.sink.connected
    sink: Sink = world.sink
    assert sink.facts((), 1, "e0") == []


async def test_only_what_left_its_dead_band_is_told() -> None:
    tenant = Tenant()
    tenant.add("main")
    async with at_work(tenant, meter("main")) as world:
        for minute, (kw, volt, kwh, told) in enumerate(DAY):
            before = len(tenant.asks("PATCH"))
            at_ms = NOON_MS + minute * MINUTE_MS
            world.tell(read("main", at_ms, currentKw=kw, voltage=volt, kwhToday=kwh))
            await world.passes(MINUTE_MS)
            time = {"lastReadingTime": f"2026-01-01T12:{minute:02d}:00Z"}
            assert tenant.asks("PATCH")[before:] == [{**told, **time}] * bool(told), minute


async def test_a_value_that_cannot_be_read_any_more_becomes_null_once() -> None:
    tenant = Tenant()
    tenant.add("main", currentKw=3.0, kwhLastYear=99.0)
    async with at_work(tenant, meter("main")) as world:
        world.tell(read("main", voltage=None))
        await world.passes(MINUTE_MS)
        world.tell(read("main", voltage=None))
        await world.passes(MINUTE_MS)
        (told,) = tenant.asks("PATCH")
        assert told == {"currentKw": None, "lastReadingTime": "2026-01-01T12:00:00Z"}
        assert tenant.named("main")["kwhLastYear"] == 99.0


async def test_a_meter_that_was_never_read_is_not_told_of() -> None:
    tenant = Tenant()
    tenant.add("main", currentKw=3.0)
    async with at_work(tenant, meter("main")) as world:
        unread = msgspec.structs.replace(read("main"), at_ms=None)
        world.tell(unread, read("stranger"))
        await world.passes(MINUTE_MS)
        assert tenant.asks("PATCH") == []


async def test_an_object_is_left_alone_for_a_minute_and_then_gets_the_newest_value() -> None:
    tenant = Tenant()
    tenant.add("main")
    tenant.add("other")
    async with at_work(tenant, meter("main"), meter("other")) as world:
        for kw in range(10, 20):
            world.tell(read("main", currentKw=float(kw)))
            await world.passes(5_000)
        assert [body["currentKw"] for body in tenant.asks("PATCH")] == [10.0]
        assert world.sink.dropped == 8
        world.tell(read("other", currentKw=1.0))
        await world.passes(10_000)
        assert [body["currentKw"] for body in tenant.asks("PATCH")] == [10.0, 1.0, 19.0]


async def test_a_steady_meter_shows_every_quarter_of_an_hour_that_it_lives() -> None:
    tenant = Tenant()
    tenant.add("main")
    async with at_work(tenant, meter("main")) as world:
        for minute in range(31):
            world.tell(read("main", NOON_MS + minute * MINUTE_MS, currentKw=10.0))
            await world.passes(MINUTE_MS)
        _, *later = tenant.asks("PATCH")
        assert later == [
            {"lastReadingTime": "2026-01-01T12:15:00Z"},
            {"lastReadingTime": "2026-01-01T12:30:00Z"},
        ]


async def test_many_objects_are_written_a_few_at_once_and_each_by_one_request() -> None:
    tenant = Tenant()
    names = [f"m{number}" for number in range(40)]
    for name in names:
        tenant.add(name)
    async with at_work(tenant, *map(meter, names), min_interval_ms=1) as world:
        for kw in (1.0, 2.0, 3.0):
            tenant.go.clear()
            world.tell(*(read(name, currentKw=kw) for name in names))
            await world.until(lambda: tenant.at_once == 8)
            world.tell(*(read(name, currentKw=kw + 0.5) for name in names))
            tenant.go.set()
            await world.passes(10)
            await world.passes(10)
        assert {row["currentKw"] for row in tenant.objects.values()} == {3.5}
    assert tenant.most_at_once == 8
    assert tenant.overlaps == 0


async def test_meters_come_and_go_with_the_configuration() -> None:
    tenant = Tenant()
    tenant.lines = True
    tenant.add("old")
    tenant.add("new")
    async with at_work(tenant, meter("old")) as world:
        world.tell(read("old", currentKw=1.0))
        await world.quiet()
        world.tell(read("old", currentKw=2.0))
        world.meters(meter("new"))
        world.tell(read("old", currentKw=3.0), read("new", currentKw=4.0))
        await world.passes(MINUTE_MS)
        assert tenant.named("old")["currentKw"] == 1.0
        assert tenant.named("new")["currentKw"] == 4.0


async def test_the_objects_are_listed_when_nothing_is_in_flight() -> None:
    tenant = with_objects("main", "other")
    async with at_work(tenant, meter("main"), meter("other")) as world:
        tenant.go.clear()
        world.tell(read("main", currentKw=1.0))
        await world.until(lambda: tenant.at_once == 1)
        world.clock.forward(HOUR_MS)
        world.tell(read("other", currentKw=2.0))
        await world.until(lambda: not world.sink._wake.is_set())
        tenant.go.set()
        await world.passes(1000)
        assert [how for how, _, _ in tenant.asked[2:]] == ["PATCH", "GET", "GET", "PATCH"]


async def test_close_waits_for_what_is_in_flight_and_not_for_ever() -> None:
    tenant = Tenant()
    tenant.add("main")
    async with at_work(tenant, meter("main")) as world:
        tenant.go.clear()
        world.tell(read("main", currentKw=1.0))
        await world.until(lambda: tenant.at_once == 1)
        closing = asyncio.create_task(world.sink.close())
        await world.until(world.sink._stop.is_set)
        tenant.go.set()
        await closing
        assert tenant.named("main")["currentKw"] == 1.0
        await world.sink.close()  # again, when it is over
    assert TOKEN not in repr(world.options)


@pytest.mark.process
async def test_a_file_of_authorities_that_is_missing_is_trouble_until_it_is_there(
    tmp_path: Path,
) -> None:
    tenant = with_objects("main")
    file = tmp_path / "certificate.pem"
    async with at_work(tenant, meter("main"), ca_file=str(file)) as world:
        assert world.sink.trouble == f"ca_file {file}: No such file or directory"
        world.tell(read("main", currentKw=1.0))
        file.write_text("nothing to trust")
        await world.passes(1000)
        assert world.sink.trouble != f"ca_file {file}: No such file or directory"
        await asyncio.to_thread(authority, tmp_path)
        await world.passes(MINUTE_MS)
        assert tenant.named("main")["currentKw"] == 1.0
        assert world.health == (True, "")
