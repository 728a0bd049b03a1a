"""A line that carries RTU frames, whatever it is made of: its units are read in turn.

Opening it is the reader's business (`modbus_rtu.py`: a serial port; `modbus_rtu_tcp.py`: a
socket); what may be said on it, and when, is the bus's (`rtu_bus.py`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Final

import msgspec

from meterd.config.points import ModbusDevice, ModbusLink
from meterd.events import Reading
from meterd.readers.line import LinkStats, PlannedRequest, Registers, Surroundings
from meterd.readers.modbus import rtu_frames
from meterd.readers.modbus.planning import plan
from meterd.readers.modbus.rtu_bus import Pace, RtuBus
from meterd.readers.modbus.rtu_frames import RtuRequest
from meterd.readers.modbus.sunspec import nominal, shown
from meterd.readers.modbus.sunspec_unit import reads
from meterd.readers.modbus.talk import Talk
from meterd.readers.modbus.turns import Ask, Transport, Turns
from meterd.readers.modbus.wire_time import FAST_SILENCE_S, line_of, on_a_line, reply_bytes
from meterd.readers.polling import Poller

Close = Callable[[], None]
"""Lets go of the line, at once."""


Dial = Callable[[ModbusLink, RtuBus], Awaitable[Close]]
"""Opens the line for the bus; ReadFailed with `link_down` if it cannot be opened."""

TRANSPORT: Final = Transport(
    rtu_frames.request, rtu_frames.DATA_AT, rtu_frames.identify, rtu_frames.CRC_BYTES
)


class RtuLine:
    """The line of one `ModbusLink` (see `line.Line`)."""

    def __init__(
        self, link: ModbusLink, registers: Registers, given: tuple[Surroundings, LinkStats, Dial]
    ) -> None:
        self._link = link
        self._around, self._stats, self._dial = given
        self._bus = RtuBus(place(link), pace(link), self._stats.faults)
        self._turns = Turns(self._around.clock, self._stats)
        self._close: Close | None = None
        self._units = {
            device.meter: reads(device, registers.get(device.meter, ()), TRANSPORT, self._session)
            for device in link.devices
        }

    def _session(self) -> int:
        return self._stats.opened

    async def open(self) -> None:
        """Open the line, unless it is open."""
        if not self._bus.ready:
            self.close()
            self._close = await self._dial(self._link, self._bus)
            self._stats.opened += 1

    async def read(self, device: ModbusDevice) -> Reading:
        """One reading of one unit; ReadFailed if there is none."""
        return await self._units[device.meter].read(self.ask(device.pause_ms), self._around)

    def ask(self, pause_ms: int) -> Ask:
        """Asks any unit, with a pause before each request."""
        return partial(self._turns.take, pause_ms, self._ask)

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
    """The times of the line. Behind a serial server they are known if its baud rate is."""
    times = line_of(link)
    return Pace(
        character_s=times.character_s if times else 0.0,
        silence_s=times.silence_s if times else FAST_SILENCE_S,
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


def talk(link: ModbusLink, pause_ms: int, given: tuple[Surroundings, Dial]) -> Talk:
    """A conversation with any unit of a line that nobody polls."""
    around, dial = given
    alone = msgspec.structs.replace(link, devices=())
    line = RtuLine(alone, {}, (around, LinkStats(link.name), dial))
    return Talk(line.ask(pause_ms), TRANSPORT, line.close)


def plan_cycle(link: ModbusLink) -> list[PlannedRequest]:
    """The requests of one cycle, before anything was learned from the devices.

    Bytes are of the frames; for the time on the wire see `wire_time.py`.
    """
    return [
        PlannedRequest(
            meter=device.meter,
            unit=device.unit,
            table=block.table,
            address=block.address,
            count=block.count,
            request_bytes=rtu_frames.REQUEST_BYTES,
            reply_bytes=reply_bytes(block),
            points=shown(block.points),
            wire_s=times.wire_s,
            least_s=times.least_s,
        )
        for device in link.devices
        for block in plan(nominal(device))
        for times in (on_a_line(link, device, block),)
    ]
