"""Values: exact, rounded once, in their unit; and what is no value is absent."""

from __future__ import annotations

import math
import struct
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.readers.modbus.decoding import read, value
from tests.readers.modbus.devices import point

from meterd.readers.exact import AMOUNT_MAX, shortest
from meterd.readers.modbus.words import width
from meterd.units import UNITS, to_amount


@given(st.integers(0, 2**23 - 1), st.booleans())
def test_every_float_that_is_no_number_is_absent(payload: int, negative: bool) -> None:
    pattern = (0x7F800000 | payload | negative << 31).to_bytes(4, "big")
    assert value(point("voltage", 0, "float32"), pattern) is None


@given(
    st.integers(-(2**31), 2**31 - 1),
    st.decimals("0.00001", 1000, places=5),
    st.decimals(-1000, 1000, places=3),
    st.sampled_from(["Wh", "kWh", "MWh", "J"]),
)
@example(5, Decimal("0.0001"), Decimal(0), "J")
@example(-5, Decimal("0.1"), Decimal(0), "J")
def test_a_register_is_exact_and_rounded_once(
    raw: int, scale: Decimal, offset: Decimal, unit: str
) -> None:
    one = point("energy_import", 0, "int32", scale=scale, offset=offset, unit=unit)
    exact = to_amount(raw * scale + offset, UNITS[unit])
    expected = exact if abs(exact) <= AMOUNT_MAX else None
    assert value(one, raw.to_bytes(4, "big", signed=True)) == expected


@given(st.floats(0, 1e8, width=32), st.sampled_from(["Wh", "kWh"]))
def test_a_float_register_is_rounded_once_from_what_the_float_is(raw: float, unit: str) -> None:
    one = point("energy_import", 0, "float32", unit=unit)
    exact = Fraction(raw) * UNITS[unit].factor
    assert value(one, struct.pack(">f", raw)) == math.floor(exact + Fraction(1, 2))


@given(st.integers(-(2**63), 2**63 - 1), st.decimals("0.001", 1000, places=3))
def test_a_gauge_is_the_nearest_float(raw: int, scale: Decimal) -> None:
    one = point("active_power", 0, "int64", scale=scale, unit="W")
    exact = raw * Fraction(scale) / 1000
    expected = exact.numerator / exact.denominator
    assert value(one, raw.to_bytes(8, "big", signed=True)) == expected


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float_gauge_is_the_nearest_float_too(raw: float) -> None:
    exact = Fraction(raw if raw.is_integer() else repr(shortest(raw))) / 1000
    one = point("active_power", 0, "float32", unit="W")
    assert value(one, struct.pack(">f", raw)) == exact.numerator / exact.denominator


ABSENT = {
    "all ones": ("uint16", [0xFFFF], "FFFF"),
    "all ones in the width of the value": ("uint32", [0xFFFFFFFF], "FFFFFFFF"),
    "the lowest number, by its pattern": ("int16", [0x8000], "8000"),
    "the lowest number, as a number": ("int16", [-32768], "8000"),
    "a pattern of 32 bits": ("int32", [0x80000000], "80000000"),
    "a pattern of 64 bits": ("int64", [0x8000000000000000], "8000000000000000"),
    "one of several": ("uint16", [1, 2], "0002"),
    "the pattern of a float": ("float32", [0xFF7FFFFF], "FF7FFFFF"),
    "a float, as a number": ("float32", [-1], "BF800000"),
    "a float, as a number with a fraction": ("float32", [Decimal("9999.9")], "461C3F9A"),
    "a long float with a fraction": ("float64", [Decimal("-0.1")], "BFB999999999999A"),
    "decimal digits as a pattern": ("bcd16", [0x9999], "9999"),
    "decimal digits as a number": ("bcd16", [9999], "9999"),
    "no decimal digits": ("bcd16", [], "12A4"),
    "no decimal digits in 32 bits": ("bcd32", [], "FFFFFFFF"),
    "a quiet NaN": ("float32", [], "7FC00000"),
    "another NaN": ("float32", [], "7FBFFF80"),
    "infinity": ("float64", [], "7FF0000000000000"),
    "a field of bits that says nothing": ("bitfield", [0xFFFF], "FFFF"),
}


