"""Words: every type in every order, and scales that other points hold."""

from __future__ import annotations

import math
import struct
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.readers.modbus.decoding import on_the_wire, read, value
from tests.readers.modbus.devices import point

from meterd.readers.amounts import Scaled, empty
from meterd.readers.exact import AMOUNT_MAX, shortest
from meterd.readers.modbus.words import decoder, width

SIZES = {"int16": 1, "uint16": 1, "int32": 2, "uint32": 2, "int64": 4, "uint64": 4}
ORDERS = [("big", "big"), ("little", "big"), ("big", "little"), ("little", "little")]


@pytest.mark.parametrize(
    ("kind", "word_order", "byte_order", "wire", "expected"),
    [
        ("uint32", "big", "big", "12345678", 0x12345678),
        ("uint32", "little", "big", "56781234", 0x12345678),
        ("uint32", "big", "little", "34127856", 0x12345678),
        ("uint32", "little", "little", "78563412", 0x12345678),
        ("float32", "big", "big", "43664000", 230.25),
        ("float32", "little", "big", "40004366", 230.25),
        ("float32", "big", "little", "66430040", 230.25),
        ("float32", "little", "little", "00406643", 230.25),
        ("int32", "little", "big", "FFFEFFFF", -2),
        ("uint64", "little", "big", "5678123400010000", 0x0000000112345678),
        ("float64", "big", "little", "6C40000000000000", 224.0),
        ("int16", "big", "little", "FEFF", -2),
        ("bcd16", "big", "big", "1234", 1234),
        ("bcd32", "little", "big", "56781234", 12345678),
        ("bcd16", "big", "little", "3412", 1234),
    ],
)
def test_golden_words(
    kind: str, word_order: str, byte_order: str, wire: str, expected: float
) -> None:
    one = point("own_quantity", 9, kind, word_order=word_order, byte_order=byte_order)
    assert value(one, wire) == expected


@given(st.data(), st.sampled_from(sorted(SIZES)), st.sampled_from(ORDERS))
def test_whole_numbers_survive_the_wire(
    data: st.DataObject, kind: str, order: tuple[str, str]
) -> None:
    bits, signed = 16 * SIZES[kind], kind.startswith("i")
    low = -(1 << bits - 1) if signed else 0
    raw = data.draw(st.integers(low, low + (1 << bits) - 1))
    one = point("energy_import", 3, kind, word_order=order[0], byte_order=order[1], unit="J")
    wire = on_the_wire(raw.to_bytes(bits // 8, "big", signed=signed), *order)
    assert width(one) == SIZES[kind]
    assert value(one, wire) == (raw if abs(raw) <= AMOUNT_MAX else None)


@given(st.floats(width=32), st.sampled_from(ORDERS))
def test_floats_survive_the_wire(raw: float, order: tuple[str, str]) -> None:
    one = point("voltage", 3, "float32", word_order=order[0], byte_order=order[1])
    wire = on_the_wire(struct.pack(">f", raw), *order)
    assert value(one, wire) == (shortest(raw) if math.isfinite(raw) else None)


def test_a_text_is_in_reading_order_whatever_the_word_order() -> None:
    one = point("model", 0, "string", length=4, word_order="little")
    assert read([one], b"AB12").texts == {"model": "AB12"}
    swapped = point("model", 0, "string", length=4, byte_order="little")
    assert read([swapped], b"BA21").texts == {"model": "AB12"}


def test_bits() -> None:
    low, high = (point(f"bit_{n}", 4, "bitfield", bit=n) for n in (0, 15))
    assert read([low, high], "8000").gauges == {"bit_0": 0, "bit_15": 1}
    assert read([low, high], "0001").gauges == {"bit_0": 1, "bit_15": 0}


def test_coils_begin_at_the_least_significant_bit() -> None:
    coils = [point(f"c{n}", 100 + n, table="coil") for n in (0, 1, 8, 9)]
    assert read(coils, "0102").gauges == {"c0": 1, "c1": 0, "c8": 0, "c9": 1}
    assert read([point("d", 7, table="discrete", invalid=(1,))], "01").gauges == {}


def test_orders_and_views_may_be_mixed_in_one_answer() -> None:
    points = [
        point("a", 10, "uint32"),
        point("a_low", 11, "uint16"),
        point("b", 12, "uint32", word_order="little"),
        point("c", 16, "int16", byte_order="little"),
        point("whole", 10, "uint64"),
    ]
    out = read(points, "00010002 00030004 AAAABBBB FEFF")
    assert out.gauges == {
        "a": 0x10002, "a_low": 2, "b": 0x40003, "c": -2, "whole": 0x0001000200030004,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("exponent", "registers", "gauges"),
    [
        ("FFFD", {"energy_import": 2_000 * 3600}, {"power": 1.5, "sf": -3}),
        ("0002", {"energy_import": 200_000_000 * 3600}, {"power": 150_000, "sf": 2}),
        ("0000", {"energy_import": 2_000_000 * 3600}, {"power": 1500, "sf": 0}),
        ("8000", {}, {}),
        ("0015", {}, {"sf": 21}),
    ],
)
def test_a_scale_that_another_point_holds(
    exponent: str, registers: dict[str, int], gauges: dict[str, float]
) -> None:
    points = [
        point("energy_import", 0, "uint32", unit="Wh", scale_point="sf"),
        point("power", 2, "int16", unit="W", scale_point="sf", invalid=(0x8000,)),
        point("sf", 3, "int16", invalid=(0x8000,)),
    ]
    out = read(points, f"001E8480 05DC {exponent}")
    assert (out.registers, out.gauges) == (registers, gauges)
    assert "power" not in read(points, "001E8480 8000 0001").gauges


def test_a_scale_may_change_and_come_back() -> None:
    points = [point("power", 0, scale_point="sf"), point("sf", 1, "int16")]
    scaled, decode = Scaled(points), decoder(points, 0)
    seen = []
    for wire in ("00070001", "0007FFFF", "00070001"):
        out = empty()
        decode(bytes.fromhex(wire), 0, out)
        scaled.finish(out)
        seen.append(out.gauges["power"])
    assert seen == [70, 0.7, 70]


def test_a_scale_must_be_a_whole_exponent() -> None:
    points = [point("power", 0, scale_point="sf"), point("sf", 1, scale=Decimal("0.5"))]
    assert read(points, "0001 0001").gauges == {"sf": 0.5}
    assert read(points, "0001 0002").gauges == {"sf": 1, "power": 10}


def test_a_scaled_value_too_large_is_absent_too() -> None:
    points = [point("energy_import", 0, "uint64", unit="MWh", scale_point="sf"), point("sf", 4)]
    assert read(points, "7FFFFFFFFFFFFFFF 0014").registers == {}
