"""A line that carries RTU frames, whatever it is made of: its units are read in turn.

Opening it is the reader's business (`modbus_rtu.py`: a serial port; `modbus_rtu_tcp.py`: a
socket); what may be said on it, and when, is the bus's (`rtu_bus.py`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Final

import msgspec

from meterd.config.points import ModbusDevice, ModbusLink
from meterd.events import Reading
from meterd.readers.line import LinkStats, PlannedRequest, Registers, Surroundings
from meterd.readers.modbus import frames, rtu_frames
from meterd.readers.modbus.planning import plan
from meterd.readers.modbus.rtu_bus import Pace, RtuBus
from meterd.readers.modbus.rtu_frames import RtuRequest
from meterd.readers.modbus.unit import Unit
from meterd.readers.polling import Poller

Close = Callable[[], None]
"""Lets go of the line, at once."""


Dial = Callable[[ModbusLink, RtuBus], Awaitable[Close]]
"""Opens the line for the bus; ReadFailed with `link_down` if it cannot be opened."""

SILENCE_CHARACTERS: Final = 3.5
FAST_SILENCE_S: Final = 0.00175
"""Above 19,200 baud the silence is no longer that of 3.5 characters."""
FAST_BAUD: Final = 19_200


class RtuLine:
    """The line of one `ModbusLink` (see `line.Line`)."""

    def __init__(
        self, link: ModbusLink, registers: Registers, given: tuple[Surroundings, LinkStats, Dial]
    ) -> None:
        self._link = link
        self._around, self._stats, self._dial = given
        self._bus = RtuBus(place(link), pace(link), self._stats.faults)
        self._close: Close | None = None
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
            self._close = await self._dial(self._link, self._bus)
            self._stats.opened += 1

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


def place(link: ModbusLink) -> str:
    """Where the line is, for errors."""
    return f"{link.host}:{link.port}" if link.serial is None else link.serial.path


def pace(link: ModbusLink) -> Pace:
    """The times of the line. Behind a serial server its baud rate is not known here."""
    character_s = 0.0 if link.serial is None else link.serial.character_s
    slow = link.serial is not None and link.serial.baudrate <= FAST_BAUD
    return Pace(
        character_s=character_s,
        silence_s=SILENCE_CHARACTERS * character_s if slow else FAST_SILENCE_S,
        timeout_s=link.timeout_ms / 1000,
        turnaround_s=link.max_turnaround_ms / 1000,
    )


async def run(
    link: ModbusLink, registers: Registers, given: tuple[Surroundings, LinkStats, Dial]
) -> None:
    """Read a link for ever; ends by cancellation, with the line closed."""
    around, stats, _dial = given
    await Poller(RtuLine(link, registers, given), link.devices, around, stats).run()


async def read_once(
    link: ModbusLink,
    device: ModbusDevice,
    registers: Collection[str],
    given: tuple[Surroundings, Dial],
) -> Reading:
    """One live reading of one device of the link; ReadFailed if there is none."""
    around, dial = given
    alone = msgspec.structs.replace(link, devices=(device,))
    line = RtuLine(alone, {device.meter: registers}, (around, LinkStats(link.name), dial))
    try:
        return await line.read(device)
    finally:
        line.close()


def plan_cycle(link: ModbusLink) -> list[PlannedRequest]:
    """The requests of one cycle, before anything was learned from the devices.

    Bytes are of the frames. The time on the wire has a silence after each of them, and none
    of what the device thinks.
    """
    times = pace(link)
    found = []
    for device in link.devices:
        for block in plan(device):
            asked = rtu_frames.REQUEST_BYTES
            data = frames.answer_bytes(block.table, block.count)
            answered = rtu_frames.DATA_AT + data + rtu_frames.CRC_BYTES
            wire_s = (asked + answered) * times.character_s + 2 * times.silence_s
            found.append(
                PlannedRequest(
                    meter=device.meter,
                    unit=device.unit,
                    table=block.table,
                    address=block.address,
                    count=block.count,
                    request_bytes=asked,
                    reply_bytes=answered,
                    points=tuple(point.quantity for point in block.points),
                    wire_s=wire_s if link.serial is not None else 0.0,
                )
            )
    return found
