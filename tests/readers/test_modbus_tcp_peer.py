"""Modbus TCP against an independent peer: pymodbus lays out the values, we read them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice
from tests.readers.modbus.devices import around, device, link, point

from meterd.config.points import ModbusDevice
from meterd.events import Reading
from meterd.readers.line import LinkStats
from meterd.readers.modbus_tcp import ModbusTcp

HOLDING = [
    SimData(0, values=230.25, datatype=DataType.FLOAT32),
    SimData(2, values=-12345678.875, datatype=DataType.FLOAT64),
    SimData(6, values=-2, datatype=DataType.INT16),
    SimData(7, values=65534, datatype=DataType.UINT16),
    SimData(8, values=-123456789, datatype=DataType.INT32),
    SimData(10, values=4123456789, datatype=DataType.UINT32),
    SimData(12, values=-1234567890123456789, datatype=DataType.INT64),
    SimData(16, values=123456789012, datatype=DataType.UINT64),
    SimData(20, values="SDM 630 ", datatype=DataType.STRING),
    SimData(40, values=7, datatype=DataType.UINT16),
]
INPUT = [SimData(0, values=[n * 1.5 for n in range(40)], datatype=DataType.FLOAT32)]
COILS = [SimData(0, values=[n in (1, 9) for n in range(16)], datatype=DataType.BITS)]

METER = device(
    point("voltage", 0, "float32"),
    point("own_double", 2, "float64"),
    point("own_int16", 6, "int16"),
    point("own_uint16", 7, "uint16"),
    point("own_int32", 8, "int32"),
    point("own_uint32", 10, "uint32"),
    point("own_int64", 12, "int64"),
    point("energy_import", 16, "uint64", unit="Wh"),
    point("model", 20, "string", length=8),
    point("after_the_hole", 40),
    point("own_bit", 9, table="coil"),
    point("own_other_bit", 10, table="coil"),
    *(point(f"input_{n}", 2 * n, "float32", table="input") for n in range(40)),
)
BLOCKS = (COILS, COILS, HOLDING, INPUT)


@asynccontextmanager
async def peer(asked: ModbusDevice, **more: Any) -> AsyncIterator[tuple[ModbusTcp, LinkStats]]:
    server = ModbusTcpServer(SimDevice(id=1, simdata=BLOCKS, **more), address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    port = server.transport.sockets[0].getsockname()[1]
    surroundings, _ = around()
    stats = LinkStats("peer")
    line = ModbusTcp(link(port, asked), {}, surroundings, stats)
    try:
        yield line, stats
    finally:
        line.close()
        await server.shutdown()


def check(reading: Reading) -> None:
    assert reading.registers == {"energy_import": 123456789012 * 3600}
    assert reading.texts == {"model": "SDM 630"}
    assert reading.gauges == {
        "voltage": 230.25,
        "own_double": -12345678.875,
        "own_int16": -2,
        "own_uint16": 65534,
        "own_int32": -123456789,
        "own_uint32": 4123456789,
        "own_int64": float(-1234567890123456789),
        "after_the_hole": 7,
        "own_bit": 1,
        "own_other_bit": 0,
        **{f"input_{n}": n * 1.5 for n in range(40)},
    }
    assert reading.missing == ()


async def test_every_type_means_to_us_what_it_means_to_pymodbus() -> None:
    async with peer(METER) as (line, stats):
        for _ in range(3):
            check(await line.read(METER))
        assert stats.faults == {"exception_2": 1}  # the hole after the text, learned once


async def test_a_peer_that_is_busy_for_once() -> None:
    busy = iter([ExcCodes.DEVICE_BUSY])

    async def action(*_: object) -> ExcCodes | None:
        return next(busy, None)

    async with peer(METER, action=action) as (line, stats):
        check(await line.read(METER))
        assert stats.faults == {"exception_6": 1, "exception_2": 1}
