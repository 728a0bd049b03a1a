"""What the words of one Modbus answer mean. Pure, and compiled once per request.

Orders: `word_order: big` puts the most significant word first, `byte_order: little` swaps
the bytes within each word. A string's words always come in reading order. A scale whose
exponent is absent makes the value absent.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import NamedTuple

from meterd.config.points import ModbusPoint
from meterd.readers.amounts import Readout
from meterd.readers.modbus.values import CODES, Convert, converter
from meterd.units import REGISTERS

Decode = Callable[[bytes, int, Readout], None]
"""Takes an answer, where its data begin, and the readout to fill."""


def width(point: ModbusPoint) -> int:
    """Words (for coils and discrete inputs: bits) the value takes."""
    if point.table in ("coil", "discrete"):
        return 1
    if point.type == "string":
        return ((point.length or 1) + 1) // 2
    return struct.calcsize(">" + _code(point)) // 2


def _code(point: ModbusPoint) -> str:
    if point.type == "string":
        return f"{2 * width(point)}s"
    return CODES[point.type or "uint16"]


def decoder(points: Sequence[ModbusPoint], address: int, registers: Collection[str] = ()) -> Decode:
    """Compile what the answer to one request means.

    points: all of one table, none below `address`, where the request begins.
    registers: quantities kept as amounts besides the canonical counters.
    """
    counters = REGISTERS.keys() | set(registers)
    steps = [(p, (p.quantity, *converter(p, p.quantity in counters))) for p in points]
    if points[0].table in ("coil", "discrete"):
        return partial(_decode_bits, [(p.address - address, step) for p, step in steps])
    steps.sort(key=lambda pair: pair[0].address)
    lanes: list[_Lane] = []
    while steps:
        lane, steps = _lane(steps, address)
        lanes.append(lane)
    return partial(_decode_words, tuple(lanes))


_Step = tuple[str, int, Convert]


class _Lane(NamedTuple):
    """Points of one order that do not overlap: one unpack for all of them."""

    swapped: bool
    layout: struct.Struct
    steps: tuple[_Step, ...]


def _lane(
    steps: Sequence[tuple[ModbusPoint, _Step]], address: int
) -> tuple[_Lane, list[tuple[ModbusPoint, _Step]]]:
    """A lane of the first point's order, and what has no place in it."""
    swapped, endian = order = _order(steps[0][0])
    layout, taken, left = endian, list[_Step](), []
    for point, step in steps:
        if _order(point) != order or point.address < address:
            left.append((point, step))
            continue
        layout += f"{2 * (point.address - address)}x{_code(point)}"
        address = point.address + width(point)
        taken.append(step)
    return _Lane(swapped, struct.Struct(layout), tuple(taken)), left


def _order(point: ModbusPoint) -> tuple[bool, str]:
    """(swap the bytes of every word first, byte order of the struct) for the point."""
    swapped = point.byte_order == "little"
    if point.type == "string" or point.word_order == "big":
        return swapped, ">"
    return not swapped, "<"


def _decode_words(lanes: Sequence[_Lane], data: bytes, start: int, out: Readout) -> None:
    for swapped, layout, steps in lanes:
        if swapped:
            words = array("H", data[start : start + layout.size])
            words.byteswap()
            fields = layout.unpack_from(words.tobytes())
        else:
            fields = layout.unpack_from(data, start)
        for raw, (quantity, place, convert) in zip(fields, steps, strict=True):
            value = convert(raw)
            if value is not None:
                out[place][quantity] = value  # type: ignore[assignment]  # the place fits


def _decode_bits(steps: Sequence[tuple[int, _Step]], data: bytes, start: int, out: Readout) -> None:
    for at, (quantity, place, convert) in steps:
        value = convert(data[start + at // 8] >> at % 8 & 1)
        if value is not None:
            out[place][quantity] = value  # type: ignore[assignment]  # the place fits
