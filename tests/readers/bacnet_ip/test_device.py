"""One device, read: what is learned, when it is learned again, and what is a reading."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.readers.bacnet_ip.canned import (
    Canned,
    accumulator,
    analog,
    enumerated,
    flags,
    real,
    scale,
    text,
    unsigned,
)
from tests.readers.bacnet_ip.said import ENERGY, POWER, Around, Asked, device, point
from tests.readers.modbus.devices import StillClock

from meterd.config.bacnet import BacnetPoint
from meterd.metering.dial import Dial
from meterd.readers.bacnet_ip.device import LEARN_AGAIN_MS, UNKNOWN_RETRY_MS, DeviceReader
from meterd.readers.line import ReadFailed

SERIAL = point("serial_number", 8, 7, number=372)


class Bench:
    """A reader of one device, and the device's properties to change."""

    def __init__(self, *points: BacnetPoint, counters: tuple[str, ...] = ()) -> None:
        own = {**accumulator(1, 12_345), **analog(3, real(1500.0), 47)}
        self.device = Canned({**own, (8, 7, 372): text("M-4711")})
        self.clock = StillClock()
        self.around = Around(self.clock)
        points = points or (ENERGY, POWER, SERIAL)
        self.reader = DeviceReader(device(*points), counters, self.around.all)
        self.silent = False
        self.ask = Asked(self.answer)

    def answer(self, service: int, content: bytes) -> bytes:
        if self.silent:
            raise ReadFailed("timeout", "no answer")
        return self.device.sound(0, service, content)[3:]

    async def read(self) -> dict[str, Any]:
        """What is read, by quantity."""
        reading = await self.reader.read(self.ask)
        return {**reading.registers, **reading.gauges, **reading.texts}

    def asked(self) -> list[int]:
        """How long each request was, since last asked."""
        lengths = [len(content) for _, content in self.ask.requests]
        self.ask.requests.clear()
        return lengths


async def test_a_reading() -> None:
    bench = Bench()
    reading = await bench.reader.read(bench.ask)
    assert reading.registers == {"energy_import": 444_420_000}
    assert reading.gauges == {"active_power": 1.5}
    assert (reading.serial, reading.missing) == ("M-4711", ())
    assert reading.dials == {"energy_import": Dial(36_000, 36_000_000_000)}
    assert (reading.at_ms, reading.mono_ms, reading.boot) == (1_000_000, 100_000, "boot")


async def test_what_values_mean_is_asked_first_after_a_silence_and_once_an_hour() -> None:
    bench = Bench(ENERGY)
    await bench.read()
    learning, *_ = bench.asked()
    await bench.read()
    cycle, *_ = bench.asked()
    assert cycle < learning
    bench.silent = True
    with pytest.raises(ReadFailed):
        await bench.read()
    bench.silent = False
    bench.asked()
    await bench.read()
    assert bench.asked() == [learning]
    bench.clock.now += LEARN_AGAIN_MS + 1
    await bench.read()
    assert bench.asked() == [learning]


@pytest.mark.parametrize(
    ("number", "content"),
    [(111, flags(fault=True)), (111, flags(out=True)), (111, flags(overridden=True)),
     (103, enumerated(7)), (81, b"\x11"), (85, b"\x00"), (85, real(float("nan"))),
     (85, text("off"))],
)  # fmt: skip
async def test_a_value_that_cannot_be_believed_is_absent(number: int, content: bytes) -> None:
    bench = Bench(ENERGY, POWER)
    bench.device.properties[0, 3, number] = content
    reading = await bench.reader.read(bench.ask)
    assert reading.gauges == {}
    assert reading.missing == ("active_power",)
    assert reading.registers == {"energy_import": 444_420_000}


async def test_a_scale_that_changes_is_used_at_once_and_told() -> None:
    bench = Bench(ENERGY)
    await bench.read()
    bench.device.properties[23, 1, 187] = scale(0.1)
    with capture_logs() as logs:
        assert await bench.read() == {"energy_import": 4_444_200_000}
        assert await bench.read() == {"energy_import": 4_444_200_000}
    assert [log["event"] for log in logs] == ["A BACnet object's scale changed."]


async def test_a_unit_of_another_dimension_is_told_once_and_the_value_is_absent() -> None:
    bench = Bench(point("energy_import", 0, 3), ENERGY.__class__(quantity="count", oid=(23, 1)))
    with capture_logs() as logs:
        assert await bench.read() == {}
        assert await bench.read() == {}
    assert [(log["quantity"], log["units"]) for log in logs] == [
        ("energy_import", 47),
        ("count", 19),
    ]


async def test_an_object_that_is_not_there_is_asked_for_once_a_minute() -> None:
    bench = Bench(POWER, point("voltage", 0, 9))
    assert await bench.read() == {"active_power": 1.5}
    await bench.read()
    bench.asked()
    await bench.read()
    (without,) = bench.asked()
    bench.device.properties |= analog(9, real(230.0), 5)
    bench.clock.now += UNKNOWN_RETRY_MS + 1
    assert await bench.read() == {"active_power": 1.5, "voltage": 230.0}
    assert bench.asked()[0] > without


async def test_a_device_that_has_nothing_of_it_is_another() -> None:
    bench = Bench(point("voltage", 0, 9), point("current", 0, 10))
    for _ in range(2):
        with pytest.raises(ReadFailed, match="none of analog-input,9, analog-input,10") as one:
            await bench.read()
        assert one.value.reason == "refused"


async def test_a_counter_of_its_own_name_is_an_amount() -> None:
    pieces = point("pieces", 23, 2, unit="1")
    bench = Bench(pieces, counters=("pieces",))
    bench.device.properties |= accumulator(2, 7, by=1.0)
    reading = await bench.reader.read(bench.ask)
    assert reading.registers == {"pieces": 7_000_000}
    assert bench.reader.converted("pieces", 8) == 8_000_000
    assert bench.reader.converted("other", 8) is None


async def test_what_is_too_large_to_keep_is_absent() -> None:
    bench = Bench(ENERGY)
    bench.device.properties[23, 1, 187] = scale(1e30)
    bench.device.properties[23, 1, 85] = unsigned(4_000_000_000)
    assert await bench.read() == {}


async def test_uptime_is_a_fact_of_the_device() -> None:
    bench = Bench(point("uptime", 0, 3, unit="s"))
    reading = await bench.reader.read(bench.ask)
    assert (reading.uptime_s, reading.gauges) == (1500.0, {})
