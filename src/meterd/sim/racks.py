"""The simulated rack PDUs: an SNMP agent each, of two makers, on loopback.

Object identifiers, units and decimal digits after PDU2-MIB (Raritan) and PowerNet-MIB (APC).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from meterd.clock import Clock
from meterd.sim.site import Device, Site
from meterd.sim.snmp_agent import SnmpAgent
from meterd.sim.snmp_ber import Value, number, text
from meterd.sim.snmp_device import RESET
from meterd.units import JOULES_PER_KWH

SYS_UP_TIME: Final = "1.3.6.1.2.1.1.3.0"
_PX3: Final = "1.3.6.1.4.1.13742.6"
_PX3_DIGITS: Final = {1: 3, 4: 0, 5: 0, 6: 0, 7: 2, 8: 0, 23: 1}
"""Sensor of the inlet -> decimal digits of its value: A, V, W, VA, power factor, Wh, Hz."""
_APC: Final = "1.3.6.1.4.1.318.1.1.26"


def agents(site: Site, clock: Clock) -> list[SnmpAgent]:
    """The agents of rack-12 and rack-13; their objects are made when they are asked."""
    made: dict[str, Callable[[Device], dict[str, Value]]] = {"rack-12": px3, "rack-13": rpdu2}
    found = []
    for name, objects in made.items():
        device = site.devices[name]
        agent = SnmpAgent(objects(device))
        agent.refresh = partial(_refresh, agent, partial(objects, device), site, clock)
        found.append(agent)
    return found


def _refresh(
    agent: SnmpAgent, objects: Callable[[], dict[str, Value]], site: Site, clock: Clock
) -> None:
    site.live_to(clock.now_ms())
    agent.set(SYS_UP_TIME, number("timeticks", clock.mono_ms() // 10 % 2**32))
    for name, value in objects().items():
        agent.set(name, value)


def px3(device: Device) -> dict[str, Value]:
    """The inlet of a Raritan PX3, and its serial number."""
    shown = device.gauges()
    sensors = {
        1: shown["current"],
        4: shown["voltage"],
        5: shown["active_power"] * 1000,
        6: shown["apparent_power"] * 1000,
        7: shown["power_factor"],
        8: device.dial() * 1000 / JOULES_PER_KWH,
        23: shown.get("frequency", 50.0),
    }
    objects = {f"{_PX3}.3.2.1.1.4.1": text(device.serial)}
    for sensor, digits in _PX3_DIGITS.items():
        objects[f"{_PX3}.3.3.4.1.7.1.1.{sensor}"] = number("gauge32", digits)
        value = round(sensors[sensor] * 10**digits)
        objects[f"{_PX3}.5.2.3.1.4.1.1.{sensor}"] = number("gauge32", value)
    return objects


def rpdu2(device: Device) -> dict[str, Value]:
    """An APC rack PDU 2G: hundredths of a kilowatt, tenths of a kilowatt-hour."""
    shown = device.gauges()
    status = {
        5: shown["active_power"] * 100,
        9: device.dial() * 10 / JOULES_PER_KWH,
        16: shown["apparent_power"] * 100,
        17: shown["power_factor"] * 100,
    }
    objects = {f"{_APC}.2.1.9.1": text(device.serial), f"{_APC}.4.3.1.10.1": text(RESET)}
    for column, value in status.items():
        objects[f"{_APC}.4.3.1.{column}.1"] = number("integer", round(value))
    for phase in (1, 2, 3):
        amperes, volts = shown[f"current_l{phase}"], shown[f"voltage_l{phase}"]
        objects[f"{_APC}.6.3.1.5.{phase}"] = number("integer", round(amperes * 10))
        objects[f"{_APC}.6.3.1.6.{phase}"] = number("integer", round(volts))
        kilowatts = amperes * volts * shown["power_factor"] / 1000
        objects[f"{_APC}.6.3.1.7.{phase}"] = number("integer", round(kilowatts * 100))
    return objects
