"""RTU over TCP against an independent peer: pymodbus frames the answers, we read them."""

from __future__ import annotations

from pymodbus.framer import FramerType
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice
from tests.readers.modbus.devices import around, device, point

from meterd.config.points import ModbusLink
from meterd.readers.modbus_rtu_tcp import read_once

METER = device(
    point("energy_import", 0, "uint32", unit="Wh"),
    point("voltage", 2, "float32"),
    point("own_bit", 9, table="coil"),
)
HOLDING = [
    SimData(0, values=4123456789, datatype=DataType.UINT32),
    SimData(2, values=230.25, datatype=DataType.FLOAT32),
]
COILS = [SimData(0, values=[n == 9 for n in range(16)], datatype=DataType.BITS)]


async def test_an_rtu_frame_means_to_us_what_it_means_to_pymodbus() -> None:
    blocks = (COILS, COILS, HOLDING, HOLDING)
    served = SimDevice(id=1, simdata=blocks)
    server = ModbusTcpServer(served, framer=FramerType.RTU, address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    port = server.transport.sockets[0].getsockname()[1]
    surroundings, _ = around()
    link = ModbusLink(
        name="peer", protocol="modbus_rtu_tcp", host="127.0.0.1", port=port, devices=(METER,)
    )
    try:
        reading = await read_once(link, METER, (), surroundings)
    finally:
        await server.shutdown()
    assert reading.registers == {"energy_import": 4123456789 * 3600}
    assert reading.gauges == {"voltage": 230.25, "own_bit": 1}
