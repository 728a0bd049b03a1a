"""A socket whose opener is cancelled is no one's, and its port is free again."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

import pytest
import uvloop
from tests.readers.bacnet_ip.said import link

from meterd.readers.bacnet_ip.wire import Wire
from meterd.readers.datagrams import datagram_socket
from meterd.readers.line import LinkStats

LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]
STEPS_MOST: Final = 12
"""Turns of the loop in which every opener here is done."""
Opener = Callable[[int], Coroutine[Any, Any, None]]


async def _socket(port: int) -> None:
    mine = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    mine.setblocking(False)
    mine.bind(("127.0.0.1", port))
    transport = await datagram_socket(asyncio.DatagramProtocol(), sock=mine)
    transport.abort()


async def _wire(port: int) -> None:
    one = Wire(link(port=port, bind="127.0.0.1/8"), LinkStats("bms"), lambda _: None)
    await one.open()
    one.close()


def _bound(port: int) -> int:
    """Take a port, any if 0, and give it back; OSError if somebody has it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", port))
        number: int = one.getsockname()[1]
        return number


async def _cancelled_after(steps: int, opening: Coroutine[Any, Any, None]) -> bool:
    """Let the opener go on for so many turns, and cancel it; whether it was done by then."""
    task = asyncio.ensure_future(opening)
    for _ in range(steps):
        await asyncio.sleep(0)
    if task.done():
        return True
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    return False


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("opener", [_socket, _wire])
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # as an error uvloop hangs on it
def test_whoever_is_cancelled_leaves_no_port_taken(
    opener: Opener, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    port, cancelled = _bound(0), 0
    with asyncio.Runner(loop_factory=loop) as runner:
        for steps in range(STEPS_MOST):
            if runner.run(_cancelled_after(steps, opener(port))):
                break
            cancelled += 1
            _bound(port)
    assert 1 < cancelled < STEPS_MOST


async def test_what_comes_in_goes_to_the_protocol() -> None:
    """And it is told of its socket first."""
    told: list[str] = []
    heard = asyncio.Event()

    class Told(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            told.append(type(transport).__name__)

        def datagram_received(self, data: bytes, addr: object) -> None:
            told.append(data.decode())
            heard.set()

    transport = await datagram_socket(Told(), local_addr=("127.0.0.1", 0))
    transport.sendto(b"hello", transport.get_extra_info("sockname"))
    await asyncio.wait_for(heard.wait(), 5)
    transport.close()
    assert told == ["_SelectorDatagramTransport", "hello"]
