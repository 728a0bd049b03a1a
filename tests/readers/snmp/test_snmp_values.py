"""What a value is worth: a row of the table is (type, content, number)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.readers.snmp.park import point

from meterd.readers.amounts import GAUGE, RAW, REGISTER, TEXT
from meterd.readers.snmp.values import converter, raw_number, raw_text

NUMBERS = """
    02 7f                  127      integer
    02 ff                  -1
    02 ffffffffffffffff    -1       wider than its type, as some send it
    02 00ffffffffffffffff  -        wider than any number
    02 -                   -        of no bytes
    41 00ffffffff          4294967295  Counter32
    41 ffffffff            4294967295  its top bit taken for a sign
    41 01ffffffff          -        out of range
    42 05                  5        Gauge32
    43 0123                291      TimeTicks are hundredths
    47 05                  5        UInteger32
    46 00ffffffffffffffff  18446744073709551615  Counter64
    46 ffffffffffffffff    18446744073709551615
    46 01ffffffffffffffff  -        out of range
    46 -                   -
    44 9f780442f60000      123.0    a float in an Opaque
    44 9f7908405edd2f1a9fbe77  123.456
    44 9f78047fc00000      -        NaN
    44 9f78047f800000      -        infinity
    44 9f780442f600        -        cut off
    44 020105              -        another type in an Opaque
    44 -                   -
    04 3132                -        text
    05 -                   -        NULL
    06 2b06                -        an object
    40 01020304            -        an address
    80 -                   -        noSuchObject
    01 01                  -        a type SNMP does not have
"""


@pytest.mark.parametrize("row", NUMBERS.strip().splitlines())
def test_numbers(row: str) -> None:
    tag, content, number, *_ = row.split()
    found = raw_number(int(tag, 16), bytes.fromhex(content.strip("-")))
    assert found == (None if number == "-" else pytest.approx(float(number), rel=1e-15)), row


def test_texts() -> None:
    assert raw_text(4, b"AP8853 \0\0") == "AP8853"
    assert raw_text(4, b"") is None
    assert raw_text(4, b"\xff") is None
    assert raw_text(4, b"a\x07") is None
    assert raw_text(2, b"5") is None


def worth(tag: int, content: str, quantity: str = "own", **more: Any) -> object:
    register = more.pop("register", False)
    place, convert = converter(point(quantity, "1.3", **more), register)
    return place, convert(tag, bytes.fromhex(content))


def test_a_gauge_a_register_and_a_raw_number() -> None:
    assert worth(0x42, "013a", "active_power", scale="10", unit="W") == (GAUGE, 3.14)
    energy = {"scale": "0.1", "unit": "kWh", "register": True}
    assert worth(0x02, "01e241", "energy_import", **energy) == (REGISTER, 123457 * 360_000)
    assert worth(0x44, "9f780442f60000", "voltage", unit="V") == (GAUGE, 123.0)
    assert worth(0x42, "05", scale_point="digits") == (RAW, 5)
    assert worth(0x04, "05", "voltage", unit="V") == (GAUGE, None)
    assert worth(0x42, "05", offset=Decimal(-5)) == (GAUGE, 0.0)


def test_sentinels_match_as_number_and_as_bits() -> None:
    assert worth(0x02, "ff", invalid=(-1,)) == (GAUGE, None)
    assert worth(0x02, "ff", invalid=(0xFFFFFFFF,)) == (GAUGE, None)
    assert worth(0x42, "00ffffffff", invalid=(0xFFFFFFFF,)) == (GAUGE, None)
    assert worth(0x42, "05", invalid=(-1,)) == (GAUGE, 5.0)
    assert worth(0x44, "9f7804461c3f9a", invalid=(Decimal("9999.9"),)) == (GAUGE, None)
    assert worth(0x44, "9f7908bfb999999999999a", invalid=(Decimal("-0.1"),)) == (GAUGE, None)


def test_a_serial_number_is_text_or_digits() -> None:
    assert worth(0x04, "5a41", "serial_number") == (TEXT, "ZA")
    assert worth(0x42, "0400", "serial_number") == (TEXT, "1024")
    assert worth(0x05, "", "serial_number") == (TEXT, None)
