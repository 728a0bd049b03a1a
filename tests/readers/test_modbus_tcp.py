"""Modbus TCP: one connection, well kept, lost and found."""

from __future__ import annotations

import asyncio
import random
import socket
from contextlib import ExitStack, suppress

import msgspec
import pytest
import uvloop
from tests.readers.hall import M1, SILENCE_MS, TRUTH, site
from tests.readers.modbus.devices import around, device, link, point

from meterd.clock import SystemClock
from meterd.config.points import ModbusLink
from meterd.events import PollFailed, Reading
from meterd.readers import modbus_tcp
from meterd.readers.line import ReadFailed, Surroundings
from meterd.readers.modbus_tcp import plan_cycle, read_once
from meterd.sim.modbus_server import Asked, Fault, ModbusServer


async def test_a_device_that_is_well() -> None:
    async with site() as hall:
        assert await hall.read() == TRUTH
        assert await hall.read() == TRUTH
        assert (hall.server.accepted, hall.stats.opened, hall.stats.faults) == (1, 1, {})


async def test_two_silences_replace_the_connection() -> None:
    async with site(timeout_ms=SILENCE_MS) as hall:
        hall.spoil(*[Fault(silent=True)] * 2)
        assert [await hall.read(), await hall.read()] == ["timeout", "timeout"]
        assert hall.server.accepted == 1
        await hall.read()
        assert hall.server.accepted == 2


async def test_a_device_may_close_an_idle_connection() -> None:
    async with site() as hall:
        assert await hall.read() == TRUTH
        hall.server.hang_up()
        assert await hall.read() == TRUTH
        assert (hall.server.accepted, hall.stats.opened) == (2, 2)


async def test_a_device_may_close_it_just_when_it_is_asked() -> None:
    async with site() as hall:
        assert await hall.read() == TRUTH
        hall.spoil(Fault(silent=True, close=True))
        assert await hall.read() == TRUTH
        assert (hall.server.accepted, hall.stats.faults) == (2, {"closed": 1})


async def test_but_only_once() -> None:
    async with site() as hall:
        assert await hall.read() == TRUTH
        hall.spoil(*[Fault(silent=True, close=True)] * 2)
        with pytest.raises(ReadFailed) as caught:
            await hall.line.read(M1)
        assert (caught.value.reason, caught.value.link_down) == ("closed", True)


async def test_a_host_that_does_not_listen_is_a_line_that_is_down() -> None:
    server = ModbusServer({})
    port = await server.start()
    await server.stop()
    surroundings, _ = around()
    with pytest.raises(ReadFailed, match=f"127.0.0.1:{port}: ") as caught:
        await read_once(link(port), M1, (), surroundings)
    assert (caught.value.reason, caught.value.link_down) == ("connect", True)


async def test_a_host_that_swallows_everything_is_given_up_in_time() -> None:
    with ExitStack() as held:
        deaf = held.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):  # fill what it would still take
            one = held.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(deaf.getsockname())
        surroundings, _ = around()
        with pytest.raises(ReadFailed, match=f"no answer within {SILENCE_MS} ms") as caught:
            await read_once(
                link(deaf.getsockname()[1], timeout_ms=SILENCE_MS), M1, (), surroundings
            )
    assert (caught.value.reason, caught.value.link_down) == ("connect", True)


async def test_a_name_that_is_none_is_a_line_that_is_down_too() -> None:
    surroundings, _ = around()
    nameless = ModbusLink(name="hall", host="a" * 70 + ".example")
    with pytest.raises(ReadFailed) as caught:
        await read_once(nameless, M1, (), surroundings)
    assert caught.value.reason == "connect"


async def test_all_units_of_a_gateway_share_its_only_connection() -> None:
    other = device(point("a", 7), meter="m2", unit=2)
    async with site(M1, other, connections_max=1) as hall:
        await hall.line.open()
        for _ in range(3):
            assert await hall.read(M1) == TRUTH
            assert await hall.read(other) == {"a": 20_007.0}
        await hall.line.open()
        assert hall.server.accepted == 1


async def test_one_reading_leaves_no_connection_behind() -> None:
    async with site() as hall:
        counters = {"a"}
        values = await read_once(hall.line._link, M1, counters, hall.around)
        assert values.registers == {"a": 10_007 * 1_000_000}
        await hall.line.open()  # the server has seen the other one end before it serves this
        assert await hall.read() == TRUTH
        assert len(hall.server.open) == 1


async def test_a_dead_unit_is_left_alone_while_the_others_are_read() -> None:
    dead = device(point("a", 7), meter="dead", unit=2, every_ms=100)
    alive = device(point("a", 7), meter="alive", unit=1, every_ms=100)
    enough, told = asyncio.Event(), list[Reading | PollFailed]()

    def emit(item: Reading | PollFailed) -> None:
        told.append(item)
        if sum(isinstance(t, Reading) for t in told) >= 10:
            enough.set()

    def two_is_dead(asked: Asked) -> Fault | None:
        return Fault(silent=True) if asked.unit == 2 else None

    async with site(dead, alive, timeout_ms=300) as hall:
        hall.server.misbehave = two_is_dead
        surroundings = Surroundings(SystemClock(), emit, random.Random(1))
        asked = link(hall.line._link.port, dead, alive, timeout_ms=300)
        task = asyncio.ensure_future(modbus_tcp.run(asked, {}, surroundings, hall.stats))
        await enough.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    failed = [item for item in told if isinstance(item, PollFailed)]
    assert {item.meter for item in failed} == {"dead"}
    assert len(failed) <= 3
    assert hall.stats.meters["dead"].failures == {"timeout": len(failed)}


def test_it_is_the_same_on_uvloop() -> None:
    async def a_day() -> list[object]:
        async with site(timeout_ms=SILENCE_MS) as hall:
            hall.spoil(Fault(silent=True), Fault(silent=True), Fault(tid=1))
            bad = [await hall.read() for _ in range(3)]
            hall.take_time()
            good = await hall.read()
            hall.server.hang_up()
            return [bad, good, await hall.read()]

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(a_day()) == [["timeout"] * 3, TRUTH, TRUTH]


def test_the_plan_of_a_cycle() -> None:
    coils = device(point("on", 3, table="coil"), meter="m2", unit=9)
    found = [
        (p.meter, p.unit, p.table, p.address, p.count, p.request_bytes, p.reply_bytes, p.points)
        for p in plan_cycle(link(502, M1, coils))
    ]
    assert found == [
        ("m1", 1, "holding", 7, 1, 12, 11, ("a",)),
        ("m1", 1, "holding", 60, 1, 12, 11, ("b",)),
        ("m1", 1, "input", 7, 1, 12, 11, ("c",)),
        ("m2", 9, "coil", 3, 1, 12, 10, ("on",)),
    ]


async def test_a_device_that_serves_one_client_is_let_go_after_each_reading() -> None:
    async with site() as hall:
        hall.line._link = msgspec.structs.replace(hall.line._link, keep_open=False)
        assert [await hall.read() for _ in range(2)] == [TRUTH, TRUTH]
        assert (hall.stats.opened, hall.server.accepted) == (2, 2)
        assert hall.stats.busy_s is not None
        assert hall.stats.busy_s > 0
