"""A serial line: pseudo terminals with units that may misbehave, and one reader of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from tests.readers.hall import M1, served_unit
from tests.readers.modbus.devices import StillClock, around, device, point

from meterd.config.points import ModbusDevice, ModbusLink, SerialPort
from meterd.readers import modbus_rtu, modbus_rtu_tcp
from meterd.readers.line import LinkStats, ReadFailed
from meterd.readers.modbus.rtu_line import Dial, RtuLine
from meterd.sim.modbus_server import Asked, Fault
from meterd.sim.rtu_server import RtuLineServer

TIMEOUT_MS = 200
TURNAROUND_MS = 900
LATE_MS = 450
ONE = device(point("a", 7), meter="one")
TWO = device(point("a", 7), meter="two", unit=2)


class Riser:
    """A line with units 1 and 2, and its reader."""

    def __init__(self, server: RtuLineServer, link: ModbusLink, dial: Dial) -> None:
        self.server = server
        self.stats = LinkStats("riser")
        self.link = link
        self.asked_s: list[float] = []
        self.around, _told = around(StillClock())
        self.line = RtuLine(link, {}, (self.around, self.stats, dial))
        self.spoil()

    async def read(self, meter: ModbusDevice = ONE) -> dict[str, float] | str:
        """What was read, or the reason why nothing was."""
        try:
            return (await self.line.read(meter)).gauges
        except ReadFailed as failure:
            return failure.reason

    def spoil(self, *faults: Fault | None) -> None:
        """What is wrong with the answers from now on, one after the other; then nothing."""
        coming = iter(faults)

        def next_fault(_asked: Asked) -> Fault | None:
            self.asked_s.append(asyncio.get_running_loop().time())
            return next(coming, None)

        self.server.misbehave = next_fault

    def gap_ms(self) -> float:
        """Between the last two requests, as the units saw it."""
        before, after = self.asked_s[-2:]
        return 1000 * (after - before)


@asynccontextmanager
async def riser(kind: str = "pty", **more: int) -> AsyncIterator[Riser]:
    server = RtuLineServer({1: served_unit(1), 2: served_unit(2)})
    devices = (ONE, TWO, M1)
    link = ModbusLink(
        name="riser", devices=devices, timeout_ms=TIMEOUT_MS, max_turnaround_ms=TURNAROUND_MS
    )
    if kind == "pty":
        serial = SerialPort(path=server.plug(), baudrate=19_200)
        link = msgspec.structs.replace(link, protocol="modbus_rtu", serial=serial, **more)
        dial = modbus_rtu.dial
    else:
        port = await server.listen()
        link = msgspec.structs.replace(
            link, protocol="modbus_rtu_tcp", host="127.0.0.1", port=port, **more
        )
        dial = modbus_rtu_tcp.dial
    site = Riser(server, link, dial)
    try:
        yield site
    finally:
        site.line.close()
        await server.stop()
