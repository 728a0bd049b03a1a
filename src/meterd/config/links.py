"""From connections and meters to the links that readers poll."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from meterd.config.analog import AnalogLink, analog_links
from meterd.config.bacnet import BacnetLink, bacnet_links
from meterd.config.compile_meter import unit_of
from meterd.config.connections import ModbusRtu, ModbusRtuTcp, ModbusTcp
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.config.points import (
    UNREAD,
    LimitsConfig,
    ModbusDevice,
    ModbusLink,
    ModbusPoint,
    SerialPort,
)
from meterd.config.pulse import PulseLink, pulse_links
from meterd.config.registers import times, transformers
from meterd.config.snmp import SnmpLink, snmp_links
from meterd.config.sunspec import UNITS_OF

Modbus = ModbusTcp | ModbusRtu | ModbusRtuTcp
TURNAROUND_MS: Final = 1000
"""Of an RTU line that says nothing, or twice its timeout (contract, "Modbus lines")."""
Link = ModbusLink | SnmpLink | BacnetLink | PulseLink | AnalogLink


def links(config: Config) -> tuple[Link, ...]:
    """Every connection that is polled and has a meter to read, protocol by protocol.

    Only for a configuration without errors.
    """
    makers = (modbus_links, snmp_links, bacnet_links, pulse_links, analog_links)
    return tuple(link for made in makers for link in made(config))


def modbus_links(config: Config) -> tuple[ModbusLink, ...]:
    """Every Modbus connection that has a meter to read, in the file's order.

    Only for a configuration without errors.
    """
    devices: dict[str, list[ModbusDevice]] = {}
    for meter in config.meters:
        link = config.connections.get(meter.connection or "")
        if isinstance(link, Modbus) and meter.status not in UNREAD:
            devices.setdefault(str(meter.connection), []).append(modbus_device(meter, link))
    return tuple(
        msgspec.structs.replace(modbus_link(name, link), devices=tuple(devices[name]))
        for name, link in config.connections.items()
        if isinstance(link, Modbus) and name in devices
    )


def modbus_link(name: str, link: Modbus) -> ModbusLink:
    """A Modbus connection without its devices."""
    slowest_ms = max(TURNAROUND_MS, 2 * link.timeout)
    common = ModbusLink(
        name=name,
        protocol=link.protocol,
        timeout_ms=link.timeout,
        max_turnaround_ms=slowest_ms if link.max_turnaround is None else link.max_turnaround,
    )
    if isinstance(link, ModbusRtu):
        serial = SerialPort(
            path=link.port, baudrate=link.baudrate, parity=link.parity, stopbits=link.stopbits
        )
        return msgspec.structs.replace(common, serial=serial)
    return msgspec.structs.replace(
        common,
        host=link.host,
        port=link.port,
        baudrate=link.baudrate or 0,
        keep_open=link.keep_open if isinstance(link, ModbusTcp) else True,
    )


def modbus_device(meter: MeterConfig, link: Modbus) -> ModbusDevice:
    """A Modbus meter as it is polled on its connection."""
    limits = LimitsConfig(pause=link.pause)
    return limited(
        ModbusDevice(
            meter=meter.name,
            unit=int(meter.address or 0),
            points=device_points(meter),
            every_ms=meter.every,
            sunspec=meter.sunspec,
        ),
        meter.limits.over(limits),
    )


def limited(device: ModbusDevice, limits: LimitsConfig) -> ModbusDevice:
    """A device with these limits; what they do not say is as it is."""
    said = {
        "max_words": limits.max_words,
        "max_hole": limits.max_hole,
        "pause_ms": limits.pause,
        "busy_retries": limits.busy_retries,
    }
    known = {key: value for key, value in said.items() if value is not None}
    return msgspec.structs.replace(device, **known)


def device_points(meter: MeterConfig) -> tuple[ModbusPoint, ...]:
    """The points of a Modbus meter as they are polled."""
    return tuple(_point(meter, quantity) for quantity in meter.points)


def _point(meter: MeterConfig, quantity: str) -> ModbusPoint:
    point, unit = meter.points[quantity], unit_of(meter, quantity)
    if point.sunspec is not None:
        return _sunspec_point(meter, quantity, point.sunspec)
    assert point.table is not None, quantity
    assert point.address is not None, quantity
    by = transformers(meter, quantity, unit)
    return ModbusPoint(
        quantity=quantity,
        table=point.table,
        address=point.address,
        type=point.type,
        word_order=point.word_order or "big",
        byte_order=point.byte_order or "big",
        scale=times(point.scale or Decimal(1), by),
        offset=times(point.offset or Decimal(0), by),
        unit=unit,
        scale_point=point.scale_point,
        invalid=point.invalid or (),
        length=point.length,
        bit=point.bit,
    )


def _sunspec_point(meter: MeterConfig, quantity: str, name: str) -> ModbusPoint:
    """A point whose place is found on the device. What it does not say, the model does."""
    point = meter.points[quantity]
    by = transformers(meter, quantity, point.unit or UNITS_OF[name])
    return ModbusPoint(
        quantity=quantity,
        table="holding",
        address=0,
        scale=times(point.scale or Decimal(1), by),
        offset=times(point.offset or Decimal(0), by),
        unit=point.unit or "",
        invalid=point.invalid or (),
        sunspec=name,
    )
