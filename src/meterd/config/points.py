"""Points: where a quantity is in a device, and what it means (contract section 1, "Points").

The YAML's own words; every field a user may write on a point of any protocol is here once.
value = raw x scale + offset, in `unit`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec

Table = Literal["coil", "discrete", "input", "holding"]
WordType = Literal[
    "int16", "uint16", "int32", "uint32", "int64", "uint64",
    "float32", "float64", "bcd16", "bcd32", "string", "bitfield",
]  # fmt: skip
Order = Literal["big", "little"]


class ModbusPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A value in a Modbus device, after defaults are filled in and units are checked.

    address: zero-based, the number on the wire. type: None for coil and discrete.
    scale, offset: exact. unit: the declared or canonical unit, "" for none.
    scale_point: another quantity of the same meter that holds the power-of-ten exponent.
    invalid: raw numbers that mean "not available", compared after word and byte order and
    before scale; for signed types the bit pattern and the number both match.
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
    scale_point: str | None = None
    invalid: tuple[int, ...] = ()
    length: int | None = None
    bit: int | None = None


class ModbusDevice(msgspec.Struct, frozen=True, kw_only=True):
    """One Modbus unit as the reader polls it.

    every_ms: the poll grid. max_words, max_bits: the most one request may ask for.
    max_hole: words that may be read in vain to join two points in one request.
    """

    meter: str
    unit: int
    points: tuple[ModbusPoint, ...]
    every_ms: int = 10_000
    max_words: int = 125
    max_bits: int = 2000
    max_hole: int = 16


class ModbusLink(msgspec.Struct, frozen=True, kw_only=True):
    """One Modbus TCP connection: a host and port, and the units behind it, read in turn."""

    name: str
    host: str
    port: int = 502
    timeout_ms: int = 1000
    devices: tuple[ModbusDevice, ...] = ()
