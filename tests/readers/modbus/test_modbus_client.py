"""The connection: whatever comes, only the answer to the request under way is taken for it.

Driven by hand: the test is the transport, so nothing here depends on timing. Where a
silence must be noticed the deadline is a few milliseconds.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterd.readers.line import ReadFailed
from meterd.readers.modbus.client import ClosedError, Connection
from meterd.readers.modbus.frames import RefusedError, request

ASKED = request(17, "holding", 107, 2)
SHORT_MS, LONG_MS = 5, 600_000


class Wire(asyncio.Transport):
    """Takes what is written; the test says what comes back."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.aborted = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def write(self, data: Any) -> None:
        self.sent.append(bytes(data))

    def abort(self) -> None:
        self.aborted = True


def connected(timeout_ms: int = LONG_MS, tid: int = 0x1500) -> tuple[Connection, Wire]:
    connection, wire = Connection("hall:502", timeout_ms, tid, {}), Wire()
    connection.connection_made(wire)
    return connection, wire


def answer(sent: bytes, words: str = "022B0064", **changed: int) -> bytes:
    """The right answer to what was sent, or nearly."""
    tid = int.from_bytes(sent[:2], "big") + changed.get("tid", 0)
    data = bytes.fromhex(words)
    head = bytes([sent[6] + changed.get("unit", 0), sent[7] + changed.get("function", 0)])
    body = head + bytes([len(data)]) + data
    return (tid & 0xFFFF).to_bytes(2, "big") + b"\0\0" + len(body).to_bytes(2, "big") + body


async def asking(connection: Connection) -> asyncio.Task[bytes]:
    """A request that has just been sent."""
    task = asyncio.ensure_future(connection.exchange(ASKED))
    await asyncio.sleep(0)
    return task


async def test_an_answer() -> None:
    connection, wire = connected()
    task = await asking(connection)
    assert wire.sent == [b"\x15\x01" + ASKED.tail]
    connection.data_received(answer(wire.sent[0]))
    assert await task == answer(wire.sent[0])
    assert faults(connection) == {}
    connection.close()


def faults(connection: Connection) -> dict[str, int]:
    return connection._faults


@pytest.mark.parametrize("cut", range(1, 13))
async def test_an_answer_in_pieces(cut: int) -> None:
    connection, wire = connected()
    task = await asking(connection)
    whole = answer(wire.sent[0])
    connection.data_received(whole[:cut])
    connection.data_received(whole[cut:])
    assert await task == whole
    connection.close()


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


async def test_a_silence_is_a_timeout_and_its_late_answer_is_not_the_next_ones() -> None:
    connection, wire = connected(SHORT_MS)
    with pytest.raises(ReadFailed, match=r"hall:502, unit 17, holding 107\+2: no answer") as caught:
        await connection.exchange(ASKED)
    assert (caught.value.reason, caught.value.soon) == ("timeout", False)
    connection._timeout_s = LONG_MS / 1000
    task = await asking(connection)
    connection.data_received(answer(wire.sent[0], "DEADBEEF"))
    assert not task.done()
    connection.data_received(answer(wire.sent[1]))
    assert await task == answer(wire.sent[1])
    assert faults(connection) == {"timeout": 1, "late": 1}
    connection.close()


async def test_a_late_answer_that_comes_while_nothing_is_asked_is_counted() -> None:
    connection, wire = connected(SHORT_MS)
    with pytest.raises(ReadFailed):
        await connection.exchange(ASKED)
    connection.data_received(answer(wire.sent[0]))
    assert faults(connection) == {"timeout": 1, "late": 1}
    connection.close()


async def test_two_silences_in_a_row_end_the_connection() -> None:
    connection, wire = connected(SHORT_MS)
    for _ in range(2):
        assert not connection.closed
        with pytest.raises(ReadFailed):
            await connection.exchange(ASKED)
    assert connection.closed
    assert wire.aborted
    with pytest.raises(ClosedError):
        await connection.exchange(ASKED)


