"""The simulated switch rooms: their meters as Modbus units on loopback."""

from __future__ import annotations

import struct
from functools import partial
from typing import Final

from meterd.clock import Clock
from meterd.sim.modbus_server import ModbusServer, Unit
from meterd.sim.site import Device, Site

SERIAL_WORDS: Final = 6
LINKS: Final = ({1: "main", 2: "office", 3: "chillers"}, {1: "ups"})
"""What is behind each connection of demo.yaml: unit id -> device.

The chillers are read over BACnet; here they are for who lacks its extra.
"""


def servers(site: Site, clock: Clock) -> list[ModbusServer]:
    """One server a connection; a unit's words are made when it is asked."""
    found = []
    for link in LINKS:
        units = {}
        for number, name in link.items():
            unit = Unit()
            unit.refresh = partial(_refresh, unit, site.devices[name], site, clock)
            units[number] = unit
        found.append(ModbusServer(units))
    return found


def _refresh(unit: Unit, device: Device, site: Site, clock: Clock) -> None:
    site.live_to(clock.now_ms())
    unit.holding.update(enumerate(words_of(device)))


def words_of(device: Device) -> list[int]:
    """The holding words of a device, as demo_meter.yaml and demo.yaml describe them."""
    counts = device.dial() // device.count % 2**32
    serial = device.serial.encode("ascii").ljust(2 * SERIAL_WORDS, b"\0")
    gauges = device.gauges()
    volts = [round(gauges[f"voltage_l{n}"] * 10) for n in (1, 2, 3)]
    amperes = [round(gauges[f"current_l{n}"] * 100) for n in (1, 2, 3)]
    hertz, factor = round(gauges["frequency"] * 100), round(gauges["power_factor"] * 1000)
    watts = round(gauges["active_power"] * 1000)
    head = struct.pack(">Ii8H", counts, watts, *volts, *amperes, hertz, factor)
    head = head.ljust(36, b"\0")
    block = head + serial
    return list(struct.unpack(f">{len(block) // 2}H", block))
