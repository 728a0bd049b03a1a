"""Modbus TCP against a device that misbehaves: no wrong value is ever read.

Every word of the device holds its own address (plus 1000 for input registers, plus 10000
times the unit), so that a value tells where it is from.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import uvloop
from tests.readers.modbus.devices import StillClock, around, device, link, point

from meterd.clock import SystemClock
from meterd.config.points import ModbusDevice, ModbusLink
from meterd.events import PollFailed, Reading
from meterd.readers import modbus_tcp
from meterd.readers.line import LinkStats, ReadFailed, Surroundings
from meterd.readers.modbus_tcp import ModbusTcp, plan_cycle, read_once
from meterd.sim.modbus_server import Asked, Fault, ModbusServer, Unit

M1 = device(point("a", 7), point("b", 60), point("c", 7, table="input"))
TRUTH = {"a": 10_007.0, "b": 10_060.0, "c": 11_007.0}
SILENCE_MS = 40


def served_unit(number: int) -> Unit:
    base = 10_000 * number
    return Unit(
        holding={n: base + n for n in range(200)},
        input={n: base + 1000 + n for n in range(200)},
    )


class Site:
    """A server, and one line to it."""

    def __init__(self, server: ModbusServer, asked: ModbusLink) -> None:
        self.server = server
        self.stats = LinkStats("hall")
        self.clock = StillClock()
        self.around, _ = around(self.clock)
        self.line = ModbusTcp(asked, {}, self.around, self.stats)

    async def read(self, meter: ModbusDevice = M1) -> dict[str, float] | str:
        """What was read, or the reason why nothing was."""
        try:
            return (await self.line.read(meter)).gauges
        except ReadFailed as failure:
            return failure.reason

    def take_time(self) -> None:
        """From now on the device is well, and may take its time."""
        self.server.misbehave = None
        self.line._link = link(self.line._link.port, M1)
        self.line.close()
        self.clock.now += 60_000  # what was left alone for a while is asked again

    def spoil(self, *faults: Fault | None) -> None:
        """What is wrong with the answers from now on, one after the other; then nothing."""
        coming = iter(faults)
        self.server.misbehave = lambda asked: next(coming, None)


@asynccontextmanager
async def site(*devices: ModbusDevice, timeout_ms: int = 5_000, **more: Any) -> AsyncIterator[Site]:
    server = ModbusServer({n: served_unit(n) for n in (1, 2, 3)}, **more)
    port = await server.start()
    found = Site(server, link(port, *(devices or (M1,)), timeout_ms=timeout_ms))
    try:
        yield found
    finally:
        found.line.close()
        await server.stop()


async def test_a_device_that_is_well() -> None:
    async with site() as hall:
        assert await hall.read() == TRUTH
        assert await hall.read() == TRUTH
        assert (hall.server.accepted, hall.stats.opened, hall.stats.faults) == (1, 1, {})


PASSED_OVER = {
    "a late answer's twin": (Fault(twice=True), "late"),
    "another unit's answer": (Fault(before=bytes.fromhex("0000 0000 0003 09 83 02")), None),
    "noise that looks like a frame": (Fault(before=bytes.fromhex("0000 0000 0002 0900")), None),
}


@pytest.mark.parametrize(("fault", "reason"), PASSED_OVER.values(), ids=PASSED_OVER.keys())
async def test_what_comes_beside_the_answer_does_no_harm(fault: Fault, reason: str | None) -> None:
    async with site() as hall:
        hall.spoil(fault, fault, fault)
        assert await hall.read() == TRUTH
        assert await hall.read() == TRUTH
        assert hall.server.accepted == 1
        assert sum(hall.stats.faults.values()) == 3
        assert reason is None or hall.stats.faults == {reason: 3}


NO_ANSWER = {
    "silence": (Fault(silent=True), "timeout"),
    "an answer under another transaction id": (Fault(tid=1), "timeout"),
    "an answer with another unit": (Fault(unit=1), "timeout"),
    "an answer with another function": (Fault(function=1), "timeout"),
    "half an answer": (Fault(cut=8), "short"),
    "a part of the header": (Fault(cut=3), "short"),
    "less than was asked for": (Fault(words=0), "wrong_length"),
    "more than was asked for": (Fault(words=2), "wrong_length"),
    "a length that lies": (Fault(before=b"\0\1\0\0\0\1\1", cut=0), "garbled"),
    "a length beyond all frames": (Fault(before=b"\0\1\0\0\1\0", cut=0), "garbled"),
    "another protocol": (Fault(before=b"HTTP/1.1 400"), "garbled"),
    "a unit behind a gateway that is away": (Fault(exception=0x0B), "unreachable"),
    "a gateway without a path": (Fault(exception=0x0A), "unreachable"),
    "a connection that ends in the answer": (Fault(cut=8, close=True), "closed"),
    "a connection that ends before it": (Fault(silent=True, close=True), "closed"),
}


@pytest.mark.parametrize(("fault", "reason"), NO_ANSWER.values(), ids=NO_ANSWER.keys())
async def test_no_answer_is_no_reading_and_the_next_poll_is_right(
    fault: Fault, reason: str
) -> None:
    async with site(timeout_ms=SILENCE_MS) as hall:
        hall.spoil(fault)
        assert await hall.read() == reason
        hall.take_time()
        assert await hall.read() == TRUTH
        assert await hall.read() == TRUTH


@pytest.mark.parametrize("times", [1, 2, 3, 5])
async def test_late_answers_are_never_taken_for_later_ones(times: int) -> None:
    async with site(timeout_ms=SILENCE_MS) as hall:
        hall.spoil(*[Fault(delay_ms=SILENCE_MS + 5)] * times)
        seen = [await hall.read() for _ in range(times + 6)]
        assert [values for values in seen if isinstance(values, dict)]
        for values in seen:
            assert values == "timeout" or dict(values).items() <= TRUTH.items()  # type: ignore[arg-type]


FAULTS = [fault for fault, _ in [*NO_ANSWER.values(), *PASSED_OVER.values()]]


@pytest.mark.parametrize("seed", range(4))
async def test_a_hostile_device_gives_nothing_or_the_truth(seed: int) -> None:
    chance = random.Random(seed)
    async with site(timeout_ms=SILENCE_MS) as hall:
        delays = [Fault(delay_ms=ms) for ms in (10, SILENCE_MS, SILENCE_MS + 10)]
        hall.server.misbehave = lambda _: (
            chance.choice([*FAULTS, *delays]) if chance.random() < 0.4 else None
        )
        for _ in range(25):
            values = await hall.read()
            assert isinstance(values, str) or values.items() <= TRUTH.items()
        hall.take_time()
        assert await hall.read() == TRUTH


async def test_a_caller_that_is_cancelled_anywhere_does_no_harm() -> None:
    async with site() as hall:
        for steps in range(40):
            task = asyncio.ensure_future(hall.line.read(M1))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            assert await hall.read() == TRUTH
        assert set(hall.stats.faults) <= {"late"}


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

    async with site(dead, alive, timeout_ms=SILENCE_MS) as hall:
        hall.server.misbehave = two_is_dead
        surroundings = Surroundings(SystemClock(), emit, random.Random(1))
        asked = link(hall.line._link.port, dead, alive, timeout_ms=SILENCE_MS)
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
