"""Modbus RTU meters on a serial line of this host.

    connections:
      riser: {protocol: modbus_rtu, port: /dev/ttyUSB0, baudrate: 19200, parity: even, stopbits: 1}

The port is held exclusively: two masters on one line garble each other. One that goes away
(a USB adapter pulled out) is opened again when it is back; name it by its /dev/serial/by-id
link, which does not change with the order of plugging.
"""

from __future__ import annotations

import asyncio
import os
import termios
from collections.abc import Collection
from typing import Final

import serial

from meterd.config.points import ModbusDevice, ModbusLink
from meterd.events import Reading
from meterd.readers.line import LinkStats, ReadFailed, Registers, Surroundings
from meterd.readers.modbus import rtu_line
from meterd.readers.modbus.rtu_bus import RtuBus
from meterd.readers.modbus.rtu_line import Close, plan_cycle
from meterd.readers.modbus.talk import Talk

__all__ = ["plan_cycle", "read_once", "run", "talk"]

PARITY: Final = {"even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD, "none": serial.PARITY_NONE}
CHUNK: Final = 4096
PSEUDO: Final = "/dev/pts/"
"""Pseudo terminals know no parity, and refuse a second opener that asks for nothing else new."""


async def run(
    link: ModbusLink, registers: Registers, around: Surroundings, stats: LinkStats
) -> None:
    """Read a link for ever; ends by cancellation, with the port closed."""
    await rtu_line.run(link, registers, (around, stats, dial))


async def read_once(
    link: ModbusLink, device: ModbusDevice, registers: Collection[str], around: Surroundings
) -> Reading:
    """One live reading of one device of the link; ReadFailed if there is none."""
    return await rtu_line.read_once(link, device, registers, (around, dial))


def _is_pseudo(path: str) -> bool:
    """Whether a port is a pseudo terminal, under whatever name."""
    return os.path.realpath(path).startswith(PSEUDO)


def talk(link: ModbusLink, pause_ms: int, around: Surroundings) -> Talk:
    """A conversation with any unit of a line that nobody polls."""
    return rtu_line.talk(link, pause_ms, (around, dial))


async def dial(link: ModbusLink, bus: RtuBus) -> Close:
    """Open the port and let the bus speak on it."""
    wanted = link.serial
    assert wanted is not None, link.name
    try:
        port = serial.Serial(
            port=wanted.path,
            baudrate=wanted.baudrate,
            parity=PARITY["none" if _is_pseudo(wanted.path) else wanted.parity],
            stopbits=wanted.stopbits,
            timeout=0,
            write_timeout=0,
            exclusive=True,
        )
        port.reset_input_buffer()
    except (OSError, ValueError, termios.error) as error:  # SerialException is an OSError
        raise ReadFailed("connect", f"{wanted.path}: {error}", link_down=True) from error
    return _Port(port, bus).close


class _Port:
    """The bytes between an open port and the bus."""

    def __init__(self, port: serial.Serial, bus: RtuBus) -> None:
        self._port = port
        self._bus = bus
        self._number = port.fileno()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._number, self._readable)
        bus.connect(self._write)

    def close(self) -> None:
        """Let go of it."""
        self._lose("the port was closed")
        self._port.close()

    def _readable(self) -> None:
        try:
            data = os.read(self._number, CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(f"the port is gone: {error.strerror}")
            return
        if data:
            self._bus.hear(data)
        else:
            self._lose("the port is gone")

    def _write(self, data: bytes) -> None:
        try:
            os.write(self._number, data)  # eight bytes, and the line is silent: it has room
        except OSError as error:
            self._lose(f"the port is gone: {error.strerror}")

    def _lose(self, why: str) -> None:
        self._loop.remove_reader(self._number)
        self._bus.disconnect(why)
