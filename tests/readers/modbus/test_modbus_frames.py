"""Frames: what is sent, what is taken for its answer, and what never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterd.readers.modbus import frames
from meterd.readers.modbus.frames import GarbledError, encode, first_frame, judge, request

ASKED = request(17, "holding", 0x6B, 2)
TID = 0x1501
ANSWER = bytes.fromhex("1501 0000 0007 11 03 04 022B0064")


def test_a_request_is_as_the_guide_draws_it() -> None:
    assert ASKED.tail == bytes.fromhex("0000 0006 11 03 006B 0002")
    assert TID.to_bytes(2, "big") + ASKED.head == ANSWER[: frames.DATA_AT]
    assert ASKED.size == len(ANSWER)
    assert str(ASKED) == "unit 17, holding 107+2"


@pytest.mark.parametrize(
    ("table", "function", "count", "answered"),
    [("coil", 1, 9, 2), ("discrete", 2, 8, 1), ("holding", 3, 9, 18), ("input", 4, 8, 16)],
)
def test_each_table_has_its_function(table: str, function: int, count: int, answered: int) -> None:
    asked = request(1, table, 0, count)
    assert (asked.function, asked.tail[5]) == (function, function)
    assert frames.answer_bytes(table, count) == answered == asked.size - frames.DATA_AT


def test_only_the_four_reads_can_be_encoded() -> None:
    possible = []
    for function in range(256):
        try:
            possible.append(encode(1, function, 0, 1).tail[5])
        except ValueError as error:
            assert f"function {function} is not one of the reads" in str(error)  # noqa: PT017
    assert possible == [1, 2, 3, 4] == sorted(frames.READS.values())


@pytest.mark.parametrize(
    ("unit", "table", "address", "count"),
    [
        (256, "holding", 0, 1),
        (-1, "holding", 0, 1),
        (1, "holding", -1, 1),
        (1, "holding", 0, 0),
        (1, "holding", 0, 126),
        (1, "coil", 0, 2001),
        (1, "input", 65535, 2),
    ],
)
def test_what_the_protocol_cannot_carry_is_refused(
    unit: int, table: str, address: int, count: int
) -> None:
    with pytest.raises(ValueError, match="no read of"):
        request(unit, table, address, count)


@pytest.mark.parametrize(
    ("frame", "verdict"),
    {
        "the answer": (ANSWER.hex(), frames.ANSWER),
        "an exception": ("150100000003118302", frames.EXCEPTION),
        "an exception with more to say": ("15010000000411830200", frames.GARBLED),
        "a request we gave up on": ("1500" + ANSWER.hex()[4:], frames.LATE),
        "an id we never used": ("9999" + ANSWER.hex()[4:], frames.FOREIGN),
        "the id that comes next": ("1502" + ANSWER.hex()[4:], frames.FOREIGN),
        "a device without transaction ids": ("0000" + ANSWER.hex()[4:], frames.FOREIGN),
        "another unit": ("15010000000712 0304022B0064", frames.WRONG_UNIT),
        "another function": ("15010000000711 0404022B0064", frames.WRONG_FUNCTION),
        "an exception to another function": ("150100000003118402", frames.WRONG_FUNCTION),
        "one word less": ("15010000000511 0302022B", frames.WRONG_LENGTH),
        "one word more": ("15010000000911 0306022B00640000", frames.WRONG_LENGTH),
        "a byte count that lies": ("15010000000711 0306022B0064", frames.GARBLED),
        "no byte count": ("15010000000211 03", frames.GARBLED),
        "no data": ("15010000000311 0300", frames.WRONG_LENGTH),
    }.values(),
)
def test_only_the_answer_is_the_answer(frame: str, verdict: str) -> None:
    assert judge(bytes.fromhex(frame), TID, ASKED) == verdict


def test_ids_wrap_and_late_ones_are_still_known() -> None:
    late = b"\xff\xff" + ANSWER[2:]
    assert judge(late, 3, ASKED) == frames.LATE


def test_a_stream_is_cut_into_frames() -> None:
    stream = ANSWER + b"\x15\x02\0\0\0\3\x11\x83\2" + ANSWER[:5]
    sizes = []
    while size := first_frame(stream):
        sizes.append(size)
        stream = stream[size:]
    assert (sizes, stream) == ([13, 9], ANSWER[:5])


@pytest.mark.parametrize("cut", range(len(ANSWER)))
def test_a_part_of_a_frame_is_no_frame(cut: int) -> None:
    assert first_frame(ANSWER[:cut]) == 0


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("150100", None),
        ("150101", "protocol id 01"),
        ("15010001", "protocol id 0001"),
        ("15010000 0001", "length 1"),
        ("15010000 0002", None),
        ("15010000 00FE", None),
        ("15010000 00FF", "length 255"),
        ("15010000 FFFF", "length 65535"),
    ],
)
def test_a_header_that_lies_is_noticed_at_once(header: str, why: str | None) -> None:
    if why is None:
        assert first_frame(bytes.fromhex(header)) == 0
    else:
        with pytest.raises(GarbledError, match=why):
            first_frame(bytes.fromhex(header))


@given(st.binary(max_size=600))
def test_garbage_is_cut_or_refused_but_never_taken(garbage: bytes) -> None:
    try:
        while size := first_frame(garbage):
            frame, garbage = garbage[:size], garbage[size:]
            right = frame.startswith(ANSWER[: frames.DATA_AT]) and len(frame) == ASKED.size
            assert (judge(frame, TID, ASKED) == frames.ANSWER) == right
    except GarbledError:
        pass
    else:
        assert len(garbage) < 260


@given(
    st.sampled_from(sorted(frames.READS)),
    st.tuples(st.integers(0, 255), st.integers(0, 65535), st.integers(1, 125)),
    st.integers(0, 65535),
    st.data(),
)
def test_what_a_right_device_answers_is_the_answer(
    table: str, where: tuple[int, int, int], tid: int, data: st.DataObject
) -> None:
    unit, address, count = where
    asked = request(unit, table, min(address, 65536 - count), count)
    size = frames.answer_bytes(table, count)
    body = data.draw(st.binary(min_size=size, max_size=size))
    frame = tid.to_bytes(2, "big") + asked.head + body
    assert first_frame(frame) == len(frame) == asked.size
    assert judge(frame, tid, asked) == frames.ANSWER
    at = data.draw(st.integers(0, frames.DATA_AT - 1))
    spoiled = bytearray(frame)
    spoiled[at] ^= data.draw(st.integers(1, 255))
    if at not in (2, 3, 4, 5):  # those are the cutter's to refuse
        assert judge(bytes(spoiled), tid, asked) != frames.ANSWER
