"""One Modbus TCP connection: one request at a time, each with its own deadline.

Only the answer to the request under way is taken for it: transaction id, unit, function
and length must all agree. Anything else is counted by reason and passed over, or, if it
breaks the stream, ends the connection. There is one lazy timer per connection and no
timer, timeout or cancellation per request; a caller that is cancelled leaves the
connection in order. After two timeouts in a row the connection is given up.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Final

from meterd.config.points import ModbusLink
from meterd.readers.line import ReadFailed, tally
from meterd.readers.modbus import frames
from meterd.readers.modbus.frames import GarbledError, RefusedError, Request

TIMEOUTS_MAX: Final = 2
"""Silences in a row after which the connection is taken to be dead."""

USER_TIMEOUT_MS: Final = 10_000
_KEEPALIVE_S: Final = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}
_TICK_S: Final = 0.002  # loops whose clock ticks in milliseconds fire a little early


class ClosedError(ReadFailed):
    """The connection ended.

    stale: it had served before and no byte of an answer came, so most likely the device
    had closed it for being idle, and the request may be sent again on a new one.
    fresh: it has never served; then the line is as good as down.
    """

    def __init__(self, text: str, *, stale: bool, fresh: bool) -> None:
        super().__init__("closed", text, link_down=fresh)
        self.stale = stale


class Connection(asyncio.Protocol):
    """A connection to one host and port."""

    def __init__(self, place: str, timeout_ms: int, tid: int, faults: dict[str, int]) -> None:
        """tid: the first transaction id. faults: where oddities are counted, by reason."""
        self.place = place
        self.closed = False
        self.answered = 0
        self._timeout_s = timeout_ms / 1000
        self._faults = faults
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.WriteTransport | None = None
        self._tid = tid
        self._rest = b""
        self._asked: Request | None = None
        self._wanted = b""
        self._waiter: asyncio.Future[bytes] | None = None
        self._heard = False
        self._timeouts = 0
        self._deadline_s = 0.0
        self._timer: asyncio.TimerHandle | None = None

    async def exchange(self, asked: Request) -> bytes:
        """Send a request and return its whole answer.

        Raises RefusedError for a Modbus exception, ClosedError, or ReadFailed with the
        reasons timeout, short, wrong_length and garbled.
        """
        if self.closed or self._transport is None:
            raise self._closing()
        self._tid = (self._tid + 1) & 0xFFFF
        tid = self._tid.to_bytes(2, "big")
        self._asked, self._wanted, self._heard = asked, tid + asked.head, False
        self._waiter = self._loop.create_future()
        self._transport.write(tid + asked.tail)
        self._deadline_s = self._loop.time() + self._timeout_s
        if self._timer is None:
            self._timer = self._loop.call_at(self._deadline_s, self._on_deadline)
        return await self._waiter

    def close(self) -> None:
        """End the connection at once; a request under way fails."""
        if self._transport is not None:
            self._transport.abort()
        self.connection_lost(None)

    # -- asyncio.Protocol -----------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The transport is ready: make a dead peer noticeable."""
        self._transport = transport  # type: ignore[assignment]  # a TCP transport writes
        sock = transport.get_extra_info("socket")
        if sock is not None:
            watch(sock)

    def connection_lost(self, exc: Exception | None) -> None:
        """The peer, or we, ended it."""
        if self.closed:
            return
        self.closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._pending():
            self._fail(self._closing(), "closed")

    def data_received(self, data: bytes) -> None:
        """Bytes came: nearly always exactly the answer."""
        asked = self._asked
        if (
            asked is not None
            and len(data) == asked.size
            and not self._rest
            and data.startswith(self._wanted)
        ):
            self._settle(data)
            return
        self._heard = True
        self._sort(self._rest + data)

    # -- inside ---------------------------------------------------------------------------

    def _sort(self, buffer: bytes) -> None:
        """Take the frames off the buffer once the last one is whole.

        Before, an answer may be one that was cut off and filled up from the frame behind it.
        """
        try:
            whole = frames.all_frames(buffer)
        except GarbledError as error:
            self._break(frames.GARBLED, str(error))
            return
        self._rest = b"" if whole else buffer
        for frame in whole:
            if not self.closed:
                self._weigh(frame)

    def _weigh(self, frame: bytes) -> None:
        asked = self._asked
        if asked is None:
            tally(self._faults, frames.LATE)
            return
        verdict = frames.judge(frame, self._tid, asked)
        if verdict == frames.ANSWER:
            self._settle(frame)
        elif verdict == frames.EXCEPTION:
            self._faced(frame[8], asked)
        elif verdict == frames.WRONG_LENGTH:
            text = f"{self.place}, {asked}: the answer has another length than asked for"
            self._fail(ReadFailed(verdict, text), verdict)
        elif verdict == frames.GARBLED:
            self._break(verdict, "the answer contradicts its own header")
        else:
            tally(self._faults, verdict)

    def _settle(self, frame: bytes) -> None:
        self.answered += 1
        self._timeouts = 0
        self._asked = None
        if self._pending():
            self._waiter.set_result(frame)  # type: ignore[union-attr]

    def _faced(self, code: int, asked: Request) -> None:
        self.answered += 1
        self._timeouts = 0
        self._fail(RefusedError(code, asked), f"exception_{code}")

    def _pending(self) -> bool:
        return self._waiter is not None and not self._waiter.done()

    def _fail(self, error: Exception, reason: str) -> None:
        tally(self._faults, reason)
        self._asked = None
        if self._pending():
            self._waiter.set_exception(error)  # type: ignore[union-attr]

    def _break(self, reason: str, text: str) -> None:
        """The stream can no longer be read: fail the request, if any, and hang up."""
        self._fail(ReadFailed(reason, f"{self.place}: {text}"), reason)
        self.close()

    def _closing(self) -> ClosedError:
        return ClosedError(
            f"{self.place} closed the connection",
            stale=self.answered > 0 and not self._heard,
            fresh=self.answered == 0,
        )

    def _on_deadline(self) -> None:
        """The timer rang: for the request under way, an earlier one, or none."""
        self._timer = None
        if not self._pending() or self._asked is None:
            return
        if self._deadline_s - self._loop.time() > _TICK_S:
            self._timer = self._loop.call_at(self._deadline_s, self._on_deadline)
            return
        if self._rest:
            self._break("short", f"{self._asked}: the answer stopped in the middle")
            return
        self._timeouts += 1
        dead = self._timeouts >= TIMEOUTS_MAX
        text = f"{self.place}, {self._asked}: no answer within {self._timeout_s:g} s"
        self._fail(ReadFailed("timeout", text, soon=dead and self.answered > 0), "timeout")
        if dead:
            self.close()


def watch(sock: socket.socket) -> None:
    """Let the kernel notice a peer that is gone, where it can (Linux)."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    options = _KEEPALIVE_S | {"TCP_USER_TIMEOUT": USER_TIMEOUT_MS}
    for name, value in options.items():
        option = getattr(socket, name, None)
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


async def connect(link: ModbusLink, tid: int, faults: dict[str, int]) -> Connection:
    """A new connection; ReadFailed (reason connect, link down) if there is none in time."""
    place = f"{link.host}:{link.port}"
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(link.timeout_ms / 1000):
            _, connection = await loop.create_connection(
                lambda: Connection(place, link.timeout_ms, tid, faults), link.host, link.port
            )
    except (OSError, UnicodeError) as error:  # TimeoutError is an OSError
        tally(faults, "connect")
        why = str(error) or f"no answer within {link.timeout_ms} ms"
        raise ReadFailed("connect", f"{place}: {why}", link_down=True) from error
    return connection
