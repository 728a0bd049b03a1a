"""A family of a device's points (voltage_l1 to l3) in every type and power of ten. Pure.

Its raw numbers are taken once for each type; what they are worth at each power of ten is
compiled once for all frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Final, NamedTuple

import msgspec

from meterd.config.points import ModbusPoint, Order, WordType
from meterd.readers.amounts import empty, scaling
from meterd.readers.exact import Number
from meterd.readers.modbus.plausible import family
from meterd.readers.modbus.talk import Place
from meterd.readers.modbus.words import decoder, width
from meterd.units import REGISTERS, UNITS, canonical_unit, from_amount

EXPONENTS: Final = (0, -1, 1, -2, 2, -3, 3)
TYPES: Final[tuple[WordType, ...]] = ("int16", "uint16", "int32", "uint32", "float32")
WIDE: Final[tuple[WordType, ...]] = ("int64", "uint64", "float64")
OTHER: Final = {"input": "holding", "holding": "input"}
_CHANGED_TYPE: Final = 0.3  # what a change must be worth, so that it is not made for nothing
_CHANGED_DIGIT: Final = 0.2
_ABSENT: Final = 0.5  # points that are no value in this reading of them

Words = Mapping[Place, int]
_Raws = Mapping[str, Number]
_Scales = Mapping[tuple[str, int], Callable[[Number], Number | None]]
"""Quantity and exponent -> amount or gauge of a raw number: every frame has the same ones."""


class Frame(NamedTuple):
    """How all points of a device are looked at. swapped: in the other register table."""

    swapped: bool
    shift: int
    word_order: Order
    byte_order: Order


class Seen(NamedTuple):
    """The same words, read twice."""

    before: Words
    now: Words
    seconds: float


class Known:
    """What every guess is made of: the points, their words, and what a raw number is worth."""

    def __init__(self, points: Sequence[ModbusPoint], seen: Seen) -> None:
        self.points = points
        self.seen = seen
        self.scales: _Scales = {
            (point.quantity, exponent): scaling(point, point.quantity in REGISTERS, exponent)
            for point, exponent in product(points, EXPONENTS)
        }


def options(name: str, known: Known, frame: Frame) -> list[Option]:
    """A family in every type and scale; as declared first, which wins a draw."""
    members = [_framed(point, frame) for point in known.points if family(point.quantity) == name]
    wide = any(width(point) == 4 for point in members)
    declared = {point.type for point in members}
    others = [kind for kind in (*TYPES, *(WIDE if wide else ())) if {kind} != declared]
    kinds: list[WordType | None] = [None, *others]
    return [one for kind in kinds for one in _scaled(members, kind, known)]


def _scaled(
    members: Sequence[ModbusPoint], kind: WordType | None, known: Known
) -> Iterator[Option]:
    """A family in one type and every scale. kind: None for the declared type."""
    points = [msgspec.structs.replace(point, type=kind or point.type) for point in members]
    now, before = _raws(points, known.seen.now), _raws(points, known.seen.before)
    for exponent in EXPONENTS:
        values = _values(now, exponent, known.scales)
        retyped = any(
            kind not in (None, point.type) and point.quantity in values for point in members
        )
        absent = len(values) < len(members)
        cost = _CHANGED_TYPE * retyped + _CHANGED_DIGIT * abs(exponent) + _ABSENT * absent
        said = tuple(
            msgspec.structs.replace(point, scale=point.scale.scaleb(exponent)) for point in points
        )
        yield Option(kind, said, values, _values(before, exponent, known.scales), cost)


class Option(NamedTuple):
    """The points of a family in one type and scale, and their values in both readings."""

    kind: WordType | None
    points: tuple[ModbusPoint, ...]
    now: Mapping[str, float]
    before: Mapping[str, float]
    cost: float


def _raws(points: Sequence[ModbusPoint], words: Words) -> _Raws:
    """What stands in the words of the points, unscaled; what is no number is left out."""
    out = empty()
    for point in points:
        places = [(point.table, point.address + n) for n in range(width(point))]
        if all(place in words for place in places):
            data = b"".join(words[place].to_bytes(2, "big") for place in places)
            unscaled = msgspec.structs.replace(point, scale_point=point.quantity)
            decoder((unscaled,), point.address)(data, 0, out)
    return out.raws


def _values(raws: _Raws, exponent: int, scales: _Scales) -> dict[str, float]:
    """The same in canonical units; what is too large to keep is left out."""
    found: dict[str, float] = {}
    for quantity, raw in raws.items():
        value = scales[quantity, exponent](raw)
        if isinstance(value, int):  # the amount of a register
            value = float(from_amount(value, UNITS[canonical_unit(quantity) or "1"]))
        if value is not None:
            found[quantity] = value
    return found


def _framed(point: ModbusPoint, frame: Frame) -> ModbusPoint:
    return msgspec.structs.replace(
        point,
        table=OTHER[point.table] if frame.swapped else point.table,
        address=point.address + frame.shift,
        word_order=frame.word_order,
        byte_order=frame.byte_order,
    )
