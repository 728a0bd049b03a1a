"""The meter of the live benchmark: float32 points in one block of words, and their values.

Every second all gauges differ from the second before, and the counters have risen, so that
nobody who is measured may keep anything for unchanged.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple


class Point(NamedTuple):
    """A quantity, the unit it is declared in, and about what it shows."""

    quantity: str
    unit: str
    level: float


POINTS: Final = (
    Point("active_power", "W", 36_000),
    Point("energy_import", "kWh", 100),
    Point("voltage_l1", "V", 230),
    Point("voltage_l2", "V", 231),
    Point("voltage_l3", "V", 229),
    Point("current_l1", "A", 52),
    Point("current_l2", "A", 53),
    Point("current_l3", "A", 54),
    Point("active_power_l1", "W", 12_000),
    Point("active_power_l2", "W", 12_100),
    Point("active_power_l3", "W", 11_900),
    Point("reactive_power", "var", 4_000),
    Point("apparent_power", "VA", 36_300),
    Point("power_factor", "", 0.98),
    Point("frequency", "Hz", 50),
    Point("neutral_current", "A", 2),
    Point("energy_export", "kWh", 50),
    Point("reactive_energy_import", "kvarh", 25),
    Point("voltage_l12", "V", 399),
    Point("voltage_l23", "V", 398),
)
POINTS_MAX: Final = 62
"""125 words are the most that one Modbus request may ask for."""
HOURLY: Final = ("kWh", "kvarh")
RISE: Final = 0.01
"""A counter's units a second: 36 kW."""
WOBBLE: Final = 97


def points(count: int) -> tuple[Point, ...]:
    """So many points; beyond the named ones, quantities of the site's own."""
    assert 0 < count <= POINTS_MAX, count
    own = (Point(f"value_{n}", "", 100 + n) for n in range(count - len(POINTS)))
    return (*POINTS, *own)[:count]


def words(count: int, second: int) -> bytes:
    """The block at a second of its life, most significant word first."""
    values = [
        point.level + second * RISE
        if point.unit in HOURLY
        else point.level * (1 + second % WOBBLE / 10_000)
        for point in points(count)
    ]
    return struct.pack(f">{count}f", *values)
