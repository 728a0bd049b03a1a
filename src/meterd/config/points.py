"""Points: where a quantity is in a device, and what it means (contract section 1, "Points").

The YAML's own words; every field a user may write on a point of any protocol is here once.
value = raw x scale + offset, in `unit`.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from meterd.config.sunspec import SunSpecConfig
from meterd.config.values import Duration, NonZero, NotNegative, Positive, ScalePoint
from meterd.units import GAUGES, REGISTERS, SUMMED, UNITS

Table = Literal["coil", "discrete", "input", "holding"]
WordType = Literal[
    "int16", "uint16", "int32", "uint32", "int64", "uint64",
    "float32", "float64", "bcd16", "bcd32", "string", "bitfield",
]  # fmt: skip
Order = Literal["big", "little"]

KEYS: Final[dict[str, frozenset[str]]] = {
    "modbus": frozenset(
        {
            "table",
            "address",
            "type",
            "word_order",
            "byte_order",
            "scale_point",
            "length",
            "bit",
            "sunspec",
        }
    ),
    "snmp": frozenset({"oid", "row", "scale_point"}),
    "bacnet": frozenset({"object", "property", "cov", "trend"}),
    "analog": frozenset({"path", "input", "output"}),
    "pulse": frozenset({"line", "path", "pulses_per_unit", "debounce", "edge", "bias"}),
    "push": frozenset({"topic", "field"}),
    "virtual": frozenset({"expression"}),
}
"""The keys of a point that only some families of protocols have."""
LOCATORS: Final = {
    "modbus": "address",
    "snmp": "oid",
    "bacnet": "object",
    "pulse": "line",
    "analog": "path",
    "virtual": "expression",
}
"""The key that says where a point is, by family."""
_SAYS_WHERE: Final = frozenset({*LOCATORS.values(), "sunspec"})
PULSE_RATES: Final = {
    "energy_import": ("active_power", Fraction(1, 1000)),
    "volume": ("flow", Fraction(3600, 10**6)),
}
"""A counter of pulses -> the gauge that their spacing tells, and its canonical units in one
base unit a second."""
UNREAD: Final = frozenset({"planned", "decommissioned"})
"""Statuses of meters that are not read (contract, section 1)."""
COUNTER_KEYS: Final = (
    "modulus", "resolution", "max_kw", "max_per_hour", "nonvolatile", "jitter", "on_decrease",
    "stale_after",
)  # fmt: skip
"""The keys that say how a counter counts."""


class RowConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The row of an SNMP table: where column `oid` equals a text."""

    oid: str
    equals: str


class PointConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A point as the file has it; None where it says nothing.

    Which keys belong to which protocol is in KEYS. modulus, resolution, jitter and
    max_per_hour are in the point's unit.
    """

    table: Table | None = None
    address: int | None = None
    type: WordType | None = None
    word_order: Order | None = None
    byte_order: Order | None = None
    length: int | None = None
    bit: int | None = None
    scale_point: ScalePoint = None
    sunspec: str | None = None
    oid: str | None = None
    row: RowConfig | None = None
    object: str | None = None
    property: str | None = None
    cov: bool | None = None
    trend: str | None = None
    line: int | None = None
    pulses_per_unit: Positive | None = None
    debounce: Duration | None = None
    edge: Literal["rising", "falling", "both"] | None = None
    bias: Literal["pull_up", "pull_down", "disabled", "as_is"] | None = None
    path: str | None = None
    input: tuple[Decimal, ...] | None = None
    output: tuple[Decimal, ...] | None = None
    topic: str | None = None
    field: str | None = None
    expression: str | None = None
    scale: NonZero | None = None
    offset: Decimal | None = None
    unit: str | None = None
    invalid: tuple[Decimal, ...] | None = None
    modulus: Positive | None = None
    resolution: Positive | None = None
    max_kw: Positive | None = None
    max_per_hour: Positive | None = None
    nonvolatile: bool | None = None
    jitter: NotNegative | None = None
    on_decrease: Literal["reconcile", "strict"] | None = None
    stale_after: Duration | None = None

    def said(self) -> dict[str, Any]:
        """The keys that have a value, and it."""
        return {
            key: value
            for key in self.__struct_fields__
            if (value := getattr(self, key)) is not None
        }

    def is_counter(self, quantity: str) -> bool:
        """Whether it counts: the canonical counters, and own ones that say how they count,
        count pulses, or are an expression in a unit that is summed.
        """
        if quantity in REGISTERS or quantity in GAUGES:
            return quantity in REGISTERS
        unit = UNITS.get(self.unit or "")
        said = any(getattr(self, key) is not None for key in COUNTER_KEYS)
        counts = said or self.expression is not None or self.pulses_per_unit is not None
        return counts and unit is not None and unit.dimension in SUMMED

    def over(self, below: PointConfig) -> PointConfig:
        """This point over a profile's: a full address replaces all, else key by key."""
        mine = self.said()
        return self if mine.keys() & _SAYS_WHERE else msgspec.structs.replace(below, **mine)


class LimitsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a Modbus device can take: words of one request, words read in vain; the pause it
    wants before a request, and how often it is asked again when it says that it is busy."""

    max_words: int | None = None
    max_hole: int | None = None
    pause: Duration | None = None
    busy_retries: Annotated[int, Meta(ge=0, le=5)] | None = None

    def over(self, below: LimitsConfig) -> LimitsConfig:
        """These limits over a profile's, key by key."""
        mine = {key: getattr(self, key) for key in self.__struct_fields__}
        said = {key: value for key, value in mine.items() if value is not None}
        return msgspec.structs.replace(below, **said)


class ModbusPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A value in a Modbus device, after defaults are filled in and units are checked.

    address: zero-based, the number on the wire. type: None for coil and discrete.
    scale, offset: exact. unit: the declared or canonical unit, "" for none.
    scale_point: other quantities of the same meter that hold the power-of-ten exponent.
    invalid: raw numbers that mean "not available", compared after word and byte order and
    before scale; for signed types and floats the bit pattern and the number both match. sunspec:
    its name in a SunSpec model; table, address and type are found then, and a unit of "" is the
    model's.
    """

    quantity: str
    table: Table
    address: int
    type: WordType | None = None
    word_order: Order = "big"
    byte_order: Order = "big"
    scale: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)
    unit: str = ""
    scale_point: ScalePoint = None
    invalid: tuple[int | Decimal, ...] = ()
    length: int | None = None
    bit: int | None = None
    sunspec: str = ""


class ModbusDevice(msgspec.Struct, frozen=True, kw_only=True):
    """One Modbus unit as the reader polls it.

    every_ms: the poll grid. max_words, max_bits: the most one request may ask for.
    max_hole: words that may be read in vain to join two points in one request. pause_ms:
    between the last answer on its line and a request to it. busy_retries: requests again
    after an exception 5 or 6. sunspec: where its SunSpec map and the model in it are.
    """

    meter: str
    unit: int
    points: tuple[ModbusPoint, ...]
    every_ms: int = 10_000
    max_words: int = 125
    max_bits: int = 2000
    max_hole: int = 16
    pause_ms: int = 0
    busy_retries: int = 1
    sunspec: SunSpecConfig = SunSpecConfig()


class SerialPort(msgspec.Struct, frozen=True, kw_only=True):
    """How a serial line is set. parity: even, odd or none; there are eight data bits."""

    path: str
    baudrate: int = 19_200
    parity: str = "even"
    stopbits: int = 1

    @property
    def character_s(self) -> float:
        """Seconds that one byte takes, with its start, parity and stop bits."""
        return (9 + (self.parity != "none") + self.stopbits) / self.baudrate


class ModbusLink(msgspec.Struct, frozen=True, kw_only=True):
    """One Modbus connection, and the units behind it, read in turn.

    protocol: modbus_tcp, modbus_rtu or modbus_rtu_tcp. host, port: of the two over TCP.
    serial: of modbus_rtu. max_turnaround_ms: of RTU, from a request to when its answer can
    come no more. baudrate: of the line behind a gateway or a serial server, 0 if not known.
    keep_open: whether a TCP connection lasts from one reading to the next.
    """

    name: str
    protocol: str = "modbus_tcp"
    host: str = ""
    port: int = 502
    serial: SerialPort | None = None
    max_turnaround_ms: int = 0
    timeout_ms: int = 1000
    devices: tuple[ModbusDevice, ...] = ()
    baudrate: int = 0
    keep_open: bool = True
