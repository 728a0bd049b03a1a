"""What one raw field of a Modbus device is worth. Pure and exact.

What is no value is absent: NaN, infinity, bad BCD, a declared sentinel, an unreadable text.
What a sound number is worth is said in `amounts.py`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
from math import isfinite
from typing import Any, Final

from meterd.config.points import ModbusPoint
from meterd.readers.amounts import GAUGE, RAW, REGISTER, TEXT, numeral, scaling, text
from meterd.readers.exact import Number
from meterd.units import TEXTS

CODES: Final = {
    "int16": "h", "uint16": "H", "bcd16": "H", "bitfield": "H",
    "int32": "i", "uint32": "I", "bcd32": "I", "float32": "f",
    "int64": "q", "uint64": "Q", "float64": "d",
}  # fmt: skip
"""Type -> its letter in `struct`."""

FLOATS: Final = ("float32", "float64")
Convert = Callable[[Any], Number | str | None]


def converter(point: ModbusPoint, register: bool) -> tuple[int, Convert]:
    """Where in a readout the point's value goes, and how its raw field becomes one."""
    if point.type == "string":
        return TEXT, partial(text, point.length or 1)
    sound = _sound(point)
    if point.scale_point is not None:
        return RAW, sound
    if point.quantity in TEXTS:
        scale: Convert = partial(numeral, point)
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
    code = ">" + CODES.get(point.type or "", "")
    bits = 8 * struct.calcsize(code)
    whole = [int(one) for one in point.invalid if one == int(one)]
    found: set[Number] = set(whole)
    if point.type in FLOATS:  # as near as the type comes to the decimal
        found = {struct.unpack(code, struct.pack(code, one))[0] for one in point.invalid}
    if code[1:] in {"h", "i", "q", "f", "d"}:
        patterns = [one.to_bytes(bits // 8, "big") for one in whole if 0 <= one < 1 << bits]
        found.update(struct.unpack(code, pattern)[0] for pattern in patterns)
    return frozenset(found)


def _bcd(raw: int) -> int | None:
    digits = f"{raw:x}"
    return int(digits) if digits.isdecimal() else None
