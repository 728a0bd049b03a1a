"""Requests and answers, byte by byte (ASHRAE 135, annex F, where it has an example)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.readers.bacnet_ip.canned import analog, flags, i_am, oid, real

from meterd.readers.bacnet_ip import services
from meterd.readers.bacnet_ip.services import IAm, Item, Refusal
from meterd.readers.bacnet_ip.tags import CONTEXT, GarbageError, Tag


def test_read_property_as_in_f_3_5() -> None:
    assert services.read_property((0, 5), 85).hex() == "0c000000051955"
    assert services.property_read(bytes.fromhex("0c0000000519553e444290999a3f")) == pytest.approx(
        72.3
    )


def test_an_element_of_an_array() -> None:
    assert services.read_property((8, 7), 76, 0).hex() == "0c02000007194c2900"


def test_read_property_multiple_as_in_f_3_7() -> None:
    items = [Item((0, 16), (85, 103)), Item((0, 300), (372,))]
    assert services.read_properties(items).hex() == (
        "0c000000101e095509671f" + "0c0000012c1e0a01741f"
    )
    answer = "0c000000101e29554e4442 90999a4f29674e91004f1f0c0000012c1e2a01745e910291205f1f"
    assert services.properties_read(bytes.fromhex(answer.replace(" ", ""))) == {
        ((0, 16), 85): pytest.approx(72.3),
        ((0, 16), 103): 0,
        ((0, 300), 372): Refusal(2, 32),
    }


def test_an_indexed_element_lists_and_choices() -> None:
    head = b"\x0c" + oid(8, 7) + b"\x1e"
    objects = b"\xc4" + oid(0, 1) + b"\xc4" + oid(0, 2)
    chosen = b"\x0c\x3f\x80\x00\x00"
    answer = (
        head + b"\x29\x4c\x4e" + objects + b"\x4f" + b"\x29\xbb\x4e" + chosen + b"\x4f"
        + b"\x29\x4c\x39\x02\x4e\xc4" + oid(0, 9) + b"\x4f\x1f"
    )  # fmt: skip
    found = services.properties_read(answer)
    assert found[(8, 7), 187] == Tag(0, CONTEXT, b"\x3f\x80\x00\x00")
    assert found[(8, 7), 76] == (0, 9), "the last one"
    assert services.property_read(b"\x3e" + objects + b"\x3f") == ((0, 1), (0, 2))


@pytest.mark.parametrize(
    "answer",
    ["", "0c00000010", "0c000000101e", "0c000000101e29554e4442", "0c000000101e2955",
     "0c000000101e29555e91025f1f", "0c000000101e09554e00", "1e", "0c000000101e29554e4442 90999a4f"],
)  # fmt: skip
def test_an_answer_that_stops_or_is_another_is_garbage(answer: str) -> None:
    data = bytes.fromhex(answer.replace(" ", ""))
    if not data:
        assert services.properties_read(data) == {}
        with pytest.raises(GarbageError):
            services.property_read(data)
        return
    with pytest.raises(GarbageError):
        services.properties_read(data)


def test_who_is_and_i_am() -> None:
    assert services.who_is() == b""
    assert services.who_is(7, 4_194_302).hex() == "09071b3ffffe"
    assert services.i_am(i_am(1234)[2:]) == IAm(1234, 1476, 3, 999)
    wrong = [
        "",
        "c400c0000f2205c4910322 03e7",
        "c4020004d2",
        "21012101210121 01",
        "c4020004d2444290999a91032101",
    ]
    for content in wrong:
        with pytest.raises(GarbageError):
            services.i_am(bytes.fromhex(content.replace(" ", "")))


def test_a_subscription_and_its_end_as_in_f_1_10() -> None:
    assert services.subscribe(18, (0, 10), 60).hex() == "09121c0000000a29003 93c".replace(" ", "")
    assert services.subscribe(18, (0, 10), None).hex() == "09121c0000000a"


def test_a_notification_as_in_f_1_3() -> None:
    wire = (
        "09121c020000041c0000000a".replace("1c0000000a", "2c0000000a")
        + "39004e09552e44428200002f4f"
    )
    assert services.notification(bytes.fromhex(wire)) == (18, (0, 10))
    for cut in (0, 2, 7):
        with pytest.raises(GarbageError):
            services.notification(bytes.fromhex(wire)[:cut])


@given(st.binary(max_size=80))
def test_any_bytes_are_an_answer_or_garbage(data: bytes) -> None:
    for read in (services.properties_read, services.property_read, services.i_am,
                 services.notification):  # fmt: skip
        try:
            read(data)
        except GarbageError:
            continue


@given(st.data())
def test_a_damaged_answer_is_an_answer_or_garbage(data: st.DataObject) -> None:
    whole = bytearray(b"\x0c" + oid(0, 3) + b"\x1e\x29\x55\x4e" + real(1.5) + b"\x4f")
    whole += b"\x29\x6f\x4e" + flags() + b"\x4f\x1f"
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] = data.draw(st.integers(0, 255))
    try:
        services.properties_read(bytes(whole))
    except GarbageError:
        assert analog(1, b"")
