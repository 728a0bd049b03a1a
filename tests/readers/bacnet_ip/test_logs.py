"""ReadRange, byte by byte."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterd.readers.bacnet_ip import logs
from meterd.readers.bacnet_ip.logs import Row
from meterd.readers.bacnet_ip.tags import GarbageError

DATE, TIME = bytes((126, 2, 1, 7)), bytes((12, 15, 0, 0))
WHEN = b"\x0e\xa4" + DATE + b"\xb4" + TIME + b"\x0f"


def answer(*rows: bytes) -> bytes:
    head = b"\x0c\x05\x00\x00\x05\x19\x83\x3a\x05\xc0\x49" + bytes((len(rows),))
    return head + b"\x5e" + b"".join(rows) + b"\x5f"


def row(datum: bytes, flags: bytes = b"") -> bytes:
    return WHEN + b"\x1e" + datum + b"\x1f" + flags


def test_a_request_by_time() -> None:
    wire = "0c05000005198 37ea47e020107b40c0f0000320028 7f".replace(" ", "")
    assert logs.read_range((20, 5), (DATE, TIME), 40).hex() == wire


def test_rows_of_every_kind_of_number() -> None:
    rows = [
        row(b"\x2c" + struct.pack(">f", 1.5)), row(b"\x4a\x01\x00"), row(b"\x59\xff"),
        row(b"\x19\x01"), row(b"\x39\x03"),
        row(b"\xae\x55\x08" + struct.pack(">d", 2.5) + b"\xaf"),
    ]  # fmt: skip
    found = logs.range_read(answer(*rows))
    assert [one.value for one in found] == [1.5, 256, -1, 1, 3, 2.5]
    assert (found[0].date, found[0].time, found[0].flags) == (DATE, TIME, ())


def test_what_is_no_number_has_none_and_flags_are_the_rows_own() -> None:
    status, null, failure = b"\x0a\x05\x80", b"\x78", b"\x8e\x91\x02\x91\x20\x8f"
    found = logs.range_read(
        answer(row(status), row(null), row(failure), row(b"\x49\x07", b"\x2a\x04\x40"))
    )
    assert [one.value for one in found] == [None, None, None, 7]
    assert found[3] == Row(DATE, TIME, 7, (0, 1, 0, 0))
    assert logs.range_read(answer()) == []


@pytest.mark.parametrize(
    "wire",
    [b"", b"\x0c\x05\x00\x00\x05", b"\x5e", b"\x5e" + WHEN + b"\x5f", b"\x5e\x2a\x04\x40\x5f",
     b"\x5e\x0e\xa4" + DATE + b"\x0f\x1e\x49\x07\x1f\x5f"],
)  # fmt: skip
def test_what_is_no_answer_is_garbage(wire: bytes) -> None:
    with pytest.raises(GarbageError):
        logs.range_read(wire)


@given(st.binary(max_size=80))
def test_any_bytes_are_rows_or_garbage(data: bytes) -> None:
    try:
        logs.range_read(b"\x5e" + data)
    except GarbageError:
        return
