"""What the words of a device could mean, in every order, place, type and scale. Pure.

A *frame* is what all points of a device have in common: table, a shift of the addresses, word
and byte order. Within a frame, the points of a family (voltage_l1 to l3) share a type and a
power of ten on top of the declared scale. What is declared wins where physics says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import product
from typing import Final, NamedTuple

from meterd.config.points import ModbusPoint, Order
from meterd.readers.modbus import plausible
from meterd.readers.modbus.options import OTHER, Frame, Known, Option, Seen, options
from meterd.readers.modbus.plausible import Claim, Rate, family
from meterd.readers.modbus.talk import Place
from meterd.readers.modbus.words import width
from meterd.units import GAUGES, REGISTERS, UNITS, canonical_unit

SHIFTS: Final = (0, -1, 1)
"""Manuals count from 0 or from 1."""
ORDERS: Final[tuple[Order, ...]] = ("big", "little")
_CHANGED_FRAME: Final = 0.2  # what a change must be worth, so that it is not made for nothing
_MIXED: Final = 0.25  # one more type among the gauges
_AGAIN: Final = 4  # frames that are looked at once more
_JOINT: Final = "current"
ANCHORS: Final = ("frequency", "voltage", "power_factor")
"""What can be judged by itself; the others are judged against these."""
_LATER: Final = ("current", "apparent_power", "active_power", "reactive_power", *REGISTERS)


class Guess(NamedTuple):
    """A frame with the best types and scales in it, what it gives, and what physics says."""

    frame: Frame
    score: float
    points: tuple[ModbusPoint, ...]
    values: Mapping[str, float]
    claims: tuple[Claim, ...]

    @property
    def obeys(self) -> int:
        """Claims for it."""
        return sum(claim.weight > 0 for claim in self.claims)


def judgeable(point: ModbusPoint) -> bool:
    """Whether physics can say something of a point, and it may be read in other ways."""
    plain = point.table in OTHER and point.type not in ("string", "bitfield", None)
    known = point.quantity in GAUGES or point.quantity in REGISTERS
    return plain and known and point.scale_point is None


def frames() -> Iterator[Frame]:
    """Every frame."""
    for swapped, shift in product((False, True), SHIFTS):
        for words, octets in product(ORDERS, ORDERS):
            yield Frame(swapped, shift, words, octets)


def wanted(points: Sequence[ModbusPoint]) -> set[Place]:
    """The words that every frame needs, of the points that can be judged."""
    return {
        (table, address)
        for point in filter(judgeable, points)
        for table in (point.table, OTHER[point.table])
        for address in range(point.address - 1, point.address + 1 + max(2, width(point)))
        if 0 <= address < 65_536
    }


def ranking(points: Sequence[ModbusPoint], seen: Seen) -> list[Guess]:
    """The best guess of every frame that gives a value at all, the best first.

    The first few are looked at once more: a current and a power that are wrong by the same
    power of ten agree with each other, so their scales must be chosen together.
    """
    known = Known([point for point in points if judgeable(point)], seen)
    guesses = [_guess(known, frame) for frame in frames()]
    found = sorted(guesses, key=lambda guess: -guess.score)
    found[:_AGAIN] = [_guess(known, guess.frame, again=True) for guess in found[:_AGAIN]]
    return sorted((guess for guess in found if guess.values), key=lambda guess: -guess.score)


def _guess(known: Known, frame: Frame, again: bool = False) -> Guess:
    """Settle the families one after the other, those that can be judged alone first."""
    points, seen = known.points, known.seen
    names = sorted({family(point.quantity) for point in points}, key=_turn)
    groups = {name: options(name, known, frame) for name in names}
    settled = _settled(groups, seen, None)
    if again and _JOINT in groups:
        chosen = settled[names.index(_JOINT)]
        scales = [one for one in groups[_JOINT] if one.kind == chosen.kind]
        tried = [_settled(groups, seen, one) for one in scales]
        settled = max([settled, *tried], key=lambda one: _judged(one, seen))
    total = _judged(settled, seen) - _CHANGED_FRAME * _changes(points, frame)
    values = {name: value for one in settled for name, value in one.now.items()}
    found = tuple(plausible.claims(values, _rate(settled, seen)))
    said = tuple(point for one in settled for point in one.points)
    return Guess(frame, total, said, values, found)


def _settled(
    groups: Mapping[str, Sequence[Option]], seen: Seen, fixed: Option | None
) -> list[Option]:
    """The best of each family, given those before it. fixed: what the current is read as."""
    found: list[Option] = []
    for name, choices in groups.items():
        if name == _JOINT and fixed is not None:
            found.append(fixed)
        else:
            found.append(max(choices, key=lambda one: _judged([*found, one], seen)))
    return found


def _turn(name: str) -> tuple[int, str]:
    order = (*ANCHORS, *_LATER)
    return (order.index(name) if name in order else len(order), name)


def _changes(points: Sequence[ModbusPoint], frame: Frame) -> int:
    """How many things the frame has other than most points are declared."""
    wide = [point for point in points if width(point) > 1]
    words = sum(point.word_order != frame.word_order for point in wide) * 2 > len(wide)
    octets = sum(point.byte_order != frame.byte_order for point in points) * 2 > len(points)
    return sum((frame.swapped, frame.shift != 0, words, octets))


def _judged(readings: Sequence[Option], seen: Seen) -> float:
    """What physics says, less what the changes cost; devices keep to one type for their gauges."""
    values = {name: value for one in readings for name, value in one.now.items()}
    found = plausible.claims(values, _rate(readings, seen))
    gauges = {
        point.type for one in readings for point in one.points if point.quantity not in REGISTERS
    }
    cost = sum(one.cost for one in readings) + _MIXED * max(0, len(gauges) - 1)
    return plausible.score(found) - cost


def _rate(readings: Sequence[Option], seen: Seen) -> Rate:
    before = {name: value for one in readings for name, value in one.before.items()}
    steps = {
        point.quantity: float(abs(point.scale) * Decimal(_unit_in_canonical(point)))
        for one in readings
        for point in one.points
        if point.quantity in REGISTERS
    }
    return Rate(before, seen.seconds, steps)


def _unit_in_canonical(point: ModbusPoint) -> float:
    canonical = canonical_unit(point.quantity) or "1"
    ratio = UNITS[point.unit or canonical].factor / UNITS[canonical].factor
    return float(ratio)
