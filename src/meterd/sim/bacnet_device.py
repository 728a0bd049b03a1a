"""A BACnet device as its profile describes it, with a load that follows the time.

It writes objects from the profile's points, and shares no code with the reader that reads
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Final

from meterd.config.points import PointConfig
from meterd.sim.bacnet_server import BacnetServer, Point
from meterd.sim.profile_device import SERIAL, load
from meterd.units import TEXTS, UNITS, canonical_unit

KINDS: Final = ("accumulator", "analog-input", "analog-value", "pulse-converter")
"""Objects that are served."""
COUNTS: Final = Decimal("0.01")
"""What a count of an accumulator is worth where its point does not say."""
NAMES: Final = {
    "kWh": "kilowattHours", "Wh": "wattHours", "MWh": "megawattHours", "kW": "kilowatts",
    "W": "watts", "MW": "megawatts", "V": "volts", "kV": "kilovolts", "A": "amperes",
    "Hz": "hertz", "kVA": "kilovoltAmperes", "VA": "voltAmperes", "ratio": "powerFactor",
    "kvar": "kilovoltAmperesReactive", "var": "voltAmperesReactive", "m3": "cubicMeters",
    "kvarh": "kilovoltAmpereHoursReactive", "m3/h": "cubicMetersPerHour", "degC": "degreesCelsius",
}  # fmt: skip
"""Our units as BACnet spells them; an object of another unit has none."""


class UnservedError(Exception):
    """A point that no object here can show. The text names it."""


def device(instance: int, points: Mapping[str, PointConfig]) -> BacnetServer:
    """The device; UnservedError for a point of another kind of object."""
    measured = {name: one for name, one in points.items() if name not in TEXTS}
    objects = [_object(name, one) for name, one in measured.items()]
    return BacnetServer(instance, objects, serial=SERIAL)


def follow(server: BacnetServer, points: Mapping[str, PointConfig], seconds: float) -> None:
    """Show everything as of so long after the start."""
    shown = load(seconds)
    for point in server.points:
        value = _in_unit(point.name, points[point.name], shown.get(point.name, 0.0))
        if point.kind == "accumulator":
            server.set(point.name, _counts(value, points[point.name]))
        else:
            server.set(point.name, float(value))


def _object(name: str, point: PointConfig) -> Point:
    kind, _, instance = (point.object or "").partition(",")
    if kind not in KINDS or (point.property or "present-value") != "present-value":
        raise UnservedError(f"{name}: {point.object} is not served; there are {', '.join(KINDS)}")
    unit = point.unit or canonical_unit(name) or ""
    scale = float(point.scale if point.scale is not None else COUNTS)
    return Point(
        kind=kind, instance=int(instance), name=name, scale=scale,
        units=NAMES.get(unit, "noUnits"), most=2**32 - 1,
    )  # fmt: skip


def _in_unit(name: str, point: PointConfig, value: float) -> Fraction:
    """A canonical value in the point's unit, before what the point does to it."""
    canonical, own = canonical_unit(name), point.unit
    amount = Fraction(repr(value))
    if canonical is not None and own and own != canonical:
        amount *= Fraction(UNITS[canonical].factor) / Fraction(UNITS[own].factor)
    amount -= Fraction(point.offset or 0)
    kept = point.scale is None or (point.object or "").startswith("accumulator")
    return amount if kept else amount / Fraction(point.scale or 1)


def _counts(value: Fraction, point: PointConfig) -> int:
    by = point.scale if point.scale is not None else COUNTS
    whole = value / Fraction(by)
    exact = Decimal(whole.numerator) / Decimal(whole.denominator)
    return int(exact.to_integral_value(ROUND_HALF_UP)) % 2**32
