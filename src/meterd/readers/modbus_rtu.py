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
from collections.abc import Collection
from typing import Final

import serial

from meterd.config.points import ModbusDevice, ModbusLink
from meterd.events import Reading
from meterd.readers.line import LinkStats, ReadFailed, Registers, Surroundings
from meterd.readers.modbus import rtu_line
from meterd.readers.modbus.rtu_bus import RtuBus
from meterd.readers.modbus.rtu_line import Close, plan_cycle

__all__ = ["plan_cycle", "read_once", "run"]

PARITY: Final = {"even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD, "none": serial.PARITY_NONE}
CHUNK: Final = 4096


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


async def dial(link: ModbusLink, bus: RtuBus) -> Close:
    """Open the port and let the bus speak on it."""
    wanted = link.serial
    assert wanted is not None, link.name
    try:
        port = serial.Serial(
            port=wanted.path,
            baudrate=wanted.baudrate,
            parity=PARITY[wanted.parity],
            stopbits=wanted.stopbits,
            timeout=0,
            write_timeout=0,
            exclusive=True,
        )
    except (OSError, ValueError) as error:  # SerialException is an OSError
        raise ReadFailed("connect", f"{wanted.path}: {error}", link_down=True) from error
    loop = asyncio.get_running_loop()
    number = port.fileno()

    def close() -> None:
        loop.remove_reader(number)
        bus.disconnect("the port was closed")
        port.close()

    def readable() -> None:
        try:
            data = os.read(number, CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            loop.remove_reader(number)
            bus.disconnect(f"the port is gone: {error.strerror}")
            return
        if data:
            bus.hear(data)
        else:
            loop.remove_reader(number)
            bus.disconnect("the port is gone")

    def write(data: bytes) -> None:
        try:
            os.write(number, data)  # eight bytes, and the line is silent: it has room
        except OSError as error:
            bus.disconnect(f"the port is gone: {error.strerror}")

    port.reset_input_buffer()
    loop.add_reader(number, readable)
    bus.connect(write)
    return close
