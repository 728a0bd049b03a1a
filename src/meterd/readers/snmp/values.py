"""What a value of SNMP is worth: its tag and content as a number or text. Pure.

The number is the number on the wire: TimeTicks count hundredths. A 32-bit unsigned type
may come with its top bit taken for a sign, as careless agents send it. What is of another
type, NULL, of no bytes or out of its type's range is absent, never 0.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
from math import isfinite
from typing import Final

from meterd.config.snmp import SnmpPoint
from meterd.readers.amounts import GAUGE, RAW, REGISTER, TEXT, numeral, scaling, text
from meterd.readers.exact import Number
from meterd.readers.snmp.ber import INTEGER, OCTETS
from meterd.units import TEXTS

UNSIGNED32: Final = frozenset({0x41, 0x42, 0x43, 0x47})
"""Counter32, Gauge32 (Unsigned32), TimeTicks and the UInteger32 of old."""
COUNTER64: Final = 0x46
OPAQUE: Final = 0x44

TEXT_MAX: Final = 255
_LIMIT32: Final = 1 << 32
_LIMIT64: Final = 1 << 64
_SPECIAL: Final = {  # what an Opaque holds, by the tag inside it (Net-SNMP's own)
    b"\x9f\x78\x04": ">f", b"\x9f\x79\x08": ">d",
}  # fmt: skip

Convert = Callable[[int, bytes], Number | str | None]


def raw_number(tag: int, content: bytes) -> Number | None:
    """The number of a value, or None where it is none."""
    if not content:
        return None
    if tag in UNSIGNED32:
        value = int.from_bytes(content, "big")
        return value if value < _LIMIT32 else None
    if tag == INTEGER:
        return int.from_bytes(content, "big", signed=True) if len(content) <= 8 else None
    if tag == COUNTER64:
        value = int.from_bytes(content, "big")
        return value if value < _LIMIT64 else None
    return _opaque(content) if tag == OPAQUE else None


def _opaque(content: bytes) -> float | None:
    layout = _SPECIAL.get(content[:3])
    if layout is None or len(content) != 3 + struct.calcsize(layout):
        return None
    value: float = struct.unpack(layout, content[3:])[0]
    return value if isfinite(value) else None


def raw_text(tag: int, content: bytes) -> str | None:
    """The text of a value, or None where it is none that can be printed."""
    return text(TEXT_MAX, content) if tag == OCTETS else None


def converter(point: SnmpPoint, register: bool) -> tuple[int, Convert]:
    """Where in a readout the point's value goes, and how tag and content become one."""
    sound = _sound(point)
    if point.scale_point is not None:
        return RAW, sound
    if point.quantity in TEXTS:
        return TEXT, partial(_fact, point, sound)
    scale = scaling(point, register)
    plain = sound is raw_number

    def convert(tag: int, content: bytes) -> Number | None:
        if plain and tag in UNSIGNED32 and 0 < len(content) < 5:  # most values: spare a call
            return scale(int.from_bytes(content, "big"))
        number = sound(tag, content)
        return None if number is None else scale(number)

    return (REGISTER if register else GAUGE), convert


def _fact(
    point: SnmpPoint, sound: Callable[[int, bytes], Number | None], tag: int, content: bytes
) -> str | None:
    """A serial number, which some devices keep as a number."""
    if tag == OCTETS:
        return raw_text(tag, content)
    number = sound(tag, content)
    return None if number is None else numeral(point, number)


def _sound(point: SnmpPoint) -> Callable[[int, bytes], Number | None]:
    """The raw number, or None where it is none or a sentinel."""
    if not point.invalid:
        return raw_number
    high = _LIMIT32 >> 1
    signed = {one - _LIMIT32 for one in point.invalid if high <= one < _LIMIT32}
    invalid = frozenset({*point.invalid, *signed})
    singles = [struct.unpack(">f", struct.pack(">f", one))[0] for one in point.invalid]
    floats = frozenset({*singles, *map(float, point.invalid)})

    def sound(tag: int, content: bytes) -> Number | None:
        number = raw_number(tag, content)
        return None if number in (floats if tag == OPAQUE else invalid) else number

    return sound
