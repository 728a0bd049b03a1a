"""Modbus TCP meters, directly or behind a gateway: one connection per host and port.

    connections:
      hall: {protocol: modbus_tcp, host: 10.1.0.20, port: 502, timeout: 1s}

A gateway often allows one connection only, so all units behind it share one socket and are
asked one after the other. A connection that the device closed while it was idle is
replaced, once and silently; any other loss is a failed poll.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Final

import msgspec

from meterd.config.points import ModbusDevice, ModbusLink
from meterd.events import Reading
from meterd.readers.line import LinkStats, PlannedRequest, Registers, Surroundings
from meterd.readers.modbus import frames
from meterd.readers.modbus.client import ClosedError, Connection, connect
from meterd.readers.modbus.planning import plan
from meterd.readers.modbus.sunspec import nominal, shown
from meterd.readers.modbus.sunspec_unit import reads
from meterd.readers.modbus.talk import Talk
from meterd.readers.modbus.turns import Ask, Transport, Turns
from meterd.readers.modbus.wire_time import behind_tcp
from meterd.readers.polling import Poller

TRANSPORT: Final = Transport(frames.request, frames.DATA_AT, frames.identify)


class ModbusTcp:
    """The line of one `ModbusLink` (see `line.Line`)."""

    def __init__(
        self, link: ModbusLink, registers: Registers, around: Surroundings, stats: LinkStats
    ) -> None:
        self._link = link
        self._around = around
        self._stats = stats
        self._turns = Turns(around.clock, stats)
        self._connection: Connection | None = None
        self._units = {
            device.meter: reads(device, registers.get(device.meter, ()), TRANSPORT, self._session)
            for device in link.devices
        }

    def _session(self) -> int:
        return self._stats.opened

    async def open(self) -> None:
        """Connect, unless it is connected; ReadFailed with `link_down`."""
        if self._connection is None or self._connection.closed:
            await self._connect()

    async def read(self, device: ModbusDevice) -> Reading:
        """One reading of one unit; ReadFailed if there is none."""
        ask = self.ask(device.pause_ms)
        try:
            return await self._units[device.meter].read(ask, self._around)
        finally:
            if not self._link.keep_open:
                self.close()

    def ask(self, pause_ms: int) -> Ask:
        """Asks any unit, with a pause before each request."""
        return partial(self._turns.take, pause_ms, self._ask)

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _connect(self) -> Connection:
        tid = self._around.chance.randrange(65536)
        self._connection = await connect(self._link, tid, self._stats.faults)
        self._stats.opened += 1
        return self._connection

    async def _ask(self, request: frames.Request) -> bytes:
        connection = self._connection
        if connection is None or connection.closed:
            connection = await self._connect()
        try:
            return await connection.exchange(request)
        except ClosedError as closed:
            if not closed.stale:
                raise
        return await (await self._connect()).exchange(request)


async def run(
    link: ModbusLink, registers: Registers, around: Surroundings, stats: LinkStats
) -> None:
    """Read a link for ever; ends by cancellation, with the connection closed."""
    line = ModbusTcp(link, registers, around, stats)
    await Poller(line, link.devices, around, stats).run()


async def read_once(
    link: ModbusLink, device: ModbusDevice, registers: Collection[str], around: Surroundings
) -> Reading:
    """One live reading of one device of the link; ReadFailed if there is none."""
    alone = msgspec.structs.replace(link, devices=(device,))
    line = ModbusTcp(alone, {device.meter: registers}, around, LinkStats(link.name))
    try:
        return await line.read(device)
    finally:
        line.close()


def talk(link: ModbusLink, pause_ms: int, around: Surroundings) -> Talk:
    """A conversation with any unit of a link that nobody polls."""
    line = ModbusTcp(msgspec.structs.replace(link, devices=()), {}, around, LinkStats(link.name))
    return Talk(line.ask(pause_ms), TRANSPORT, line.close)


def plan_cycle(link: ModbusLink) -> list[PlannedRequest]:
    """The requests of one cycle of a link, before anything was learned from its devices.

    Bytes are TCP payload, MBAP header included; for the time on the wire see `wire_time.py`.
    """
    return [
        PlannedRequest(
            meter=device.meter,
            unit=device.unit,
            table=block.table,
            address=block.address,
            count=block.count,
            request_bytes=frames.REQUEST_BYTES,
            reply_bytes=frames.DATA_AT + frames.answer_bytes(block.table, block.count),
            points=shown(block.points),
            wire_s=times.wire_s,
            least_s=times.least_s,
        )
        for device in link.devices
        for block in plan(nominal(device))
        for times in (behind_tcp(link, device, block),)
    ]
