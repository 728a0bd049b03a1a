"""A SunSpec meter as it is read: found, read, and found again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice
from tests.readers.modbus.devices import around, link
from tests.readers.modbus.sunspec_maps import USUAL, common, laid, meter, roof, sun

from meterd.events import Reading
from meterd.readers import modbus_tcp
from meterd.readers.line import LinkStats
from meterd.readers.modbus_tcp import ModbusTcp
from meterd.sim.modbus_server import Fault

WH = 3600
ONE = sun()
MAP = laid(40_000, common("A-1"), meter(**USUAL))


def checked(reading: Reading | str) -> Reading:
    assert isinstance(reading, Reading), reading
    return reading


async def test_a_meter_is_found_and_read_exactly() -> None:
    async with roof(MAP, ONE) as line:
        reading = checked(await line.whole(ONE))
        assert reading.registers == {"energy_import": 12_345_600 * WH}
        assert reading.dials == {"energy_import": (100 * WH, 100 * WH * 2**32)}
        assert reading.gauges == {
            "active_power": -12.34, "voltage_l1": 230.1, "frequency": 50.01, "power_factor": -0.98,
        }  # fmt: skip
        assert (reading.serial, set(reading.missing)) == ("A-1", {"energy_export", "voltage_l2"})
        assert [(one.address, one.count) for one in line.server.asked] == [
            (40_000, 2), (40_002, 2), (40_070, 2), (40_177, 2), (40_052, 73),
        ]  # fmt: skip
        await line.whole(ONE)
        assert len(line.server.asked) == 6  # known: one request


async def test_a_scale_factor_may_change_between_two_readings() -> None:
    async with roof(dict(MAP), ONE) as line:
        first = checked(await line.whole(ONE))
        line.holds(laid(40_000, common("A-1"), meter(**{**USUAL, "w": -1, "w_sf": 4})))
        second = checked(await line.whole(ONE))
        assert (first.gauges["active_power"], second.gauges["active_power"]) == (-12.34, -10.0)


@pytest.mark.parametrize("exponent", [0x8000, 21, -21])
async def test_a_value_without_a_sound_scale_factor_is_absent(exponent: int) -> None:
    async with roof(laid(40_000, meter(**{**USUAL, "w_sf": exponent})), ONE) as line:
        reading = checked(await line.whole(ONE))
        assert "active_power" not in reading.gauges
        assert reading.gauges["frequency"] == 50.01


async def test_an_energy_of_zero_is_not_implemented() -> None:
    async with roof(laid(40_000, meter(**{**USUAL, "imported": 0})), ONE) as line:
        assert checked(await line.whole(ONE)).registers == {}


async def test_a_model_that_moved_is_not_read_at_its_old_place() -> None:
    async with roof(dict(MAP), ONE) as line:
        await line.whole(ONE)
        other = meter(**{**USUAL, "imported": 7})
        line.holds(laid(40_000, common("A-1"), [64_001, 1, 4711], other))
        failed = await line.whole(ONE)
        assert failed == "refused: unit 1: model 203 is no longer at 40070"
        assert checked(await line.whole(ONE)).registers == {"energy_import": 700 * WH}


async def test_it_is_found_again_on_a_new_connection_and_after_a_silence() -> None:
    async with roof(dict(MAP), ONE, timeout_ms=100) as line:
        await line.whole(ONE)
        line.server.hang_up()
        await line.whole(ONE)  # replaced in the middle, its header still right
        line.holds(laid(50_000, common("B-2"), meter(**USUAL)))
        assert checked(await line.whole(ONE)).serial == "B-2"
        line.spoil(Fault(silent=True))
        assert str(await line.whole(ONE)).startswith("timeout")
        line.holds(laid(0, common("C-3"), meter(**USUAL)))
        assert checked(await line.whole(ONE)).serial == "C-3"


async def test_a_device_without_a_map_says_so() -> None:
    async with roof({}, ONE) as line:
        assert "no SunSpec model 201 or 202" in str(await line.whole(ONE))


def test_a_plan_tells_what_is_most_likely_asked() -> None:
    (request,) = modbus_tcp.plan_cycle(link(1, sun(models=(203,))))
    assert (request.address, request.count) == (40_052, 73)
    assert "active_power" in request.points
    assert not any(name.startswith(":") for name in request.points)


@asynccontextmanager
async def peer(base: int, words: list[int]) -> AsyncIterator[int]:
    """An independent server that holds the words; yields its port."""
    held = SimDevice(
        id=1,
        simdata=[SimData(base, values=words, datatype=DataType.UINT16)],
    )
    server = ModbusTcpServer(held, address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    try:
        yield server.transport.sockets[0].getsockname()[1]
    finally:
        await server.shutdown()


async def test_a_map_that_another_program_serves() -> None:
    words = list(laid(40_000, common("P-9"), meter(**USUAL)).values())
    async with peer(40_000, words) as port:
        surroundings, _ = around()
        line = ModbusTcp(link(port, ONE), {}, surroundings, LinkStats("peer"))
        try:
            reading = await line.read(ONE)
        finally:
            line.close()
    assert (reading.serial, reading.registers) == ("P-9", {"energy_import": 12_345_600 * WH})
