"""What a raw number of any device is worth: an amount, or a gauge's float. Pure and exact.

value = raw x scale + offset, in the point's unit. A register becomes an integer of base
units by one rational number and one rounding, half up; a gauge becomes the float nearest
to its value in the canonical unit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from fractions import Fraction
from functools import partial
from math import lcm
from typing import Final, NamedTuple, Protocol

from meterd.units import REGISTERS, UNITS, canonical_unit, plain

AMOUNT_MAX: Final = 2**63 - 1
"""No meter counts further, and no store keeps more: a larger amount is absent."""

_FLOAT_EXACT: Final = 2**53  # integers up to here are floats without rounding


EXPONENT_MAX: Final = 20
"""A larger power of ten is no scale (SunSpec's go from -10 to 10)."""

Number = int | float


class Valued(Protocol):
    """What must be known of a point to make an amount of its raw number."""

    @property
    def quantity(self) -> str:
        """What it is."""
        ...

    @property
    def scale(self) -> Decimal:
        """What the raw number is multiplied by, exactly."""
        ...

    @property
    def offset(self) -> Decimal:
        """What is added then."""
        ...

    @property
    def unit(self) -> str:
        """The unit of the result, "" for none."""
        ...

    @property
    def scale_point(self) -> str | None:
        """Another quantity of the same meter that holds a power of ten."""
        ...


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


def text(length: int, raw: bytes) -> str | None:
    """Printable text without the NULs and blanks at its end; None for anything else."""
    try:
        said = raw[:length].decode("utf-8").rstrip("\0 ")
    except UnicodeDecodeError:
        return None
    return said if said and said.isprintable() else None


def numeral(point: Valued, raw: Number) -> str:
    """A serial number that the device keeps as a number, as digits."""
    return format(plain(Decimal(raw) * point.scale + point.offset), "f")


def scaling(point: Valued, register: bool, exponent: int = 0) -> Callable[[Number], Number | None]:
    """The function from a sound raw number to an amount (register) or a gauge's float.

    exponent: power of ten on top of the point's scale. None for what is too large to keep.
    """
    unit = _factor(point, register)
    times = Fraction(point.scale) * Fraction(10) ** exponent * unit
    shift = Fraction(point.offset) * unit
    under = lcm(times.denominator, shift.denominator)
    over, add = int(times * under), int(shift * under)
    if register:
        return partial(_amount, over, add, under)
    if over == under == 1 and add == 0:
        return float
    if over == 1 and add == 0 and under <= _FLOAT_EXACT:
        return lambda raw: raw / under  # one division of exact numbers rounds once, too
    return partial(_gauge, over, add, under)


def _factor(point: Valued, register: bool) -> Fraction:
    """Base units (register) or canonical units (gauge) in one of the point's unit."""
    canonical = canonical_unit(point.quantity)
    if register:
        return UNITS[point.unit or canonical or "1"].factor
    if canonical is None or not point.unit:
        return Fraction(1)
    return UNITS[point.unit].factor / UNITS[canonical].factor


def _amount(over: int, add: int, under: int, raw: Number) -> int | None:
    """(raw x over + add) / under, exactly, rounded half away from zero."""
    top, bottom = raw.as_integer_ratio()
    number = 2 * (top * over + add * bottom)
    bottom *= under
    amount = (abs(number) + bottom) // (2 * bottom)
    if amount > AMOUNT_MAX:
        return None
    return amount if number >= 0 else -amount


def _gauge(over: int, add: int, under: int, raw: Number) -> float | None:
    """(raw x over + add) / under as the nearest float."""
    top, bottom = raw.as_integer_ratio()
    try:
        return (top * over + add * bottom) / (bottom * under)
    except OverflowError:
        return None


class Scaled:
    """The points whose exponent another point of the same cycle holds (SunSpec style)."""

    def __init__(self, points: Iterable[Valued], registers: Collection[str] = ()) -> None:
        """points: a meter's points of numbers; those without `scale_point` are passed over."""
        counters = REGISTERS.keys() | set(registers)
        self._points = [
            (point, point.scale_point, REGISTER if point.quantity in counters else GAUGE)
            for point in points
            if point.scale_point is not None
        ]
        self._scales: dict[tuple[str, int], Callable[[Number], Number | None]] = {}

    def finish(self, out: Readout) -> None:
        """Move what waits in `raws` to its place, if its exponent was read."""
        for point, holder, place in self._points:
            raw, exponent = out.raws.get(point.quantity), out.gauges.get(holder)
            if raw is None or exponent is None:
                continue
            if not exponent.is_integer() or abs(exponent) > EXPONENT_MAX:
                continue
            value = self._scale(point, place, int(exponent))(raw)
            if value is not None:
                out[place][point.quantity] = value  # type: ignore[assignment]  # it fits

    def _scale(self, point: Valued, place: int, exponent: int) -> Callable[[Number], Number | None]:
        key = (point.quantity, exponent)  # at most 41 exponents a point
        if key not in self._scales:
            self._scales[key] = scaling(point, place == REGISTER, exponent)
        return self._scales[key]
