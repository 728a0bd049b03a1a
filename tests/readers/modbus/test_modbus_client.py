"""The connection: whatever comes, only the answer to the request under way is taken for it.

Driven by hand: the test is the transport, so nothing here depends on timing.
"""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.readers.modbus.wire import ASKED, SHORT_MS, answer, asking, connected, faults

from meterd.readers.line import ReadFailed
from meterd.readers.modbus.frames import FRAMES_MAX, RefusedError


async def test_an_answer() -> None:
    connection, wire = connected()
    task = await asking(connection)
    assert wire.sent == [b"\x15\x01" + ASKED.tail]
    connection.data_received(answer(wire.sent[0]))
    assert await task == answer(wire.sent[0])
    assert faults(connection) == {}
    connection.close()


@pytest.mark.parametrize("cut", range(1, 13))
async def test_an_answer_in_pieces(cut: int) -> None:
    connection, wire = connected()
    task = await asking(connection)
    whole = answer(wire.sent[0])
    connection.data_received(whole[:cut])
    connection.data_received(whole[cut:])
    assert await task == whole
    connection.close()


@pytest.mark.parametrize("cut", range(9, 13))
async def test_an_answer_that_was_cut_off_is_not_filled_up_from_the_frame_behind_it(
    cut: int,
) -> None:
    connection, wire = connected(SHORT_MS)
    task = await asking(connection)
    connection.data_received(answer(wire.sent[0])[:cut])
    connection.data_received(answer(wire.sent[0], "00160AF1DEADBEEF", tid=-1))
    with pytest.raises(ReadFailed) as caught:
        await task
    assert caught.value.reason in ("garbled", "short")
    assert connection.closed


async def test_an_answer_is_taken_once_what_is_behind_it_is_whole() -> None:
    connection, wire = connected()
    task = await asking(connection)
    right = answer(wire.sent[0])
    connection.data_received(right + right[:5])
    await asyncio.sleep(0)
    assert not task.done()
    connection.data_received(right[5:])
    assert await task == right
    assert faults(connection) == {"late": 1}
    connection.close()


@pytest.mark.parametrize("frames", [FRAMES_MAX, FRAMES_MAX + 1])
async def test_a_device_has_no_more_than_so_many_late_answers_in_hand(frames: int) -> None:
    connection, wire = connected()
    task = await asking(connection)
    others = answer(wire.sent[0], tid=-1) * (frames - 1)
    connection.data_received(others + answer(wire.sent[0]))
    if frames == FRAMES_MAX:
        assert await task == answer(wire.sent[0])
        connection.close()
    else:
        with pytest.raises(ReadFailed, match="frames at once"):
            await task
        assert connection.closed


async def test_transaction_ids_go_round() -> None:
    connection, wire = connected(tid=0xFFFE)
    for _ in range(3):
        task = await asking(connection)
        connection.data_received(answer(wire.sent[-1]))
        await task
    assert [sent[:2].hex() for sent in wire.sent] == ["ffff", "0000", "0001"]
    connection.close()


OTHERS = {
    "late": {"tid": -1},
    "foreign_tid": {"tid": 1},
    "wrong_unit": {"unit": 1},
    "wrong_function": {"function": 1},
}


@pytest.mark.parametrize(("reason", "changed"), OTHERS.items(), ids=OTHERS.keys())
async def test_what_is_not_ours_is_passed_over_and_counted(
    reason: str, changed: dict[str, int]
) -> None:
    connection, wire = connected()
    task = await asking(connection)
    connection.data_received(answer(wire.sent[0], "DEADBEEF", **changed))
    assert not task.done()
    connection.data_received(answer(wire.sent[0]))
    assert await task == answer(wire.sent[0])
    assert faults(connection) == {reason: 1}
    connection.close()


async def test_foreign_and_right_answers_may_come_together() -> None:
    connection, wire = connected()
    task = await asking(connection)
    right = answer(wire.sent[0])
    connection.data_received(answer(wire.sent[0], unit=3) + right + right)
    assert await task == right
    assert faults(connection) == {"wrong_unit": 1, "late": 1}
    connection.close()


async def test_an_exception_is_an_answer_with_a_code() -> None:
    connection, wire = connected()
    task = await asking(connection)
    connection.data_received(wire.sent[0][:4] + b"\0\3\x11\x83\2")
    with pytest.raises(RefusedError, match=r"unit 17, holding 107\+2: exception 2") as caught:
        await task
    assert (caught.value.code, faults(connection)) == (2, {"exception_2": 1})
    connection.close()


@pytest.mark.parametrize("words", ["022B", "022B00640001", ""])
async def test_an_answer_of_another_length_is_refused_and_the_stream_goes_on(words: str) -> None:
    connection, wire = connected()
    task = await asking(connection)
    connection.data_received(answer(wire.sent[0], words))
    with pytest.raises(ReadFailed, match="another length") as caught:
        await task
    assert (caught.value.reason, connection.closed) == ("wrong_length", False)
    task = await asking(connection)
    connection.data_received(answer(wire.sent[1]))
    assert await task == answer(wire.sent[1])
    connection.close()


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1".hex(),
        "150100000001",
        "1501000000FF",
        "1501000000071103 06 022B0064",
    ],
)
async def test_garbage_ends_the_connection(garbage: str) -> None:
    connection, wire = connected()
    task = await asking(connection)
    connection.data_received(bytes.fromhex(garbage))
    with pytest.raises(ReadFailed) as caught:
        await task
    assert (caught.value.reason, faults(connection)) == ("garbled", {"garbled": 1})
    assert connection.closed
    assert wire.aborted


@settings(max_examples=50)  # each is an event loop
@given(st.lists(st.binary(max_size=40), max_size=12), st.integers(0, 0xFFFF))
def test_no_garbage_is_ever_an_answer(pieces: list[bytes], tid: int) -> None:
    async def fuzz() -> None:
        connection, wire = connected(tid=tid)
        task = await asking(connection)
        right = wire.sent[0][:2] + ASKED.head
        for piece in pieces:
            connection.data_received(piece)
        await asyncio.sleep(0)
        if task.done() and not task.exception():
            assert right in b"".join(pieces)
        else:
            connection.close()
            await asyncio.wait([task])
            assert isinstance(task.exception(), ReadFailed | RefusedError)
        connection.close()

    asyncio.run(fuzz())


@settings(max_examples=50)
@given(
    st.lists(st.sampled_from(["late", "foreign_tid", "wrong_unit", "wrong_function"]), max_size=6),
    st.data(),
)
def test_the_answer_is_found_among_any_others_however_cut(
    others: list[str], data: st.DataObject
) -> None:
    async def mixed() -> None:
        connection, wire = connected()
        task = await asking(connection)
        stream = b"".join(answer(wire.sent[0], "DEADBEEF", **OTHERS[o]) for o in others)
        stream += answer(wire.sent[0])
        while stream:
            cut = data.draw(st.integers(1, len(stream)))
            connection.data_received(stream[:cut])
            stream = stream[cut:]
        assert await task == answer(wire.sent[0])
        assert sum(faults(connection).values()) == len(others)
        connection.close()

    asyncio.run(mixed())
