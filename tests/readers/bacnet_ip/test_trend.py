"""What was logged while nobody read."""

from __future__ import annotations

import asyncio
import struct
from functools import cache
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.readers.bacnet_ip.said import Around, Asked, device, point
from tests.readers.bacnet_ip.test_logs import answer

from meterd.events import PollFailed, Reading
from meterd.readers.bacnet_ip.refusals import RefusedError
from meterd.readers.bacnet_ip.tags import GarbageError
from meterd.readers.bacnet_ip.trend import PAGE_ROWS, PAGES_MAX, Past, clock_ms, wire_clock
from meterd.readers.line import ReadFailed

T0 = 1_780_000_000_000
AHEAD_MS = 3_600_000 + 7_000  # the device's clock: its zone, and seven seconds wrong
MINUTE = 60_000
POINT = point("energy_import", 23, 1, trend=(20, 5))
FLOW = point("flow", 0, 3, trend=(20, 6))


clock_of = cache(wire_clock)
"""Every page of a log is looked for among all its rows."""


class Log:
    """A device with logs: instance -> rows of (time, count, flags)."""

    def __init__(self, **logs: list[tuple[int, int]]) -> None:
        self.logs = {int(name.removeprefix("log")): rows for name, rows in logs.items()}
        self.now_ms = T0
        self.bad: Exception | None = None
        self.flags = b""
        self.ask = Asked(self.answer)

    def answer(self, service: int, content: bytes) -> bytes:
        if self.bad is not None:
            raise self.bad
        date, time = wire_clock(self.now_ms + AHEAD_MS)
        if service == 12:
            value = b"\xa4" + date if content[-1] == 56 else b"\xb4" + time
            return b"\x3e" + value + b"\x3f"
        instance = struct.unpack(">I", content[1:5])[0] & 0x3FFFFF
        since = (content[9:13], content[14:18])
        later = [row for row in self.logs[instance] if clock_of(row[0] + AHEAD_MS) > since]
        return answer(*(self.row(*row) for row in later[:PAGE_ROWS]))

    def row(self, at_ms: int, count: int) -> bytes:
        date, time = clock_of(at_ms + AHEAD_MS)
        when = b"\x0e\xa4" + date + b"\xb4" + time + b"\x0f"
        return when + b"\x1e\x4c" + struct.pack(">I", count) + b"\x1f" + self.flags


def convert(quantity: str, raw: float) -> float | None:
    return None if raw == 99 else raw * (1000 if quantity == "energy_import" else 1)


