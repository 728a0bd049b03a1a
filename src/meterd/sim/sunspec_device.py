"""A SunSpec map as a device holds it: marker, common model, one model that measures, end. Pure.

What the device does not implement it says in the way of its type. The scale factors stand
still; the load moves as that of any simulated device (`profile_device.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

import msgspec

from meterd.config.points import ModbusPoint
from meterd.config.sunspec import (
    BASES,
    COMMON,
    COMMON_LAYOUT,
    KINDS,
    LAYOUTS,
    LENGTHS,
    METERS,
    ModelPoint,
    SunSpecConfig,
)
from meterd.sim.modbus_server import Unit

MAKER: Final = {"Mn": "meterd", "Md": "simulated"}
FACTORS: Final = {"A_SF": -2, "V_SF": -1, "Hz_SF": -2, "PF_SF": -2}
"""Exponents; all others are 0."""
_MARKER: Final = (0x5375, 0x6E53)
_NAN: Final = (0x7FC0, 0)


def _places(asked: SunSpecConfig) -> tuple[int, int, int]:
    """Id of the model, and the addresses of the common model and of it."""
    base = BASES[0] if asked.base is None else asked.base
    return (asked.models or METERS)[0], base + 2, base + 4 + LENGTHS[COMMON]


def placed(points: Iterable[ModbusPoint], asked: SunSpecConfig) -> tuple[ModbusPoint, ...]:
    """The points as plain ones: where the simulated device has them, scale factors included."""
    number, common, model = _places(asked)
    found: list[ModbusPoint] = []
    for point in points:
        at = COMMON_LAYOUT.get(point.sunspec)
        start = model if at is None else common
        at = at or LAYOUTS[number].get(point.sunspec)
        if at is not None:
            found.append(_plain(point, start, at))
        elif not point.sunspec:
            found.append(point)
    return tuple(found)


def _plain(point: ModbusPoint, start: int, at: ModelPoint) -> ModbusPoint:
    exponent = FACTORS.get(at.scale, 0) if at.scale else 0
    return msgspec.structs.replace(
        point,
        address=start + at.offset,
        type=KINDS[at.kind].type,
        scale=point.scale * Decimal(10) ** exponent,
        unit=point.unit or at.unit,
        length=2 * at.words if at.kind == "string" else None,
        sunspec="",
    )


def write_map(unit: Unit, asked: SunSpecConfig) -> None:
    """What of the map does not move: marker, headers, names, scale factors, and the rest as
    not implemented."""
    number, common, model = _places(asked)
    put = unit.holding.update
    put(zip(range(common - 2, common), _MARKER, strict=True))
    put({common: COMMON, common + 1: LENGTHS[COMMON]})
    put(dict.fromkeys(range(common + 2, model), 0))
    for name, text in MAKER.items():
        words = text.encode("ascii").ljust(32, b"\0")
        start = common + COMMON_LAYOUT[name].offset
        put({start + n: int.from_bytes(words[2 * n : 2 * n + 2], "big") for n in range(16)})
    end = model + 2 + LENGTHS[number]
    put({model: number, model + 1: LENGTHS[number], end: 0xFFFF, end + 1: 0})
    put(dict.fromkeys(range(model + 2, end), 0))
    for name, point in LAYOUTS[number].items():
        put(zip(range(model + point.offset, end), _unimplemented(name, point), strict=False))


def _unimplemented(name: str, point: ModelPoint) -> Iterator[int]:
    if point.kind == "sunssf":
        yield FACTORS.get(name, 0) & 0xFFFF
    elif point.kind == "float32":
        yield from _NAN
    else:
        kind = KINDS[point.kind]
        data = kind.invalid[0].to_bytes(2 * kind.words, "big")
        yield from (int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))
