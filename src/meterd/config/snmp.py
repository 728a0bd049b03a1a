"""SNMP agents as the reader polls them, and how they follow from connections and meters."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec

from meterd.config.compile_meter import unit_of
from meterd.config.connections import Snmp, SnmpAuth, SnmpPrivacy, TrapsConfig
from meterd.config.host_port import host_and_port
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.config.points import UNREAD, RowConfig
from meterd.config.registers import times, transformers
from meterd.config.secret import Secret
from meterd.config.values import ScalePoint


class SnmpPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A value in an SNMP agent, after defaults are filled in and units are checked.

    oid: the object, or with `row` the column of a table. scale_point: other quantities of
    the same meter that hold the power-of-ten exponent. invalid: raw numbers that mean "not
    available".
    """

    quantity: str
    oid: str
    row: RowConfig | None = None
    scale: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)
    unit: str = ""
    scale_point: ScalePoint = None
    invalid: tuple[int | Decimal, ...] = ()


class SnmpDevice(msgspec.Struct, frozen=True, kw_only=True):
    """One meter in an SNMP agent. host, port: the agent's; several meters may share it."""

    meter: str
    host: str
    port: int
    points: tuple[SnmpPoint, ...]
    every_ms: int = 10_000


class SnmpLogin(msgspec.Struct, frozen=True, kw_only=True):
    """How agents are spoken to. context: of version 3."""

    version: Literal["1", "2c", "3"] = "2c"
    community: Secret | None = None
    user: str = ""
    auth: SnmpAuth | None = None
    privacy: SnmpPrivacy | None = None
    context: str = ""


class SnmpLink(msgspec.Struct, frozen=True, kw_only=True):
    """The agents of one connection. traps: where their notifications are listened for.
    port: of agents whose address names none.
    """

    name: str
    login: SnmpLogin
    port: int = 161
    timeout_ms: int = 1000
    traps: TrapsConfig | None = None
    devices: tuple[SnmpDevice, ...] = ()

    @property
    def protocol(self) -> str:
        """The reader's name."""
        return "snmp"


def snmp_links(config: Config) -> tuple[SnmpLink, ...]:
    """Every SNMP connection that has a meter to read, in the file's order.

    Only for a configuration without errors.
    """
    found = [
        snmp_link(config, name, link)
        for name, link in config.connections.items()
        if isinstance(link, Snmp)
    ]
    return tuple(link for link in found if link.devices)


def snmp_link(config: Config, name: str, link: Snmp) -> SnmpLink:
    """One connection, with all that is read over it."""
    return SnmpLink(
        name=name,
        login=_login(link),
        port=link.port,
        timeout_ms=link.timeout,
        traps=link.traps,
        devices=tuple(
            _device(meter, link)
            for meter in config.meters
            if meter.connection == name and meter.status not in UNREAD
        ),
    )


def _login(link: Snmp) -> SnmpLogin:
    return SnmpLogin(
        version=link.version,
        community=link.community,
        user=link.user or "",
        auth=link.auth,
        privacy=link.privacy,
        context=link.context or "",
    )


def _device(meter: MeterConfig, link: Snmp) -> SnmpDevice:
    place = host_and_port(str(meter.address), link.port)
    assert place is not None, meter.address
    return SnmpDevice(
        meter=meter.name,
        host=place[0],
        port=place[1],
        points=snmp_points(meter),
        every_ms=meter.every,
    )


def snmp_points(meter: MeterConfig) -> tuple[SnmpPoint, ...]:
    """The meter's points as the reader polls them."""
    return tuple(_point(meter, quantity) for quantity in meter.points)


def _point(meter: MeterConfig, quantity: str) -> SnmpPoint:
    point, unit = meter.points[quantity], unit_of(meter, quantity)
    assert point.oid is not None, quantity
    by = transformers(meter, quantity, unit)
    return SnmpPoint(
        quantity=quantity,
        oid=point.oid.removeprefix("."),
        row=point.row,
        scale=times(point.scale or Decimal(1), by),
        offset=times(point.offset or Decimal(0), by),
        unit=unit,
        scale_point=point.scale_point,
        invalid=point.invalid or (),
    )