class Bench:
    def __init__(self, log: Log, last_ms: int | None, *points: Any) -> None:
        self.log = log
        self.around = Around(last_ms=last_ms)
        points = points or (POINT,)
        self.past = Past(device(*points, every_ms=10_000), frozenset(), self.around.all)

    async def reads(self, at_ms: int) -> list[tuple[int, dict[str, Any]]]:
        """What is told before a reading; times are minutes since T0."""
        self.log.now_ms = at_ms
        reading = Reading("main", at_ms, {}, {})
        await self.past.fill(reading, self.log.ask, convert)
        told = [one for one in self.around.told if isinstance(one, Reading)]
        self.around.told.clear()
        return [((one.at_ms - T0) // MINUTE, {**one.registers, **one.gauges}) for one in told]


ROWS = [(T0 + n * 15 * MINUTE, n) for n in range(5)]


async def test_rows_after_the_last_reading_are_told_in_order() -> None:
    bench = Bench(Log(log5=ROWS), T0 + 10 * MINUTE)
    assert await bench.reads(T0 + 50 * MINUTE) == [
        (15, {"energy_import": 1000}), (30, {"energy_import": 2000}), (45, {"energy_import": 3000}),
    ]  # fmt: skip


async def test_several_logs_are_one_reading_at_each_time() -> None:
    flow = [(T0 + 15 * MINUTE, 7), (T0 + 20 * MINUTE, 8)]
    bench = Bench(Log(log5=ROWS, log6=flow), T0 + 10 * MINUTE, POINT, FLOW)
    assert await bench.reads(T0 + 25 * MINUTE) == [
        (15, {"energy_import": 1000, "flow": 7.0}), (20, {"flow": 8.0}),
    ]  # fmt: skip


async def test_nothing_is_looked_up_without_an_outage() -> None:
    bench = Bench(Log(log5=ROWS), None)
    assert await bench.reads(T0 + 20 * MINUTE) == []
    assert await bench.reads(T0 + 21 * MINUTE) == []
    assert bench.log.ask.requests == []
    assert [at for at, _ in await bench.reads(T0 + 50 * MINUTE)] == [30, 45]


async def test_a_meter_without_logs_is_left_alone() -> None:
    bench = Bench(Log(), T0, point("flow", 0, 3))
    assert await bench.reads(T0 + 50 * MINUTE) == []
    assert bench.log.ask.requests == []


async def test_bad_rows_are_left_out() -> None:
    bench = Bench(Log(log5=[(T0 + MINUTE, 99), (T0 + 2 * MINUTE, 1)]), T0)
    assert await bench.reads(T0 + 5 * MINUTE) == [(2, {"energy_import": 1000})]
    bench = Bench(Log(log5=ROWS), T0)
    bench.log.flags = b"\x2a\x04\x40"  # faulty
    assert await bench.reads(T0 + 50 * MINUTE) == []


async def test_many_rows_are_many_pages() -> None:
    rows = [(T0 + n * 1000, n + 100) for n in range(1, 201)]
    bench = Bench(Log(log5=rows), T0)
    assert len(await bench.reads(T0 + 10 * MINUTE)) == 200
    assert len(bench.log.ask.requests) == 2 + 5 + 1


@pytest.mark.parametrize(
    "bad", [RefusedError("reject", 9), ReadFailed("timeout", "silent"), GarbageError("what")]
)
async def test_a_log_that_cannot_be_had_is_told_and_left_out(bad: Exception) -> None:
    bench = Bench(Log(log5=ROWS), T0)
    bench.log.bad = bad
    with capture_logs() as logs:
        assert await bench.reads(T0 + 50 * MINUTE) == []
    assert [log["event"] for log in logs] == ["A trend log is left out."]


async def test_a_log_that_is_too_long_is_left_out() -> None:
    rows = [(T0 + n * 100, 1) for n in range(PAGE_ROWS * PAGES_MAX + 2)]
    bench = Bench(Log(log5=rows), T0)
    with capture_logs() as logs:
        assert await bench.reads(T0 + 10_000 * MINUTE) == []
    assert "more than 10000 rows" in logs[0]["why"]


async def test_a_clock_that_shows_nothing_leaves_it_out() -> None:
    bench = Bench(Log(log5=ROWS), T0)
    bench.log.ask = Asked(lambda *_: b"\x3e\x21\x07\x3f")
    with capture_logs() as logs:
        assert await bench.reads(T0 + 50 * MINUTE) == []
    assert "no date and time" in logs[0]["why"]


async def test_a_full_queue_is_told() -> None:
    bench = Bench(Log(log5=ROWS), T0)

    def full(_told: Reading | PollFailed) -> None:
        raise asyncio.QueueFull

    around = bench.around.all._replace(emit=full)
    past = Past(device(POINT), frozenset(), around)
    bench.log.now_ms = T0 + 50 * MINUTE
    with capture_logs() as logs:
        await past.fill(Reading("main", T0 + 50 * MINUTE, {}, {}), bench.log.ask, convert)
    assert [log["event"] for log in logs] == ["A trend log is left out."]


def test_a_clock_is_written_as_it_is_read() -> None:
    assert wire_clock(T0)[0][:3] == bytes((126, 5, 28))
    assert clock_ms(*wire_clock(T0 + 12_340)) == T0 + 12_340
    for date, time in ((b"\xff\xff\xff\xff", b"\0\0\0\0"), (b"\x7e\x02\x01\x07", b"\x19\0\0\0")):
        with pytest.raises(GarbageError):
            clock_ms(date, time)
