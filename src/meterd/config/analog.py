"""From connections and meters to the current loops that are read."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

import msgspec

from meterd.config.compile_meter import unit_of
from meterd.config.connections import Analog
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.config.points import UNREAD, PointConfig
from meterd.config.registers import transformers
from meterd.units import UNITS, canonical_unit

LOOP_MA: Final = (Decimal(4), Decimal(20))
"""What a loop carries, where the point does not say."""
BELOW: Final = Fraction(1, 40)
ABOVE: Final = Fraction(1, 16)
"""Of the span: 3.6 mA and 21 mA of a loop of 4 to 20 (NAMUR NE 43)."""


class AnalogPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One file that holds a number, and what the number means.

    value = number x times + plus, in base units (register) or canonical ones. low, high: a
    number below or above is a fault, None where nothing is.
    """

    quantity: str
    path: str
    times: Fraction
    plus: Fraction
    register: bool = False
    low: Fraction | None = None
    high: Fraction | None = None


class AnalogDevice(msgspec.Struct, frozen=True, kw_only=True):
    """One meter on current loops."""

    meter: str
    points: tuple[AnalogPoint, ...]
    every_ms: int = 10_000


class AnalogLink(msgspec.Struct, frozen=True, kw_only=True):
    """The loops of a connection. timeout_ms: how long all files of a meter may take."""

    name: str
    timeout_ms: int = 1000
    devices: tuple[AnalogDevice, ...] = ()

    @property
    def protocol(self) -> str:
        """The word that the file has as `protocol:`, and its reader's name."""
        return "analog"


def analog_links(config: Config) -> tuple[AnalogLink, ...]:
    """Every analog connection that has a meter to read, in the file's order.

    Only for a configuration without errors.
    """
    found = [
        AnalogLink(name=name, timeout_ms=link.timeout, devices=_devices(config, name))
        for name, link in config.connections.items()
        if isinstance(link, Analog)
    ]
    return tuple(link for link in found if link.devices)


def _devices(config: Config, name: str) -> tuple[AnalogDevice, ...]:
    return tuple(
        AnalogDevice(
            meter=meter.name,
            points=tuple(_point(meter, quantity) for quantity in meter.points),
            every_ms=meter.every,
        )
        for meter in config.meters
        if meter.connection == name and meter.status not in UNREAD
    )


def _point(meter: MeterConfig, quantity: str) -> AnalogPoint:
    point, unit = meter.points[quantity], unit_of(meter, quantity)
    register = quantity in meter.counters
    factor = _factor(quantity, unit, register=register) * transformers(meter, quantity, unit)
    slope, intercept = _line(point)
    scale, offset = Fraction(point.scale or 1), Fraction(point.offset or 0)
    low, high = _bounds(point)
    return AnalogPoint(
        quantity=quantity,
        path=point.path or str(meter.address),
        times=slope * scale * factor,
        plus=(intercept * scale + offset) * factor,
        register=register,
        low=low,
        high=high,
    )


def _line(point: PointConfig) -> tuple[Fraction, Fraction]:
    """Slope and intercept from the loop to the point's unit; without output 1 and 0."""
    if point.output is None:
        return Fraction(1), Fraction(0)
    (from_in, to_in), (from_out, to_out) = (
        map(Fraction, ends) for ends in (point.input or LOOP_MA, point.output)
    )
    slope = (to_out - from_out) / (to_in - from_in)
    return slope, from_out - slope * from_in


def _bounds(point: PointConfig) -> tuple[Fraction | None, Fraction | None]:
    if point.input is None and point.output is None:
        return None, None
    low, high = sorted(map(Fraction, point.input or LOOP_MA))
    return low - (high - low) * BELOW, high + (high - low) * ABOVE


def _factor(quantity: str, unit: str, *, register: bool) -> Fraction:
    """Base units (register) or canonical units (gauge) in one of a unit."""
    canonical = canonical_unit(quantity)
    if register:
        return UNITS[unit].factor
    if canonical is None or unit not in UNITS:
        return Fraction(1)
    return UNITS[unit].factor / UNITS[canonical].factor
