"""An SNMP agent as its profile describes it, with a load that follows the time. Pure.

It writes values from the profile's points, and shares no code with the reader that reads
them: what comes back is what went in, or one of the two is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from meterd.config.snmp import SnmpPoint
from meterd.config.values import holders
from meterd.sim.profile_device import SERIAL, load, shown
from meterd.sim.snmp_ber import Value, number, object_id, text
from meterd.units import TEXTS

DIGITS: Final = 2
"""Decimal digits of a sensor that says itself how many it has."""
RESET: Final = "01/01/2026 00:00:00"
SYSTEM: Final = "1.3.6.1.2.1.1"
ROW: Final = ".1"
"""The index of the one row of a table."""
_LIMIT32: Final = 1 << 32


def objects(points: Iterable[SnmpPoint], seconds: float) -> dict[str, Value]:
    """Everything the points describe, as of so long after the start."""
    points = tuple(points)
    measured = load(seconds)
    raws, powers = _exponents(points), _powers(points)
    found = {}
    for point in points:
        if point.row is not None:
            found[point.row.oid + ROW] = text(point.row.equals)
        at = point.oid if point.row is None else point.oid + ROW
        raw = raws.get(point.quantity)
        found[at] = _value(point, measured, powers) if raw is None else number("integer", raw)
    return found


def identity(title: str, kind: str, seconds: float) -> dict[str, Value]:
    """What an agent says of itself. kind: its sysObjectID, "" for one that has none."""
    said = {
        f"{SYSTEM}.1.0": text(f"{title} (simulated)"),
        f"{SYSTEM}.3.0": number("timeticks", int(seconds * 100) % _LIMIT32),
        f"{SYSTEM}.5.0": text("sim-1"),
    }
    return said | {f"{SYSTEM}.2.0": object_id(kind)} if kind else said


def step(point: SnmpPoint, points: Iterable[SnmpPoint]) -> Decimal:
    """What one count of a point is worth, in its unit."""
    return point.scale.scaleb(int(_power(point, _powers(tuple(points)))))


def _powers(points: tuple[SnmpPoint, ...]) -> dict[str, Decimal]:
    raws = _exponents(points)
    return {
        point.quantity: raws[point.quantity] * point.scale + point.offset
        for point in points
        if point.quantity in raws
    }


def _exponents(points: tuple[SnmpPoint, ...]) -> dict[str, int]:
    """Holder of a power of ten -> its raw number: the one that means 0, or a few digits."""
    named = {name for point in points for name in holders(point.scale_point)}
    return {
        point.quantity: DIGITS
        if point.scale == -1 and not point.offset
        else int(-point.offset / point.scale)
        for point in points
        if point.quantity in named
    }


def _power(point: SnmpPoint, powers: Mapping[str, Decimal]) -> Decimal:
    return sum((powers[name] for name in holders(point.scale_point)), Decimal(0))


def _value(point: SnmpPoint, measured: Mapping[str, float], powers: Mapping[str, Decimal]) -> Value:
    """A quantity as the agent tells it: a text, or a count of its own unit."""
    if point.quantity in TEXTS:
        return text(SERIAL if point.quantity == "serial_number" else RESET)
    raw = (shown(point, measured) - point.offset) / point.scale
    count = int(raw.scaleb(-int(_power(point, powers))).to_integral_value(ROUND_HALF_UP))
    if count < 0:
        return number("integer", count)
    return number("gauge32" if count < _LIMIT32 else "counter64", count)