@pytest.mark.parametrize("spoken", ["022B0064", "exception"])
async def test_an_answer_in_between_begins_the_count_anew(spoken: str) -> None:
    connection, wire = connected(SHORT_MS)
    for _ in range(3):
        with pytest.raises(ReadFailed):
            await connection.exchange(ASKED)
        task = await asking(connection)
        said = answer(wire.sent[-1])
        refused = wire.sent[-1][:4] + b"\0\3\x11\x83\6"
        connection.data_received(refused if spoken == "exception" else said)
        await asyncio.wait([task])
        assert task.exception() is None or spoken == "exception"
    assert not connection.closed
    connection.close()


async def test_a_connection_that_once_worked_is_worth_replacing_soon() -> None:
    connection, wire = connected(SHORT_MS)
    task = await asking(connection)
    connection.data_received(answer(wire.sent[0]))
    await task
    soon = []
    for _ in range(2):
        with pytest.raises(ReadFailed) as caught:
            await connection.exchange(ASKED)
        soon.append(caught.value.soon)
    assert soon == [False, True]


async def test_an_answer_that_stops_in_the_middle_ends_the_connection() -> None:
    connection, wire = connected(SHORT_MS)
    task = await asking(connection)
    connection.data_received(answer(wire.sent[0])[:7])
    with pytest.raises(ReadFailed, match="stopped in the middle") as caught:
        await task
    assert (caught.value.reason, connection.closed) == ("short", True)


async def test_the_timer_is_lazy() -> None:
    connection, wire = connected(SHORT_MS)
    task = await asking(connection)
    timer = connection._timer
    connection.data_received(answer(wire.sent[0]))
    await task
    connection._timeout_s = LONG_MS / 1000
    task = await asking(connection)
    assert connection._timer is timer  # still the first request's
    connection._on_deadline()
    assert not task.done()  # its own deadline is far away
    connection.data_received(answer(wire.sent[1]))
    await task
    connection._on_deadline()
    assert connection._timer is None  # nothing to wait for
    connection.close()


@pytest.mark.parametrize("words", ["022B0064", "DEAD"])
async def test_a_caller_that_is_cancelled_leaves_the_connection_in_order(words: str) -> None:
    connection, wire = connected()
    task = await asking(connection)
    task.cancel()
    await asyncio.wait([task])
    connection.data_received(answer(wire.sent[0], words))
    connection._on_deadline()
    task = await asking(connection)
    connection.data_received(answer(wire.sent[0], "DEADBEEF"))
    connection.data_received(answer(wire.sent[1]))
    assert await task == answer(wire.sent[1])
    connection.close()


async def test_a_close_before_any_answer_says_that_the_line_is_down() -> None:
    connection, _ = connected()
    task = await asking(connection)
    connection.connection_lost(None)
    with pytest.raises(ClosedError, match="hall:502 closed the connection") as caught:
        await task
    assert (caught.value.link_down, caught.value.stale) == (True, False)
    connection.connection_lost(None)
    assert faults(connection) == {"closed": 1}


@pytest.mark.parametrize(("heard", "stale"), [(b"", True), (b"\x15", False)])
async def test_a_close_of_a_used_connection_is_stale_unless_an_answer_had_begun(
    heard: bytes, stale: bool
) -> None:
    connection, wire = connected()
    task = await asking(connection)
    connection.data_received(answer(wire.sent[0]))
    await task
    task = await asking(connection)
    if heard:
        connection.data_received(heard)
    connection.connection_lost(ConnectionResetError())
    with pytest.raises(ClosedError) as caught:
        await task
    assert (caught.value.stale, caught.value.link_down) == (stale, False)


async def test_nothing_is_asked_before_there_is_a_transport() -> None:
    connection = Connection("hall:502", LONG_MS, 0, {})
    with pytest.raises(ClosedError):
        await connection.exchange(ASKED)
    connection.close()
    assert connection.closed


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
