"""The encoding of SNMP: what we write is minimal, what we read stays inside its bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterd.readers.snmp import ber
from meterd.readers.snmp.ber import BerError

OIDS = {
    "1.3.6.1.2.1.1.3.0": "2b060102010103 00",
    "0.0": "00",
    "1.3.6.1.4.1.318": "2b06010401823e",
    "2.999.4294967295": "8837 8fffffff7f",
    ".1.3.6": "2b06",
}


@pytest.mark.parametrize(("text", "content"), OIDS.items())
def test_an_object_and_its_bytes(text: str, content: str) -> None:
    assert ber.oid(text) == bytes.fromhex(content)
    assert ber.oid_text(bytes.fromhex(content)) == text.removeprefix(".")


@pytest.mark.parametrize(
    "text", ["", "1", "3.1", "1.40", "1.x", "1.3.4294967296", "1." * 130 + "1"]
)
def test_what_is_no_object(text: str) -> None:
    with pytest.raises(BerError, match="no object"):
        ber.oid(text)


@pytest.mark.parametrize("content", ["", "2b86", "2b" + "ff" * 6 + "7f"])
def test_bytes_that_are_no_object(content: str) -> None:
    with pytest.raises(BerError):
        ber.oid_text(bytes.fromhex(content))


@given(st.integers(-(2**31), 2**32 - 1))
def test_a_number_comes_back(value: int) -> None:
    written = ber.integer(value)
    assert ber.number(written, 0, len(written)) == (value, len(written))


@given(st.binary(max_size=70_000))
def test_octets_come_back_whatever_their_length(content: bytes) -> None:
    written = ber.tlv(ber.OCTETS, content)
    assert ber.octets(written, 0, len(written)) == (content, len(written))


BAD = {
    "nothing": "",
    "a tag alone": "30",
    "longer than the datagram": "300501",
    "an indefinite length": "3080",
    "a length of five bytes": "3085 0000000001 00",
    "a length that is cut off": "3082ff",
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
def test_a_length_that_cannot_be(data: str) -> None:
    raw = bytes.fromhex(data)
    with pytest.raises(BerError):
        ber.header(raw, 0, len(raw))


def test_a_length_may_be_longer_than_need_be() -> None:
    assert ber.header(bytes.fromhex("02820001 05"), 0, 5) == (2, 4, 5)


def test_another_tag_and_numbers_out_of_range() -> None:
    with pytest.raises(BerError, match="belongs"):
        ber.octets(b"\x02\x01\x05", 0, 3)
    for content in ("0200", "0206000000000001"):
        raw = bytes.fromhex(content)
        with pytest.raises(BerError, match="range"):
            ber.number(raw, 0, len(raw))
