"""What a device's answers are worth: values, or why there are none. Pure.

A value counts only if its object is in service, reports no fault and is reliable; one that an
operator overrides at the device does not follow what it measures, so it is absent too.
An accumulator's value is present-value x scale, never prescale.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from fractions import Fraction
from math import isfinite
from typing import Final, NamedTuple

from meterd.config.bacnet import PRESENT_VALUE, BacnetPoint
from meterd.metering.dial import Dial
from meterd.readers.bacnet_ip.engineering import Engineering, unit_for
from meterd.readers.bacnet_ip.refusals import UNKNOWN
from meterd.readers.bacnet_ip.services import Answers, Given, Item, Refusal
from meterd.readers.bacnet_ip.tags import Tag, integer
from meterd.readers.exact import Number, line, shortest
from meterd.units import TEXTS, UNITS, canonical_unit

MAX_PRES_VALUE, OUT_OF_SERVICE, RELIABILITY, STATUS_FLAGS = 65, 81, 103, 111
UNITS_OF, SCALE, VALUE_SET, VALUE_BEFORE_CHANGE, VALUE_CHANGE_TIME = 117, 187, 191, 190, 192
"""Properties."""
ACCUMULATOR, DEVICE = 23, 8
"""Object types."""
FAULTS: Final = slice(1, 4)
"""Of the status flags: fault, overridden, out of service; an alarm is no reason to doubt."""
EXPONENT_MAX: Final = 30
"""Of a scale that is a power of ten."""


class Conversion(NamedTuple):
    """How a raw number becomes a value. dial: what the device says of the counter."""

    line: Callable[[Number], Number | None]
    dial: Dial | None = None


def in_a_cycle(point: BacnetPoint) -> tuple[int, ...]:
    """The properties that are read every time."""
    if point.oid[0] == DEVICE:
        return (point.number,)
    health = (point.number, STATUS_FLAGS, RELIABILITY, OUT_OF_SERVICE)
    return (*health, SCALE, VALUE_CHANGE_TIME) if is_accumulated(point) else health


def once(point: BacnetPoint) -> tuple[int, ...]:
    """The properties that say what a value means, and hardly ever change."""
    own = (MAX_PRES_VALUE,) if is_accumulated(point) else ()
    return own if point.unit or point.oid[0] == DEVICE else (UNITS_OF, *own)


def is_accumulated(point: BacnetPoint) -> bool:
    """Whether it is an accumulator's count."""
    return point.oid[0] == ACCUMULATOR and point.number == PRESENT_VALUE


def merged(items: list[Item]) -> list[Item]:
    """Every object once."""
    found: dict[tuple[int, int], dict[int, None]] = {}
    for item in items:
        found.setdefault(item.oid, {}).update(dict.fromkeys(item.properties))
    return [Item(oid, tuple(numbers)) for oid, numbers in found.items()]


def is_sound(oid: tuple[int, int], answers: Answers) -> bool:
    """Whether an object's value can be believed."""
    flags = answers.get((oid, STATUS_FLAGS))
    if type(flags) is tuple and any(flags[FAULTS]):
        return False
    if is_withheld(flags):
        return False
    for number in (RELIABILITY, OUT_OF_SERVICE):
        said = answers.get((oid, number), 0)
        if is_withheld(said) or (isinstance(said, int) and said != 0):
            return False
    return True


def is_withheld(given: Given) -> bool:
    """Whether a device has a property and does not give it now."""
    return isinstance(given, Refusal) and given.code not in UNKNOWN


def number_of(given: Given) -> Number | None:
    """A property's value as a finite number."""
    if isinstance(given, int | float) and isfinite(given):
        return given
    return None


def text_of(given: Given) -> str | None:
    """A property's value as text that can be printed."""
    if isinstance(given, str):
        return given if given and given.isprintable() else None
    return str(given) if isinstance(given, int) else None


def scale_of(given: Given) -> Fraction | None:
    """An accumulator's scale: a float, as its shortest decimal, or a power of ten."""
    if not isinstance(given, Tag):
        return None
    if given.number == 0 and len(given.content) == 4:
        real: float = struct.unpack(">f", given.content)[0]
        return Fraction(repr(shortest(real))) if isfinite(real) and real else None
    if given.number == 1 and 0 < len(given.content) <= 4:
        exponent = integer(given.content, signed=True)
        return Fraction(10) ** exponent if abs(exponent) <= EXPONENT_MAX else None
    return None


def conversion(point: BacnetPoint, answers: Answers, *, register: bool) -> Conversion | None:
    """What is done to a point's raw number, by what its object says of itself.

    None where that cannot be known: a unit of another dimension, a scale that is none.
    """
    number = answers.get((point.oid, UNITS_OF))
    own = unit_for(point.quantity, number if isinstance(number, int) else None)
    unit = Engineering(point.unit) if point.unit else own
    scale = _scale(point, answers)
    if unit is None or scale is None:
        return None
    base = _factor(point.quantity, unit.unit, register=register) * unit.times
    times = scale * point.times * base
    plus = Fraction(point.offset) * point.times * base
    plus += unit.plus * _factor(point.quantity, unit.unit, register=register)
    most = number_of(answers.get((point.oid, MAX_PRES_VALUE)))
    dial = _dial(times, most) if register and is_accumulated(point) else None
    return Conversion(line(times, plus, register), dial)


def _scale(point: BacnetPoint, answers: Answers) -> Fraction | None:
    if point.scale is not None:
        return Fraction(point.scale)
    if not is_accumulated(point):
        return Fraction(1)
    given = answers.get((point.oid, SCALE))
    if isinstance(given, Refusal) and not is_withheld(given):
        return Fraction(1)
    return scale_of(given)


def _factor(quantity: str, unit: str, *, register: bool) -> Fraction:
    """Base units (register) or canonical units (gauge) in one of a unit."""
    canonical = canonical_unit(quantity)
    if register:
        return UNITS[unit or canonical or "1"].factor
    if canonical is None or unit not in UNITS:
        return Fraction(1)
    return UNITS[unit].factor / UNITS[canonical].factor


def _dial(times: Fraction, most: Number | None) -> Dial:
    """One count and the modulus, in base units. most: the largest value before it wraps."""
    count = max(1, round(times))
    if most is None or most < 1:
        return Dial(count)
    modulus = round((int(most) + 1) * times)
    return Dial(count, modulus if modulus > 1 else None)


def value(point: BacnetPoint, answers: Answers) -> Given:
    """A point's raw value; None where there is none to believe."""
    given = answers.get((point.oid, point.number))
    if isinstance(given, Refusal) or not is_sound(point.oid, answers):
        return None
    return text_of(given) if point.quantity in TEXTS else number_of(given)
