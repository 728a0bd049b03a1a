"""A unit: what it refuses is learned, what it cannot answer is absent, never zero.

The device here is a table of words and a rule; each test is a few cycles of its life.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.readers.modbus.devices import StillClock, around, device, point

from meterd.config.points import ModbusDevice
from meterd.events import Reading
from meterd.readers.line import ReadFailed
from meterd.readers.modbus import frames
from meterd.readers.modbus.frames import RefusedError, Request
from meterd.readers.modbus.unit import REFUSED_RETRY_MS, SILENT_RETRY_MS, Unit
from meterd.readers.modbus_tcp import TRANSPORT

Rule = Callable[[Request], int | str | None]
"""An exception code, the reason of a failure, or None: answered."""


class Bench:
    """A unit on a line whose device holds 100 + address at every address."""

    def __init__(self, asked: ModbusDevice, rule: Rule = lambda request: None) -> None:
        self.clock = StillClock()
        self.around, _ = around(self.clock)
        self.unit = Unit(asked, (), TRANSPORT)
        self.rule = rule
        self.log: list[str] = []

    async def ask(self, request: Request) -> bytes:
        self.log.append(f"{request.address}+{request.count}")
        self.clock.now += 10
        verdict = self.rule(request)
        if isinstance(verdict, str):
            raise ReadFailed(verdict, "hall", link_down=verdict == "connect")
        if verdict is not None:
            raise RefusedError(verdict, request)
        words = range(100 + request.address, 100 + request.address + request.count)
        return bytes(frames.DATA_AT) + b"".join(word.to_bytes(2, "big") for word in words)

    async def read(self) -> Reading:
        return await self.unit.read(self.ask, self.around)

    async def cycle(self) -> str:
        """One cycle as `what was asked -> what was read`."""
        self.log.clear()
        try:
            reading = await self.read()
        except ReadFailed as failure:
            return f"{' '.join(self.log)} -> {failure.reason}"
        return f"{' '.join(self.log)} -> {' '.join(sorted(reading.gauges))}"


def touches(*addresses: int) -> Callable[[Request], bool]:
    return lambda r: any(r.address <= at < r.address + r.count for at in addresses)


def refuses(code: int, *addresses: int) -> Rule:
    """A device that answers any request for one of the addresses with an exception."""
    hit = touches(*addresses)
    return lambda request: code if hit(request) else None


ABC = device(point("a", 0), point("b", 1), point("c", 5))


async def test_a_reading_says_what_was_read_and_when_the_last_answer_came() -> None:
    asked = device(
        point("energy_import", 0, unit="kWh"),
        point("active_power", 1, unit="W"),
        point("serial_number", 2, "string", length=2),
        point("uptime", 40),
        point("model", 41, "string", length=2),
        point("pressure", 43, invalid=(143,)),
    )
    bench = Bench(asked)
    assert await bench.read() == Reading(
        meter="m1",
        at_ms=1_000_020,
        registers={"energy_import": 100 * 3_600_000},
        gauges={"active_power": 0.101},
        missing=("serial_number", "model", "pressure"),  # "\0f" and "\0\x8d" are no texts
        uptime_s=140.0,
        boot="boot",
        mono_ms=100_020,
    )
    assert bench.log == ["0+3", "40+4"]


async def test_a_serial_number_and_texts() -> None:
    asked = device(point("serial_number", 0), point("model", 65 * 257 - 100, "string", length=2))
    reading = await Bench(asked).read()
    assert (reading.serial, reading.texts, reading.missing) == ("100", {"model": "AA"}, ())


async def test_a_hole_that_is_refused_is_not_asked_again() -> None:
    bench = Bench(ABC, refuses(2, 3))
    assert await bench.cycle() == "0+6 0+2 5+1 -> a b c"
    assert await bench.cycle() == "0+2 5+1 -> a b c"
    bench.clock.now += 3_600_000
    assert await bench.cycle() == "0+2 5+1 -> a b c"


async def test_a_point_that_is_refused_is_asked_once_a_minute_and_the_rest_go_on() -> None:
    bench = Bench(ABC, refuses(2, 1))
    assert await bench.cycle() == "0+6 0+2 0+1 1+1 5+1 -> a c"
    assert (await bench.read()).missing == ("b",)
    bench.clock.now += REFUSED_RETRY_MS - 100
    assert await bench.cycle() == "0+1 5+1 -> a c"
    bench.clock.now += 100
    assert await bench.cycle() == "0+1 1+1 5+1 -> a c"
    bench.rule = lambda request: None
    bench.clock.now += REFUSED_RETRY_MS
    assert await bench.cycle() == "0+1 1+1 5+1 -> a b c"
    assert await bench.cycle() == "0+1 1+1 5+1 -> a b c"


async def test_exception_3_is_learned_from_like_2() -> None:
    bench = Bench(ABC, lambda request: 3 if request.count > 2 else None)
    assert await bench.cycle() == "0+6 0+2 5+1 -> a b c"


async def test_a_function_the_device_does_not_have_is_not_split() -> None:
    asked = device(point("a", 0), point("b", 0, table="input"))
    bench = Bench(asked, lambda request: 1 if request.function == 4 else None)
    assert await bench.cycle() == "0+1 0+1 -> a"
    assert await bench.cycle() == "0+1 -> a"


async def test_a_device_that_refuses_everything_has_no_reading() -> None:
    bench = Bench(ABC, refuses(2, *range(10)))
    assert await bench.cycle() == "0+6 0+2 0+1 1+1 5+1 -> refused"
    assert await bench.cycle() == " -> refused"


async def test_another_exception_costs_its_block_this_time_only() -> None:
    asked = device(point("a", 0), point("b", 100))
    bench = Bench(asked, refuses(4, 100))
    assert await bench.cycle() == "0+1 100+1 -> a"
    assert await bench.cycle() == "0+1 100+1 -> a"


@pytest.mark.parametrize("code", [5, 6])
async def test_a_busy_device_is_asked_once_more_after_a_while(code: int) -> None:
    codes = iter([code, None, None])
    bench = Bench(ABC, lambda request: next(codes))
    before = bench.clock.now
    assert await bench.cycle() == "0+6 0+6 -> a b c"
    assert 50 <= bench.clock.now - before - 20 <= 150
    assert await bench.cycle() == "0+6 -> a b c"


async def test_a_block_too_big_for_a_busy_device_is_asked_in_parts_from_then_on() -> None:
    bench = Bench(ABC, lambda request: 6 if request.count > 2 else None)
    assert await bench.cycle() == "0+6 0+6 0+2 5+1 -> a b c"
    assert await bench.cycle() == "0+2 5+1 -> a b c"


async def test_a_device_that_is_only_busy_is_not_asked_in_parts_for_ever() -> None:
    bench = Bench(ABC, lambda request: 6)
    assert await bench.cycle() == "0+6 0+6 0+2 -> refused"
    bench.rule = lambda request: None
    assert await bench.cycle() == "0+6 -> a b c"


@pytest.mark.parametrize(("retries", "asked"), [(0, 1), (1, 2), (3, 4)])
async def test_a_busy_device_is_asked_as_often_as_it_wants(retries: int, asked: int) -> None:
    bench = Bench(device(point("a", 0), busy_retries=retries), refuses(6, 0))
    assert await bench.cycle() == f"{' '.join(['0+1'] * asked)} -> refused"


async def test_a_busy_point_cannot_be_split() -> None:
    bench = Bench(device(point("a", 0), point("b", 90)), refuses(6, 0))
    assert await bench.cycle() == "0+1 0+1 90+1 -> b"


@pytest.mark.parametrize("code", [0x0A, 0x0B])
async def test_a_gateway_that_cannot_reach_the_unit_means_a_silent_unit(code: int) -> None:
    bench = Bench(device(point("a", 0), point("b", 90)), lambda request: code)
    assert await bench.cycle() == "0+1 -> unreachable"


async def test_a_silent_unit_is_asked_once_in_every_cycle() -> None:
    bench = Bench(device(point("a", 0), point("b", 90)), lambda request: "timeout")
    for _ in range(4):
        assert await bench.cycle() == "0+1 -> timeout"
        assert await bench.cycle() == "90+1 -> timeout"
    bench.rule = lambda request: None
    assert await bench.cycle() == "0+1 90+1 -> a b"


@pytest.mark.parametrize("reason", ["timeout", "wrong_length", "garbled"])
async def test_a_silence_after_answers_ends_the_cycle_not_the_reading(reason: str) -> None:
    asked = device(point("a", 0), point("b", 90), point("c", 190))
    hit = touches(90)
    bench = Bench(asked, lambda request: reason if hit(request) else None)
    assert await bench.cycle() == "0+1 90+1 -> a"
    assert await bench.cycle() == "0+1 190+1 90+1 -> a c"
    assert await bench.cycle() == "0+1 190+1 -> a c"
    bench.clock.now += SILENT_RETRY_MS
    bench.rule = lambda request: None
    assert await bench.cycle() == "0+1 190+1 90+1 -> a b c"
    assert await bench.cycle() == "0+1 190+1 90+1 -> a b c"


async def test_a_silent_request_cannot_hide_what_the_unit_does_answer() -> None:
    hit = touches(0)
    bench = Bench(
        device(point("a", 0), point("b", 90)), lambda request: "timeout" if hit(request) else None
    )
    assert await bench.cycle() == "0+1 -> timeout"
    assert await bench.cycle() == "90+1 0+1 -> b"
    assert await bench.cycle() == "90+1 0+1 -> b"
    assert await bench.cycle() == "90+1 -> b"


async def test_a_line_that_goes_down_fails_the_poll() -> None:
    hit = touches(90)
    bench = Bench(
        device(point("a", 0), point("b", 90)), lambda request: "connect" if hit(request) else None
    )
    assert await bench.cycle() == "0+1 90+1 -> connect"
