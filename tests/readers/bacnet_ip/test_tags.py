"""Tagged values: the examples of clause 20.2, and bytes that are none."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterd.readers.bacnet_ip.tags import (
    APPLICATION,
    CLOSING,
    CONTEXT,
    OPENING,
    UNSIGNED,
    GarbageError,
    Tag,
    application,
    closing,
    content_of,
    context,
    expect,
    integer,
    object_id,
    opening,
    packed,
    tags,
    unsigned,
    until,
    value_of,
)

EXAMPLES = {  # of clause 20.2, as printed there
    "00": None,
    "10": 0,
    "11": 1,
    "2148": 72,
    "3148": 72,
    "31b8": -72,
    "4442900000": 72.0,
    "55084052000000000000": 72.0,
    "631234ff": b"\x12\x34\xff",
    "751900" + b"This is a BACnet string!".hex(): "This is a BACnet string!",
    "750905" + "Français".encode("latin-1").hex(): "Français",
    "8203a8": (1, 0, 1, 0, 1),
    "9100": 0,
    "a45b011804": bytes.fromhex("5b011804"),
    "b411230000": bytes.fromhex("11230000"),
    "c400c0000f": (3, 15),
}  # fmt: skip


@pytest.mark.parametrize(("wire", "value"), EXAMPLES.items())
def test_a_value(wire: str, value: object) -> None:
    (tag,) = tags(bytes.fromhex(wire))
    assert tag.kind == APPLICATION
    assert value_of(tag) == value


def test_tags_of_a_context_and_those_that_open_and_close() -> None:
    assert list(tags(bytes.fromhex("0c00c0000f1e29551f"))) == [
        Tag(0, CONTEXT, bytes.fromhex("00c0000f")), Tag(1, OPENING), Tag(2, CONTEXT, b"\x55"),
        Tag(1, CLOSING),
    ]  # fmt: skip


@pytest.mark.parametrize("length", [0, 4, 5, 252])
def test_what_is_written_is_read(length: int) -> None:
    content = bytes(length)
    assert list(tags(context(3, content))) == [Tag(3, CONTEXT, content)]
    assert list(tags(application(6, content))) == [Tag(6, APPLICATION, content)]
    assert list(tags(opening(4) + closing(4))) == [Tag(4, OPENING), Tag(4, CLOSING)]


def test_long_contents_and_high_numbers() -> None:
    for head, length in ((b"\x65\xfe\x01\x00", 256), (b"\x65\xff\x00\x01\x00\x00", 65_536)):
        assert list(tags(head + bytes(length))) == [Tag(6, APPLICATION, bytes(length))]
    assert list(tags(b"\xf9\x20\x07")) == [Tag(32, CONTEXT, b"\x07")]


@pytest.mark.parametrize("wire", ["44429000", "65", "65fe01", "75ff0000", "f9", "29", "0c00c0"])
def test_what_is_cut_off_is_garbage(wire: str) -> None:
    with pytest.raises(GarbageError):
        list(tags(bytes.fromhex(wire)))


@pytest.mark.parametrize(
    "tag",
    [Tag(4, APPLICATION, b"\0"), Tag(5, APPLICATION, b"\0" * 4), Tag(2, APPLICATION),
     Tag(2, APPLICATION, bytes(9)), Tag(8, APPLICATION), Tag(8, APPLICATION, b"\x09\0"),
     Tag(12, APPLICATION, b"\0"), Tag(13, APPLICATION, b"\0"), Tag(8, APPLICATION, b"\x00")],
)  # fmt: skip
def test_a_value_that_is_none(tag: Tag) -> None:
    if tag == Tag(8, APPLICATION, b"\x00"):
        assert value_of(tag) == ()
        return
    with pytest.raises(GarbageError):
        value_of(tag)


@pytest.mark.parametrize(
    ("content", "value"),
    [(b"\x04\0a\0b", "ab"), (b"", None), (b"\x03abc", None), (b"\0\xff", None), (b"\0ab \0", "ab")],
)
def test_text_in_the_character_sets_that_devices_use(content: bytes, value: str | None) -> None:
    assert value_of(Tag(7, APPLICATION, content)) == value


def test_numbers_take_the_room_they_need() -> None:
    assert [unsigned(n).hex() for n in (0, 255, 256, 65_536)] == ["00", "ff", "0100", "010000"]
    assert integer(b"\xff", signed=True) == -1
    assert object_id(packed((23, 4_194_302))) == (23, 4_194_302)


def test_what_must_stand_somewhere() -> None:
    assert content_of(Tag(2, CONTEXT, b"x"), 2) == b"x"
    expect(Tag(1, OPENING), OPENING, 1)
    for wrong in (None, Tag(3, CONTEXT), Tag(2, APPLICATION)):
        with pytest.raises(GarbageError):
            content_of(wrong, 2)
        with pytest.raises(GarbageError):
            expect(wrong, OPENING, 2)


def test_up_to_the_closing_tag() -> None:
    inner = [Tag(0, OPENING), Tag(UNSIGNED, APPLICATION, b"\1"), Tag(0, CLOSING)]
    assert until(iter([*inner, Tag(3, CLOSING)]), 3) == inner
    for stream in ([Tag(4, CLOSING)], inner, [Tag(0, OPENING)] * 40):
        with pytest.raises(GarbageError):
            until(iter(stream), 3)


@given(st.binary(max_size=64))
def test_any_bytes_are_values_or_garbage(data: bytes) -> None:
    try:
        found = list(tags(data))
    except GarbageError:
        return
    for tag in found:
        if tag.kind == APPLICATION:
            try:
                value_of(tag)
            except GarbageError:
                continue


@given(st.floats(width=32, allow_nan=False))
def test_a_real_is_the_number_that_was_sent(number: float) -> None:
    assert value_of(Tag(4, APPLICATION, struct.pack(">f", number))) == number
