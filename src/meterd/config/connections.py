"""Connections: one entry is one physical link, read by one task.

hall:  {protocol: modbus_tcp, host: 10.1.0.20, port: 502, timeout: 1s}
riser: {protocol: modbus_rtu, port: /dev/ttyUSB0, baudrate: 19200, parity: even}
pdus:  {protocol: snmp, version: 2c, community: public}
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from meterd.config.secret import Secret
from meterd.config.values import Duration, Port


def family(protocol: str) -> str:
    """Protocols whose points are written alike: modbus is three of them."""
    return "modbus" if protocol.startswith("modbus") else protocol


def protocol_word(protocol: str) -> str:
    """Seed 000's word for a connection's protocol: modbus_rtu_tcp is Modbus RTU."""
    return "modbus_rtu" if protocol == "modbus_rtu_tcp" else protocol


class _Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="protocol"):
    """What every connection has. timeout: how long to wait for one answer."""

    timeout: Duration = 1000

    @property
    def protocol(self) -> str:
        """The word that the file has as `protocol:`."""
        return str(self.__struct_config__.tag)


Baudrate = Annotated[int, Meta(ge=300, le=4_000_000)]


class ModbusTcp(_Link, tag="modbus_tcp", frozen=True, kw_only=True):
    """Modbus TCP, a device or a gateway.

    pause: between an answer and the next request. keep_open: whether the connection lasts from
    one reading to the next. baudrate: of the line behind a gateway, so that `plan` knows it.
    """

    host: str
    port: Port = 502
    max_turnaround: Duration | None = None
    pause: Duration = 0
    keep_open: bool = True
    baudrate: Baudrate | None = None


class ModbusRtu(_Link, tag="modbus_rtu", frozen=True, kw_only=True):
    """Modbus RTU on a serial line. max_turnaround: default the larger of 1s and twice timeout."""

    port: str
    baudrate: Baudrate = 19_200
    parity: Literal["even", "odd", "none"] = "even"
    stopbits: Annotated[int, Meta(ge=1, le=2)] = 1
    max_turnaround: Duration | None = None
    pause: Duration = 0


class ModbusRtuTcp(_Link, tag="modbus_rtu_tcp", frozen=True, kw_only=True):
    """Modbus RTU frames over TCP, through a serial device server. baudrate: of its line."""

    host: str
    port: Port
    max_turnaround: Duration | None = None
    pause: Duration = 0
    baudrate: Baudrate | None = None


class SnmpAuth(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Authentication of an SNMPv3 user."""

    protocol: Literal["md5", "sha", "sha1", "sha224", "sha256", "sha384", "sha512"]
    password: Secret


class SnmpPrivacy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Encryption of an SNMPv3 user."""

    protocol: Literal["des", "aes128", "aes192", "aes256"]
    password: Secret


class TrapsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the agents' traps and informs are listened for: prompts to read a meter now."""

    listen: str = "0.0.0.0:162"


class Snmp(_Link, tag="snmp", frozen=True, kw_only=True):
    """SNMP agents; each meter's address says which.

    port: of agents whose address names none. context: of version 3.
    """

    version: Literal["1", "2c", "3"] = "2c"
    community: Secret | None = None
    user: str | None = None
    auth: SnmpAuth | None = None
    privacy: SnmpPrivacy | None = None
    context: str | None = None
    port: Port = 161
    traps: TrapsConfig | None = None


class Bacnet(_Link, tag="bacnet", frozen=True, kw_only=True):
    """BACnet/IP. bind, port: our own socket; bind may say the network's prefix.

    bbmd: where we register as a foreign device, for `ttl` at a time. cov: points are
    subscribed to, besides being polled, for `cov_lifetime` at a time.
    """

    timeout: Duration = 3000
    bind: str | None = None
    port: Port = 47_808
    bbmd: str | None = None
    ttl: Duration = 300_000
    cov: bool = False
    cov_lifetime: Duration = 300_000


class Pulse(_Link, tag="pulse", frozen=True, kw_only=True):
    """Pulses on GPIO lines of this host."""

    chip: str = "/dev/gpiochip0"


class Analog(_Link, tag="analog", frozen=True, kw_only=True):
    """Current loops: an IIO channel or any file that holds a number."""


class Push(_Link, tag="push", frozen=True, kw_only=True):
    """Readings that others post to the API."""


class Manual(_Link, tag="manual", frozen=True, kw_only=True):
    """Readings that a person enters."""


Connection = ModbusTcp | ModbusRtu | ModbusRtuTcp | Snmp | Bacnet | Pulse | Analog | Push | Manual
