"""The connection's silences and ends: who is told what, and when it is given up.

Where a silence must be noticed the deadline is a few milliseconds.
"""

from __future__ import annotations

import asyncio

import pytest
from tests.readers.modbus.wire import (
    ASKED,
    LONG_MS,
    SHORT_MS,
    answer,
    asking,
    connected,
    faults,
)

from meterd.readers.line import ReadFailed
from meterd.readers.modbus.client import ClosedError, Connection


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
    connection, wire = connected()
    task = await asking(connection)
    timer = connection._timer
    connection.data_received(answer(wire.sent[0]))
    await task
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
