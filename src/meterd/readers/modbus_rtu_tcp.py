"""Modbus RTU meters behind a serial server: RTU frames over TCP, checksums and all.

    connections:
      gateway: {protocol: modbus_rtu_tcp, host: 10.1.0.21, port: 4001}

The server passes bytes on and knows nothing of frames, so what it delivers late is as
dangerous as on the line itself, and hanging up does not clear what it was sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from meterd.config.points import ModbusDevice, ModbusLink
from meterd.events import Reading
from meterd.readers.line import LinkStats, ReadFailed, Registers, Surroundings
from meterd.readers.modbus import rtu_line
from meterd.readers.modbus.client import watch
from meterd.readers.modbus.rtu_bus import RtuBus
from meterd.readers.modbus.rtu_line import Close, place, plan_cycle
from meterd.readers.modbus.talk import Talk

__all__ = ["plan_cycle", "read_once", "run", "talk"]


async def run(
    link: ModbusLink, registers: Registers, around: Surroundings, stats: LinkStats
) -> None:
    """Read a link for ever; ends by cancellation, with the connection closed."""
    await rtu_line.run(link, registers, (around, stats, dial))


async def read_once(
    link: ModbusLink, device: ModbusDevice, registers: Collection[str], around: Surroundings
) -> Reading:
    """One live reading of one device of the link; ReadFailed if there is none."""
    return await rtu_line.read_once(link, device, registers, (around, dial))


class _Stream(asyncio.Protocol):
    """The bytes between the server and the bus."""

    def __init__(self, bus: RtuBus) -> None:
        self._bus = bus
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a TCP transport writes
        sock = transport.get_extra_info("socket")
        if sock is not None:
            watch(sock)
        self._bus.connect(transport.write)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._bus.hear(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._transport = None
            self._bus.disconnect("the server closed the connection")

    def close(self) -> None:
        """Hang up at once."""
        if self._transport is not None:
            self._transport.abort()
        self.connection_lost(None)


def talk(link: ModbusLink, pause_ms: int, around: Surroundings) -> Talk:
    """A conversation with any unit of a line that nobody polls."""
    return rtu_line.talk(link, pause_ms, (around, dial))


async def dial(link: ModbusLink, bus: RtuBus) -> Close:
    """Connect, and let the bus speak through the connection."""
    try:
        async with asyncio.timeout(link.timeout_ms / 1000):
            loop = asyncio.get_running_loop()
            _, stream = await loop.create_connection(lambda: _Stream(bus), link.host, link.port)
    except (OSError, UnicodeError) as error:  # TimeoutError is an OSError
        why = str(error) or f"no answer within {link.timeout_ms} ms"
        raise ReadFailed("connect", f"{place(link)}: {why}", link_down=True) from error
    return stream.close
