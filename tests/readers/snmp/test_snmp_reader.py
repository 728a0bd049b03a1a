"""A connection of many agents: each by itself, and what a cycle of them costs."""

from __future__ import annotations

import asyncio
import random

import pytest
from tests.readers.snmp.park import BASE, UPTIME, link, objects, outlet, outlets, points

from meterd.clock import SystemClock
from meterd.config.secret import Secret
from meterd.config.snmp import SnmpDevice, SnmpLink
from meterd.events import PollFailed, Reading
from meterd.readers.line import LinkStats, ReadFailed, Surroundings
from meterd.readers.snmp import plan_cycle, read_once, run
from meterd.readers.snmp.batches import VARBINDS_MAX
from meterd.sim.snmp_agent import Fault, SnmpAgent

AGENTS, DEAD = 300, 7


def meters(ports: list[int], **more: int) -> list[SnmpDevice]:
    return [
        SnmpDevice(meter=f"m{n}", host="127.0.0.1", port=port, points=points(), **more)
        for n, port in enumerate(ports)
    ]


async def test_300_agents_are_all_read_before_the_dead_one_is_known_to_be_dead() -> None:
    agents = [SnmpAgent(objects()) for _ in range(AGENTS)]
    ports = [await agent.start() for agent in agents]
    agents[DEAD].misbehave = lambda _: Fault(silent=True)
    told: list[Reading | PollFailed] = []
    dead = asyncio.Event()

    def emit(one: Reading | PollFailed) -> None:
        told.append(one)
        if isinstance(one, PollFailed):
            dead.set()

    around = Surroundings(SystemClock(), emit, random.Random(1))
    asked = link(*meters(ports, every_ms=5_000), timeout_ms=1_500)
    stats = LinkStats("park")
    task = asyncio.create_task(run(asked, {}, around, stats))
    await asyncio.wait_for(dead.wait(), 60)
    task.cancel()
    await asyncio.wait([task])
    for agent in agents:
        await agent.stop()
    failed = [one.meter for one in told if isinstance(one, PollFailed)]
    read = {one.meter for one in told if isinstance(one, Reading)}
    assert failed == [f"m{DEAD}"]
    assert read == {f"m{n}" for n in range(AGENTS)} - {f"m{DEAD}"}
    assert stats.up


async def test_meters_of_one_agent_share_its_socket_and_are_asked_in_turn() -> None:
    agent = SnmpAgent(outlets("outlet-1", "outlet-2"))
    port = await agent.start()
    both = [
        SnmpDevice(meter=f"m{n}", host="127.0.0.1", port=port, points=outlet(f"outlet-{n}").points,
                   every_ms=200)
        for n in (1, 2)
    ]  # fmt: skip
    told: dict[str, Reading] = {}
    full = asyncio.Event()

    def emit(one: Reading | PollFailed) -> None:
        assert isinstance(one, Reading)
        told[one.meter] = one
        if len(told) == 2:
            full.set()

    stats = LinkStats("park")
    around = Surroundings(SystemClock(), emit, random.Random(1))
    task = asyncio.create_task(run(link(*both), {}, around, stats))
    await asyncio.wait_for(full.wait(), 60)
    task.cancel()
    await asyncio.wait([task])
    await agent.stop()
    assert [told[name].registers["energy_import"] for name in ("m1", "m2")] == [
        100 * 3_600_000, 200 * 3_600_000,
    ]  # fmt: skip
    assert stats.opened == 1


async def test_a_place_that_cannot_be_found_is_told_by_name() -> None:
    nowhere = SnmpDevice(meter="m1", host="nowhere.invalid", port=161, points=points())
    around = Surroundings(SystemClock(), lambda _: None, random.Random(1))
    with pytest.raises(ReadFailed, match=r"nowhere\.invalid:161") as failure:
        await read_once(link(nowhere), nowhere, (), around)
    assert failure.value.reason == "name"


def planned(asked: SnmpLink) -> list[tuple[int, int]]:
    return [(one.count, one.request_bytes) for one in plan_cycle(asked)]


def test_the_plan_names_the_agent_the_objects_and_the_bytes() -> None:
    (only,) = plan_cycle(link(*meters([161])))
    assert (only.meter, only.unit, only.table) == ("m0", "127.0.0.1:161", "get")
    assert only.address == f"{BASE}.1.1.0"
    assert (only.count, only.points) == (5, ("own_1", "own_2", "own_3", "own_4"))
    assert 100 < only.request_bytes < only.reply_bytes < 300
    assert UPTIME not in only.points


def test_the_plan_knows_rows_several_requests_and_version_3() -> None:
    (row,) = plan_cycle(link(outlet("outlet-1")))
    assert (row.count, row.points) == (4, ("energy_import", "active_power"))
    many = SnmpDevice(meter="m", host="127.0.0.1", port=161, points=points(70))
    assert [one.count for one in plan_cycle(link(many))] == [VARBINDS_MAX, VARBINDS_MAX, 13]
    plain, secret = link(*meters([161])), link(*meters([161]), version="3", community=None)
    assert planned(secret)[0][1] > planned(plain)[0][1]
    assert plan_cycle(link(*meters([161]), community=Secret("longer-than-public"))) != plan_cycle(
        plain
    )