@pytest.mark.parametrize(("kind", "invalid", "wire"), ABSENT.values(), ids=ABSENT.keys())
def test_what_is_no_value_is_absent(kind: str, invalid: list[int], wire: str) -> None:
    assert value(point("own", 0, kind, invalid=tuple(invalid)), wire) is None


def test_a_sentinel_of_another_width_is_a_number() -> None:
    assert value(point("own", 0, "uint32", invalid=(0xFFFF,)), "0000FFFE") == 65534
    assert value(point("own", 0, "uint32", invalid=(0xFFFFFFFF,)), "0000FFFF") == 65535
    assert value(point("own", 0, "int16", invalid=(0x80000000,)), "8000") == -32768


def test_sentinels_are_compared_after_the_orders_and_before_the_scale() -> None:
    one = point("own", 0, "int32", word_order="little", scale=Decimal("0.1"), invalid=(2**31,))
    assert value(one, "00008000") is None
    assert value(one, "80000000") == 3276.8
    assert value(point("own", 0, scale=Decimal(10), invalid=(10,)), "0001") == 10


def test_a_counter_of_nothing_is_zero_and_not_absent() -> None:
    assert value(point("energy_import", 0, "uint32", unit="kWh"), "00000000") == 0


@pytest.mark.parametrize(
    ("length", "wire", "text"),
    [
        (6, b"AB1234", "AB1234"),
        (5, b"AB123\0", "AB123"),
        (5, b"AB1234", "AB123"),
        (8, b"AB12 \0 \0", "AB12"),
        (8, b"  AB  12", "  AB  12"),
        (4, b"\0\0\0\0", None),
        (4, b"    ", None),
        (4, b"\xff\xff\xff\xff", None),
        (4, b"A\1BC", None),
        (4, "Zä1".encode(), "Zä1"),
    ],
)
def test_texts(length: int, wire: bytes, text: str | None) -> None:
    one = point("serial_number", 0, "string", length=length)
    assert value(one, wire) == text
    assert width(one) == (length + 1) // 2


def test_a_serial_number_may_be_a_number() -> None:
    assert value(point("serial_number", 0, "uint32"), "0001E240") == "123456"
    assert value(point("serial_number", 0, "uint32", invalid=(0,)), "00000000") is None


def test_units_are_canonical_for_known_names_and_left_alone_for_others() -> None:
    points = [
        point("active_power", 0, unit="W"),
        point("uptime", 1, unit="min"),
        point("power_factor", 2, unit="%"),
        point("own_power", 3, unit="W"),
        point("voltage", 4),
        point("temperature", 5, "int16", scale=Decimal("0.1"), offset=Decimal(-40), unit="°C"),
    ]
    assert read(points, "05DC 0002 005F 05DC 00E6 0265").gauges == {
        "active_power": 1.5, "uptime": 120, "power_factor": 0.95, "own_power": 1500,
        "voltage": 230, "temperature": 21.3,
    }  # fmt: skip


def test_a_counter_of_the_users_own_is_an_amount() -> None:
    points = [point("cycles", 0), point("line_energy", 1, unit="Wh"), point("total", 2, unit="kWh")]
    out = read(points, "0002 0003 0004", registers=["cycles", "line_energy"])
    assert out.registers == {"cycles": 2_000_000, "line_energy": 10_800}
    assert out.gauges == {"total": 4}


@pytest.mark.parametrize(("kind", "wire"), [("float64", "7FEFFFFFFFFFFFFF"), ("uint64", "F" * 16)])
def test_what_is_too_large_to_keep_is_absent(kind: str, wire: str) -> None:
    assert value(point("energy_import", 0, kind, unit="GWh"), wire) is None
    assert value(point("own", 0, kind, scale=Decimal("1e300")), wire) is None or kind == "uint64"


def test_a_tiny_scale_is_still_rounded_once() -> None:
    scale: Any = Decimal("1e-23")
    one = point("own", 0, "float64", scale=scale)
    expected = Fraction("1.1") * Fraction(scale)
    assert value(one, struct.pack(">d", 1.1)) == expected.numerator / expected.denominator
