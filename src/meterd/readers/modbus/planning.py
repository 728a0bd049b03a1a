"""Which requests read a device's points: as few as the limits allow. Pure.

A value of several words is never split over two requests: half of it could be older than
the other half. A hole between two points may be read in vain to save a request; sixteen
bits of a hole count as one word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from meterd.config.points import ModbusDevice, ModbusPoint
from meterd.readers.modbus.frames import BITS_MAX, WORDS_MAX
from meterd.readers.modbus.words import width


class Block(msgspec.Struct, frozen=True):
    """One request: `count` words (bits) of a table from `address`, and the points in it."""

    table: str
    address: int
    count: int
    points: tuple[ModbusPoint, ...]


def plan(device: ModbusDevice) -> tuple[Block, ...]:
    """The requests of one cycle, in the order of tables and addresses.

    A point that is wider than the device's limit gets a request of its own: it cannot be
    split, and the device may know better.
    """
    return _blocks(device.points, device, device.max_hole)


def split(block: Block, device: ModbusDevice) -> tuple[Block, ...]:
    """Smaller requests for a block that was refused: at its holes, else in two halves.

    Empty when nothing is left to split, that is, when the refused thing is one point.
    """
    parts = _blocks(block.points, device, 0)
    if len(parts) > 1:
        return parts
    middle = len(block.points) // 2
    if middle == 0:
        return ()
    halves = (block.points[:middle], block.points[middle:])
    return tuple(part for half in halves for part in _blocks(half, device, 0))


def _blocks(points: Iterable[ModbusPoint], device: ModbusDevice, hole: int) -> tuple[Block, ...]:
    ordered = sorted(points, key=lambda point: (point.table, point.address))
    found: list[Block] = []
    run: list[ModbusPoint] = []
    for point in ordered:
        if run and not _joins(run, point, device, hole):
            found.append(_block(run))
            run = []
        run.append(point)
    return (*found, _block(run)) if run else ()


def _joins(run: Sequence[ModbusPoint], point: ModbusPoint, device: ModbusDevice, hole: int) -> bool:
    """Whether one request may read the point together with the run before it."""
    if point.table != run[0].table:
        return False
    if point.table in ("input", "holding"):
        limit = min(device.max_words, WORDS_MAX)
    else:
        limit, hole = min(device.max_bits, BITS_MAX), hole * 16
    end = _end(run)
    most = max(end, point.address + width(point))
    return point.address - end <= hole and most - run[0].address <= limit


def _block(run: Sequence[ModbusPoint]) -> Block:
    start = run[0].address
    return Block(run[0].table, start, _end(run) - start, tuple(run))


def _end(run: Sequence[ModbusPoint]) -> int:
    return max(point.address + width(point) for point in run)
