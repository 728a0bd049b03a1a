"""What a raw number of any device is worth: an amount, or a gauge's float. Pure and exact.

value = raw x scale + offset, in the point's unit; how that is rounded, once, is in `exact.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple, Protocol

from meterd.config.values import ScalePoint, holders
from meterd.readers.exact import Number, line
from meterd.units import REGISTERS, UNITS, canonical_unit, plain

EXPONENT_MAX: Final = 20
"""A larger power of ten is no scale (SunSpec's go from -10 to 10)."""


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
    def scale_point(self) -> ScalePoint:
        """Other quantities of the same meter that hold powers of ten."""
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
    return line(times, Fraction(point.offset) * unit, register)


def _factor(point: Valued, register: bool) -> Fraction:
    """Base units (register) or canonical units (gauge) in one of the point's unit."""
    canonical = canonical_unit(point.quantity)
    if register:
        return UNITS[point.unit or canonical or "1"].factor
    if canonical is None or not point.unit:
        return Fraction(1)
    return UNITS[point.unit].factor / UNITS[canonical].factor


class Scaled:
    """The points whose exponent others of the same cycle hold (SunSpec style); where several
    do, their powers add up, and one that is absent makes the value absent.
    """

    def __init__(self, points: Iterable[Valued], registers: Collection[str] = ()) -> None:
        """points: a meter's points of numbers; those without `scale_point` are passed over."""
        counters = REGISTERS.keys() | set(registers)
        self._points = [
            (point, holders(point.scale_point), REGISTER if point.quantity in counters else GAUGE)
            for point in points
            if point.scale_point is not None
        ]
        self._scales: dict[tuple[str, int], Callable[[Number], Number | None]] = {}

    def finish(self, out: Readout) -> None:
        """Move what waits in `raws` to its place, if its exponent was read."""
        gauges = out.gauges
        for point, named, place in self._points:
            raw = out.raws.get(point.quantity)
            if raw is None or not gauges.keys() >= set(named):
                continue
            exponent = float(sum(gauges[holder] for holder in named))
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
