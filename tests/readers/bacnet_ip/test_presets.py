"""An accumulator that somebody sets between two readings."""

from __future__ import annotations

from tests.readers.bacnet_ip.canned import unsigned
from tests.readers.bacnet_ip.said import ENERGY
from tests.readers.bacnet_ip.test_device import Bench

from meterd.orders import ReplacementOrdered

KWH = 3_600_000


def moment(second: int) -> bytes:
    """A date and a time, as value-change-time has them."""
    return bytes((0xA4, 126, 2, 1, 7, 0xB4, 12, 0, second, 0))


class Set(Bench):
    """The accumulator tells when it was set; 12,345 counts of 0.01 kWh."""

    def __init__(self) -> None:
        super().__init__(ENERGY)
        self.device.properties[23, 1, 192] = moment(0)

    def to(self, second: int, *, before: int, new: int, now: int) -> None:
        own = {192: moment(second), 190: unsigned(before), 191: unsigned(new), 85: unsigned(now)}
        self.device.properties |= {(23, 1, number): content for number, content in own.items()}

    def passes(self, span_ms: int) -> None:
        self.clock.now += span_ms


async def test_both_ends_are_told_before_the_reading_is() -> None:
    meter = Set()
    await meter.read()
    meter.passes(10_000)
    meter.to(5, before=12_385, new=100, now=110)  # 0.4 kWh on the old count, 0.1 on the new
    assert await meter.read() == {"energy_import": 110 * KWH // 100}
    assert meter.around.orders == [
        ReplacementOrdered(
            meter="main", at_ms=1_008_000, actor="value-set of accumulator,1",
            quantity="energy_import", old_final=12_385 * KWH // 100, new_initial=KWH,
        )
    ]  # fmt: skip
    await meter.read()
    assert len(meter.around.orders) == 1


async def test_what_does_not_fit_the_readings_is_left_to_the_law() -> None:
    for before, new, now in ((12_300, 100, 110), (12_385, 200, 110)):
        meter = Set()
        await meter.read()
        meter.to(5, before=before, new=new, now=now)
        await meter.read()
        assert meter.around.orders == []


async def test_an_end_that_is_not_told_is_left_open_or_to_the_law() -> None:
    meter = Set()
    await meter.read()
    meter.to(5, before=12_345, new=0, now=3)
    del meter.device.properties[23, 1, 191]
    await meter.read()
    assert [order.new_initial for order in meter.around.orders] == [None]
    meter.to(6, before=12_345, new=0, now=3)
    del meter.device.properties[23, 1, 190]
    await meter.read()
    assert len(meter.around.orders) == 1


async def test_the_first_reading_and_an_absent_one_prove_nothing() -> None:
    meter = Set()
    meter.device.properties[23, 1, 81] = b"\x11"
    await meter.read()
    meter.device.properties[23, 1, 81] = b"\x10"
    meter.to(5, before=12_385, new=100, now=110)
    await meter.read()
    del meter.device.properties[23, 1, 192]
    await meter.read()
    assert meter.around.orders == []
