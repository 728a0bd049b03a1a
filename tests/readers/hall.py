"""A hall: a Modbus TCP device server that may misbehave, and one line to it.

Every word of a unit holds its own address (plus 1000 for input registers, plus 10000 times
the unit), so that a value tells where it is from.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.readers.modbus.devices import StillClock, around, device, link, point

from meterd.config.points import ModbusDevice, ModbusLink
from meterd.readers.line import LinkStats, ReadFailed
from meterd.readers.modbus_tcp import ModbusTcp
from meterd.sim.modbus_server import Fault, ModbusServer, Unit

M1 = device(point("a", 7), point("b", 60), point("c", 7, table="input"))
TRUTH = {"a": 10_007.0, "b": 10_060.0, "c": 11_007.0}
SILENCE_MS = 100


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
