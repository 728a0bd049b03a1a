"""RTU frames: what is asked, what is found among the bytes, and what is blamed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterd.readers.modbus.rtu_frames import NOTHING, blame, crc, request, search

ASKED = request(1, "input", 12, 2)
DATA = bytes.fromhex("0104 04C32C9822 EDD0".replace(" ", ""))
"""Of a real meter: the answer to ASKED."""
OTHER = request(2, "input", 12, 2)


def framed(text: str) -> bytes:
    data = bytes.fromhex(text)
    return data + crc(data)


def test_a_request_as_the_standard_has_it() -> None:
    read = request(17, "holding", 107, 3)
    assert read.frame.hex() == "1103006b00037687"
    assert (read.size, read.head) == (11, bytes([17, 3, 6]))
    assert str(read) == "unit 17, holding 107+3"
    assert request(1, "coil", 0, 9).size == 7


@pytest.mark.parametrize(
    ("unit", "table", "address", "count"),
    [(0, "input", 0, 1), (248, "input", 0, 1), (1, "input", 0, 126), (1, "coil", 65_535, 2)],
)
def test_what_cannot_be_asked(unit: int, table: str, address: int, count: int) -> None:
    with pytest.raises(ValueError, match="unit"):
        request(unit, table, address, count)


FOUND: dict[str, tuple[bytes, Any]] = {
    "an answer": (DATA, "answer"),
    "an answer after noise": (b"\xff\x00" + DATA, "answer"),
    "an answer after a leading zero": (b"\x00" + DATA, "answer"),
    "an answer after the echo": (ASKED.frame + DATA, "answer"),
    "an answer after what looks like its head": (ASKED.head + b"\x01" + DATA, "answer"),
    "an exception": (framed("018402"), "exception"),
    "an exception after what looks like one": (b"\x01\x84" + framed("01840b"), "exception"),
    "the echo alone": (ASKED.frame, ""),
    "half an answer": (DATA[:-1], ""),
    "a wrong checksum": (DATA[:-1] + b"\x00", ""),
    "another unit's answer": (framed("020404C32C9822"), ""),
    "another function's": (framed("010304C32C9822"), ""),
    "another length": (framed("010402C32C"), ""),
    "half an exception": (b"\x01\x84\x02", ""),
    "nothing": (b"", ""),
}


@pytest.mark.parametrize(("data", "verdict"), FOUND.values(), ids=FOUND.keys())
def test_what_is_found(data: bytes, verdict: str) -> None:
    found = search(data, ASKED)
    assert found.verdict == verdict
    if verdict == "answer":
        assert found.reply == DATA
    if verdict == "exception":
        assert found.code in (2, 11)


def test_an_answer_that_equals_the_request_is_its_echo() -> None:
    bits = request(1, "coil", 0x0300, 17)
    assert bits.frame[:3] == bits.head
    assert search(bits.frame, bits) == NOTHING


BLAMED = {
    b"": "timeout",
    ASKED.frame: "timeout",
    DATA[:3]: "short",
    DATA[:-1]: "short",
    framed("010402C32C"): "wrong_length",
    DATA[:-1] + b"\x00": "garbled",
    b"\x55" * 12: "garbled",
}


@pytest.mark.parametrize(("data", "reason"), BLAMED.items())
def test_what_is_blamed(data: bytes, reason: str) -> None:
    assert blame(data, ASKED) == reason


@given(st.binary(max_size=300))
def test_noise_is_no_answer_and_never_an_error(data: bytes) -> None:
    assert search(data, OTHER).verdict in ("", "exception", "answer")
    blame(data, OTHER)
