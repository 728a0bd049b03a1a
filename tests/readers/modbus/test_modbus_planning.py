"""Planning: few requests, whole values, no more than the device can take."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.readers.modbus.devices import device, point

from meterd.config.points import ModbusDevice, ModbusPoint
from meterd.readers.modbus.planning import Block, plan, split
from meterd.readers.modbus.words import width

TYPES = [
    "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64", "bcd16",
    "bcd32", "string", "bitfield",
]  # fmt: skip


def spans(blocks: tuple[Block, ...]) -> list[str]:
    return [f"{block.table} {block.address}+{block.count}" for block in blocks]


def meter(text: str, **limits: Any) -> ModbusDevice:
    """A device from `address:type ...`; a type of `coil` or `input` names the table."""
    points = []
    for n, word in enumerate(text.split()):
        address, _, kind = word.partition(":")
        where = {"table": kind} if kind in ("coil", "discrete", "input") else {"type": kind}
        points.append(point(f"q{n}", int(address), **where))
    return device(*points, **limits)


CYCLES = {  # points | limits | requests
    "neighbours are read together": "0:float32 2:float32 4:uint16 | | holding 0+5",
    "in any order": "4:uint16 0:float32 2:float32 | | holding 0+5",
    "a hole of sixteen words is bridged": "0:uint16 17:uint16 | | holding 0+18",
    "a wider one is not": "0:uint16 18:uint16 | | holding 0+1, holding 18+1",
    "no hole where none is allowed": "0:uint16 2:uint16 | max_hole=0 | holding 0+1, holding 2+1",
    "each table by itself": "0:uint16 0:input 0:coil | | coil 0+1, holding 0+1, input 0+1",
    "up to the limit": "0:uint32 2:uint32 4:uint32 | max_words=4 | holding 0+4, holding 4+2",
    "a value is not split": "0:uint16 1:uint32 | max_words=2 | holding 0+1, holding 1+2",
    "one beyond the limit goes alone": "0:uint64 4:uint64 | max_words=2 | holding 0+4, holding 4+4",
    "125 at most": "0:int16 125:int16 | max_hole=500 max_words=500 | holding 0+1, holding 125+1",
    "two views of one value are one request": "0:uint32 0:uint16 1:uint16 | | holding 0+2",
    "a hole of bits counts sixteenths": "0:coil 257:coil | | coil 0+258",
    "a wider hole of bits": "0:coil 258:coil | | coil 0+1, coil 258+1",
    "bits have their own limit": "0:coil 1:coil 2:coil | max_bits=2 | coil 0+2, coil 2+1",
    "nothing to read": " | | ",
}


@pytest.mark.parametrize("cycle", CYCLES.values(), ids=CYCLES.keys())
def test_a_cycle(cycle: str) -> None:
    points, limits, expected = (part.strip() for part in cycle.split("|"))
    found = plan(meter(points, **{k: int(v) for k, v in (w.split("=") for w in limits.split())}))
    assert ", ".join(spans(found)) == expected


def test_a_refused_block_is_split_at_its_holes() -> None:
    sdm = meter("0:float32 2:float32 10:float32 20:uint16")
    (block,) = plan(sdm)
    assert spans(split(block, sdm)) == ["holding 0+4", "holding 10+2", "holding 20+1"]


def test_a_refused_block_without_holes_is_halved_until_one_point_is_left() -> None:
    sdm = meter("0:float32 2:float32 4:float32")
    (block,) = plan(sdm)
    first, second = split(block, sdm)
    assert spans((first, second)) == ["holding 0+2", "holding 2+4"]
    assert split(first, sdm) == ()


points_of_all_kinds = st.lists(
    st.tuples(
        st.sampled_from(["coil", "discrete", "input", "holding"]),
        st.integers(0, 700),
        st.sampled_from(TYPES),
        st.integers(1, 40),
    ),
    min_size=1,
    max_size=40,
)


def made(drawn: list[tuple[str, int, str, int]]) -> list[ModbusPoint]:
    return [
        point(f"q{n}", address, kind, table=table, length=length)
        for n, (table, address, kind, length) in enumerate(drawn)
    ]


@given(points_of_all_kinds, st.integers(4, 125), st.integers(1, 2000), st.integers(0, 40))
def test_whole_values_all_points_within_limits(
    drawn: list[tuple[str, int, str, int]], max_words: int, max_bits: int, max_hole: int
) -> None:
    asked = device(*made(drawn), max_words=max_words, max_bits=max_bits, max_hole=max_hole)
    blocks = plan(asked)
    assert sorted(p.quantity for b in blocks for p in b.points) == sorted(
        p.quantity for p in asked.points
    )
    for block in blocks:
        check(block, asked)


def check(block: Block, asked: ModbusDevice) -> None:
    """A block is within its limits, holds its points whole, and has no hole too wide."""
    words = block.table in ("holding", "input")
    widest = max(width(point) for point in block.points)
    assert block.count <= max(asked.max_words if words else asked.max_bits, widest)
    covered: set[int] = set()
    for one in block.points:
        assert one.table == block.table
        assert block.address <= one.address
        assert one.address + width(one) <= block.address + block.count
        covered |= set(range(one.address, one.address + width(one)))
    hole = longest = 0
    for address in range(block.address, block.address + block.count):
        hole = 0 if address in covered else hole + 1
        longest = max(longest, hole)
    assert longest <= asked.max_hole * (1 if words else 16)


@given(points_of_all_kinds)
def test_splitting_ends_loses_nothing_and_leaves_no_hole(
    drawn: list[tuple[str, int, str, int]],
) -> None:
    asked = device(*made(drawn))
    waiting, single = list(plan(asked)), []
    while waiting:
        block = waiting.pop()
        parts = split(block, asked)
        assert sum(len(part.points) for part in parts) == (len(block.points) if parts else 0)
        if not parts:
            single += [one.quantity for one in block.points]
            assert len(block.points) == 1
        waiting += parts
    assert sorted(single) == sorted(point.quantity for point in asked.points)
