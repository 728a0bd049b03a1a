"""A Modbus device as its profile describes it, with a load that follows the time. Pure.

It writes words from the profile's points, and shares no code with the reader that reads
them: what comes back is what went in, or one of the two is wrong.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Final, Protocol

from meterd.config.points import ModbusPoint
from meterd.sim.modbus_server import Unit
from meterd.units import UNITS, canonical_unit

LOAD_KW: Final = 4.2
"""Mean of the load; it swings by a third in ten minutes."""
SWING: Final = 1 / 3
SWING_S: Final = 600
FIRST_KWH: Final = 1000.0
VOLTS: Final = 230.0
FACTOR: Final = 0.96
SERIAL: Final = "SIMULATED-1"

_BYTES: Final = {"int16": 2, "uint16": 2, "int32": 4, "uint32": 4, "int64": 8, "uint64": 8}
_FLOATS: Final = {"float32": ">f", "float64": ">d"}
_DIGITS: Final = {"bcd16": 4, "bcd32": 8}


def load(seconds: float) -> dict[str, float]:
    """What the device measures so long after its start, in canonical units."""
    turn = 2 * math.pi * seconds / SWING_S
    kw = LOAD_KW * (1 + SWING * math.sin(turn))
    kwh = LOAD_KW * (seconds + SWING * SWING_S / (2 * math.pi) * (1 - math.cos(turn))) / 3600
    kva = kw / FACTOR
    whole = {
        "active_power": kw,
        "apparent_power": kva,
        "reactive_power": math.sqrt(kva**2 - kw**2),
        "current": 1000 * kva / VOLTS,
        "voltage": VOLTS,
    }
    phases = {
        f"{name}_l{n}": value if name == "voltage" else value / 3
        for name, value in whole.items()
        for n in (1, 2, 3)
    }
    energies = {"energy_import": FIRST_KWH + kwh, "reactive_energy_import": kwh / 4}
    return {**whole, **phases, **energies, "power_factor": FACTOR, "frequency": 50.0}


class Quantified(Protocol):
    """A point of any protocol, as far as its value goes."""

    @property
    def quantity(self) -> str:
        """What it is."""
        ...

    @property
    def unit(self) -> str:
        """What it is in."""
        ...


def shown(point: Quantified, measured: Mapping[str, float]) -> Decimal:
    """A quantity in the point's own unit; 0 for what the load says nothing of."""
    value = Decimal(repr(measured.get(point.quantity, 0.0)))
    canonical = canonical_unit(point.quantity)
    if canonical is None or point.unit not in UNITS or point.unit == canonical:
        return value
    by = Fraction(UNITS[canonical].factor) / Fraction(UNITS[point.unit].factor)
    return value * by.numerator / by.denominator


def words_of(point: ModbusPoint, value: Decimal) -> list[int]:
    """The words (or the bit) in which a device holds the value, which is in the point's unit."""
    if point.type == "string":
        size = ((point.length or 1) + 1) // 2 * 2
        return _words(SERIAL.encode("ascii")[:size].ljust(size, b"\0"))
    raw = (value - point.offset) / point.scale
    if point.type in _FLOATS:
        return _ordered(point, _words(struct.pack(_FLOATS[point.type], float(raw))))
    count = int(raw.to_integral_value(ROUND_HALF_UP))
    if point.type is None:
        return [count & 1]
    if point.type == "bitfield":
        return [(count & 1) << (point.bit or 0)]
    if point.type in _DIGITS:
        digits = _DIGITS[point.type]
        text = f"{count % 10**digits:0{digits}d}"
        return _ordered(point, _words(bytes.fromhex(text)))
    size = _BYTES[point.type]
    return _ordered(point, _words((count % 256**size).to_bytes(size, "big")))


def refresh(unit: Unit, points: tuple[ModbusPoint, ...], seconds: float) -> None:
    """Write everything the points describe into the unit's tables, as of so long after start."""
    measured = load(seconds)
    for point in points:
        table: dict[int, int] = getattr(unit, point.table)
        for n, word in enumerate(words_of(point, shown(point, measured))):
            table[point.address + n] = word


def _words(data: bytes) -> list[int]:
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


def _ordered(point: ModbusPoint, words: list[int]) -> list[int]:
    if point.byte_order == "little":
        words = [word >> 8 | (word & 0xFF) << 8 for word in words]
    return words[::-1] if point.word_order == "little" else words
