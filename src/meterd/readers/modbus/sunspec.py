"""Finding a device's SunSpec models, and the points in them. No socket: reading is handed in.

A map begins with the marker "SunS" at one of a few addresses; models follow, each with its id
and its length, up to the id 0xFFFF. Which points a device has, and where, is known only when
it has been walked. What is found has besides the points the model's own header, so that every
reading shows that the model is still there, and the scale factors; their names begin with a
colon, which no quantity of a user does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

import msgspec

from meterd.config.points import ModbusDevice, ModbusPoint
from meterd.config.sunspec import (
    ACC32_MODULUS,
    BASES,
    COMMON,
    COMMON_LAYOUT,
    KINDS,
    LAYOUTS,
    LENGTHS,
    METERS,
    MODELS_MAX,
    ModelPoint,
)
from meterd.config.values import holders
from meterd.readers.line import ReadFailed
from meterd.readers.modbus.frames import RefusedError
from meterd.units import UNITS

MARKER: Final = (0x5375, 0x6E53)
END: Final = 0xFFFF
OURS: Final = ":"
"""Begins the name of what is read for our own use."""
ID, LENGTH = f"{OURS}ID", f"{OURS}L"
_TABLE: Final = 65_536
"""Words of a register table: a model that would not end within it is none."""
_NOT_THERE: Final = (1, 2, 3)  # exceptions with which a device says that it has no such words
_UNREACHABLE: Final = (10, 11)

Words = Callable[[int, int], Awaitable[Sequence[int]]]
"""Reads so many holding registers from an address; RefusedError or ReadFailed."""


class Model(NamedTuple):
    """A model of a device. address: of its id word. length: words after id and length."""

    id: int
    address: int
    length: int


class Found(NamedTuple):
    """The points of a device, found. model: the one that measures. absent: quantities it has
    no points for. accumulators: quantity -> base units in one unit of its exponent 0.
    """

    model: Model
    points: tuple[ModbusPoint, ...]
    absent: tuple[str, ...]
    accumulators: Mapping[str, Fraction]


async def walk(read: Words, base: int | None = None) -> tuple[Model, ...]:
    """The models of a device, in order; () if it holds no map at `base`, or where maps begin.

    A map ends at the id 0xFFFF, at the first words the device does not have, or where it makes
    no sense. Raises ReadFailed if the device does not answer.
    """
    for start in BASES if base is None else (base,):
        if await _words(read, start) == MARKER:
            return await _models(read, start + 2)
    return ()


async def _models(read: Words, address: int) -> tuple[Model, ...]:
    found: list[Model] = []
    while len(found) < MODELS_MAX and address + 2 <= _TABLE:
        header = await _words(read, address)
        if len(header) != 2 or header[0] in (0, END) or address + 2 + header[1] > _TABLE:
            break
        found.append(Model(header[0], address, header[1]))
        address += 2 + header[1]
    return tuple(found)


async def _words(read: Words, address: int) -> tuple[int, ...]:
    """Two words; () if the device says that it has none there."""
    try:
        return tuple(await read(address, 2))
    except RefusedError as refusal:
        if refusal.code in _NOT_THERE:
            return ()
        reason = "unreachable" if refusal.code in _UNREACHABLE else "refused"
        raise ReadFailed(reason, str(refusal)) from refusal


def find(device: ModbusDevice, models: Sequence[Model]) -> Found:
    """The device's points in its models; ReadFailed if none of them is what it should be.

    Of the models with the ids that the device names (a meter's, unless it names others) its
    instance counts. The texts are those of the last common model before it.
    """
    wanted, number = device.sunspec.models or METERS, device.sunspec.instance or 1
    common = None
    for model in models:
        if model.id == COMMON:
            common = model
        number -= model.id in wanted
        if model.id in wanted and number == 0:
            return _found(device, model, common)
    there = ", ".join(str(model.id) for model in models) or "none"
    said = f"unit {device.unit}: no SunSpec model {_listed(wanted)}"
    which = f" number {device.sunspec.instance}" if device.sunspec.instance else ""
    raise ReadFailed("refused", f"{said}{which}; there are: {there}")


def _listed(ids: Sequence[int]) -> str:
    return " or ".join(str(one) for one in ids)


def _found(device: ModbusDevice, model: Model, common: Model | None) -> Found:
    points = [_header(ID, model.address), _header(LENGTH, model.address + 1)]
    absent: list[str] = []
    accumulators: dict[str, Fraction] = {}
    layout = LAYOUTS.get(model.id, {})
    for point in device.points:
        if not point.sunspec:
            points.append(point)
            continue
        text = point.sunspec in COMMON_LAYOUT
        home = common if text else model
        at = (COMMON_LAYOUT if text else layout).get(point.sunspec)
        if home is None or at is None or not _within(home, at, layout):
            absent.append(point.quantity)
            continue
        points.append(_placed(point, home, at))
        if at.kind == "acc32":
            factor = UNITS[point.unit or at.unit].factor
            accumulators[point.quantity] = Fraction(point.scale) * factor
    points += _scales(points, model, layout)
    return Found(model, tuple(points), tuple(absent), accumulators)


def _within(home: Model, at: ModelPoint, layout: Mapping[str, ModelPoint]) -> bool:
    """Whether a model is long enough for a point and for its scale factor."""
    ends = [at.offset + at.words]
    ends += [layout[at.scale].offset + 1] if at.scale else []
    return max(ends) <= 2 + home.length


def _header(name: str, address: int) -> ModbusPoint:
    return ModbusPoint(quantity=name, table="holding", address=address, type="uint16")


def _placed(point: ModbusPoint, home: Model, at: ModelPoint) -> ModbusPoint:
    kind = KINDS[at.kind]
    return msgspec.structs.replace(
        point,
        address=home.address + at.offset,
        type=kind.type,
        unit=point.unit or at.unit,
        invalid=point.invalid or kind.invalid,
        scale_point=OURS + at.scale if at.scale else None,
        length=2 * at.words if at.kind == "string" else None,
    )


def _scales(
    points: Iterable[ModbusPoint], model: Model, layout: Mapping[str, ModelPoint]
) -> list[ModbusPoint]:
    """The scale factors that the points need."""
    named = {name for point in points if point.sunspec for name in holders(point.scale_point)}
    invalid = KINDS["sunssf"].invalid
    return [
        msgspec.structs.replace(
            _header(name, model.address + layout[name.removeprefix(OURS)].offset),
            type="int16",
            invalid=invalid,
        )
        for name in sorted(named)
    ]


def dials(found: Found, exponents: Mapping[str, float]) -> dict[str, tuple[int, int | None]]:
    """What the accumulators say of the counters: one count, and where it wraps; base units.

    exponents: the scale factors that were read, by name. An acc32 wraps after 2^32 - 1.
    """
    told: dict[str, tuple[int, int | None]] = {}
    for point in found.points:
        exponent = exponents.get(next(iter(holders(point.scale_point)), ""))
        if point.quantity not in found.accumulators or exponent is None:
            continue
        one = found.accumulators[point.quantity] * Fraction(10) ** int(exponent)
        told[point.quantity] = (max(1, int(one)), int(one * ACC32_MODULUS) or None)
    return told


def nominal(device: ModbusDevice) -> ModbusDevice:
    """The device as it most likely is, for a plan: common model first, then the one asked for."""
    if not any(point.sunspec for point in device.points):
        return device
    wanted = (device.sunspec.models or METERS)[0]
    start = (BASES[0] if device.sunspec.base is None else device.sunspec.base) + 2
    common = Model(COMMON, start, LENGTHS[COMMON])
    model = Model(wanted, start + 2 + common.length, LENGTHS.get(wanted, 0))
    return msgspec.structs.replace(device, points=_found(device, model, common).points)


def shown(points: Iterable[ModbusPoint]) -> tuple[str, ...]:
    """The quantities of points, without what is read for our own use."""
    return tuple(one.quantity for one in points if not one.quantity.startswith(OURS))
