"""What one raw field of a Modbus device is worth. Pure and exact.

value = raw x scale + offset, in the point's unit. A register becomes an integer of base
units by one rational number and one rounding, half up; a gauge becomes the float nearest
to its value in the canonical unit. What is no value is absent: NaN, infinity, bad BCD, a
declared sentinel, an unreadable text.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import partial
from math import isfinite
from typing import Any, Final, NamedTuple

from meterd.config.points import ModbusPoint
from meterd.readers.exact import Number, line
from meterd.units import TEXTS, UNITS, canonical_unit, plain

CODES: Final = {
    "int16": "h", "uint16": "H", "bcd16": "H", "bitfield": "H",
    "int32": "i", "uint32": "I", "bcd32": "I", "float32": "f",
    "int64": "q", "uint64": "Q", "float64": "d",
}  # fmt: skip
"""Type -> its letter in `struct`."""

FLOATS: Final = ("float32", "float64")

Convert = Callable[[Any], Number | str | None]


class Readout(NamedTuple):
    """What one cycle read of one meter, by quantity.

    registers: amounts in base units. gauges: canonical units. texts: as written.
    raws: raw numbers that wait for the exponent that another point holds.
    """

    registers: dict[str, int]
    gauges: dict[str, float]
    texts: dict[str, str]
    raws: dict[str, Number]


REGISTER, GAUGE, TEXT, RAW = range(4)  # positions in a Readout


def empty() -> Readout:
    """A readout of nothing."""
    return Readout({}, {}, {}, {})


def converter(point: ModbusPoint, register: bool) -> tuple[int, Convert]:
    """Where in a readout the point's value goes, and how its raw field becomes one."""
    if point.type == "string":
        return TEXT, partial(_text, point.length or 1)
    sound = _sound(point)
    if point.scale_point is not None:
        return RAW, sound
    if point.quantity in TEXTS:
        scale: Convert = partial(_numeral, point)
        place = TEXT
    else:
        scale = scaling(point, register)
        place = REGISTER if register else GAUGE
    if point.type in FLOATS and not point.invalid:  # most points: spare them a call
        return place, lambda raw: scale(raw) if isfinite(raw) else None
    return place, lambda raw: None if (number := sound(raw)) is None else scale(number)


def _sound(point: ModbusPoint) -> Callable[[Any], Number | None]:
    """The raw field as a number, or None where it is a sentinel or no number."""
    invalid = _sentinels(point)
    if point.type in FLOATS:
        return lambda raw: raw if isfinite(raw) and raw not in invalid else None
    if point.type in ("bcd16", "bcd32"):
        return lambda raw: None if raw in invalid or (n := _bcd(raw)) in invalid else n
    if point.type == "bitfield":
        bit = point.bit or 0
        return lambda raw: None if raw in invalid else raw >> bit & 1
    return lambda raw: None if raw in invalid else raw


def _sentinels(point: ModbusPoint) -> frozenset[Number]:
    """The raw values that mean "not available": as numbers, and as the bit patterns."""
    found: set[Number] = set(point.invalid)
    code = CODES.get(point.type or "", "")
    if code in {"h", "i", "q", "f", "d"}:
        size = struct.calcsize(">" + code)
        patterns = [one.to_bytes(size, "big") for one in point.invalid if 0 <= one < 1 << 8 * size]
        found.update(struct.unpack(">" + code, pattern)[0] for pattern in patterns)
    return frozenset(found)


def _bcd(raw: int) -> int | None:
    digits = f"{raw:x}"
    return int(digits) if digits.isdecimal() else None


def _text(length: int, raw: bytes) -> str | None:
    """Printable text without the NULs and blanks at its end; None for anything else."""
    try:
        text = raw[:length].decode("utf-8").rstrip("\0 ")
    except UnicodeDecodeError:
        return None
    return text if text and text.isprintable() else None


def _numeral(point: ModbusPoint, raw: Number) -> str:
    """A serial number that the device keeps as a number, as digits."""
    return format(plain(Decimal(raw) * point.scale + point.offset), "f")


def scaling(
    point: ModbusPoint, register: bool, exponent: int = 0
) -> Callable[[Number], Number | None]:
    """The function from a sound raw number to an amount (register) or a gauge's float.

    exponent: power of ten on top of the point's scale. None for what is too large to keep.
    """
    unit = _factor(point, register)
    times = Fraction(point.scale) * Fraction(10) ** exponent * unit
    return line(times, Fraction(point.offset) * unit, register)


def _factor(point: ModbusPoint, register: bool) -> Fraction:
    """Base units (register) or canonical units (gauge) in one of the point's unit."""
    canonical = canonical_unit(point.quantity)
    if register:
        return UNITS[point.unit or canonical or "1"].factor
    if canonical is None or not point.unit:
        return Fraction(1)
    return UNITS[point.unit].factor / UNITS[canonical].factor
