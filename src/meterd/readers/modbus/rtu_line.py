"""A line that carries RTU frames, whatever it is made of: its units are read in turn.

Opening it is the reader's business (`modbus_rtu.py`: a serial port; `modbus_rtu_tcp.py`: a
socket); what may be said on it, and when, is the bus's (`rtu_bus.py`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping

from meterd.config.points import ModbusDevice, ModbusLink
from meterd.events import Reading
from meterd.readers.line import Surroundings
from meterd.readers.modbus import rtu_frames
from meterd.readers.modbus.rtu_bus import RtuBus
from meterd.readers.modbus.rtu_frames import RtuRequest
from meterd.readers.modbus.unit import Unit

Registers = Mapping[str, Collection[str]]
"""Meter -> its quantities that are counters, besides the canonical ones."""

Close = Callable[[], None]
"""Lets go of the line, at once."""


class RtuLine:
    """The line of one `ModbusLink` (see `line.Line`).

    dial: opens the line for the bus and returns how to close it; ReadFailed, link down, if
    it cannot be opened.
    """

    def __init__(
        self,
        link: ModbusLink,
        registers: Registers,
        around: Surroundings,
        bus: RtuBus,
        dial: Callable[[RtuBus], Awaitable[Close]],
    ) -> None:
        self._around = around
        self._bus = bus
        self._dial = dial
        self._close: Close | None = None
        self.opened = 0
        self._units = {
            device.meter: Unit(
                device, registers.get(device.meter, ()), rtu_frames.request, rtu_frames.DATA_AT
            )
            for device in link.devices
        }

    async def open(self) -> None:
        """Open the line, unless it is open."""
        if not self._bus.ready:
            self.close()
            self._close = await self._dial(self._bus)
            self.opened += 1

    async def read(self, device: ModbusDevice) -> Reading:
        """One reading of one unit; ReadFailed if there is none."""
        return await self._units[device.meter].read(self._ask, self._around)

    def close(self) -> None:
        """Let go of the line."""
        if self._close is not None:
            self._close()
            self._close = None

    async def _ask(self, request: RtuRequest) -> bytes:
        await self.open()
        return await self._bus.exchange(request)
