"""One RTU line: one request at a time, silence between frames, and no answer taken late.

After a request that was not answered (silence, noise, or a caller that was cancelled)
nothing is sent until its late reply has gone by or `max_turnaround` has passed since it was
asked: on a serial line a late reply looks exactly like the answer to the next question.
This holds across reconnections, since a serial server keeps what it was sent; and whoever
was on the line before us may have asked, so a new line is quiet for as long at first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec

from meterd.readers.line import ReadFailed, tally
from meterd.readers.modbus import frames, rtu_frames
from meterd.readers.modbus.frames import RefusedError
from meterd.readers.modbus.rtu_frames import RtuRequest

_TICK_S: Final = 0.002  # loops whose clock ticks in milliseconds fire a little early


class Pace(msgspec.Struct, frozen=True):
    """The times of a line, seconds. character_s: one on the wire, 0 where that is not ours to
    know. silence_s: between two frames. timeout_s: from the request's last bit to the whole answer.
    turnaround_s: from a request to when its answer can come no more.
    """

    character_s: float
    silence_s: float
    timeout_s: float
    turnaround_s: float


class RtuBus:
    """What is said on one line. place: its name in errors. faults: counted by reason."""

    def __init__(self, place: str, pace: Pace, faults: dict[str, int]) -> None:
        self._place = place
        self._pace = pace
        self._faults = faults
        self._loop = asyncio.get_running_loop()
        self._write: Callable[[bytes], None] | None = None
        self._buffer = b""
        self._asked: RtuRequest | None = None
        self._late: RtuRequest | None = None
        self._hold_s = self._loop.time() + pace.turnaround_s
        self._last_s = 0.0
        self._waiter: asyncio.Future[bytes] | None = None
        self._released = asyncio.Event()

    @property
    def ready(self) -> bool:
        """Whether there is a line to write to."""
        return self._write is not None

    def connect(self, write: Callable[[bytes], None]) -> None:
        """The line is open: this sends bytes."""
        self._write = write
        self._buffer = b""

    def disconnect(self, why: str) -> None:
        """The line is gone; a request under way fails."""
        self._write = None
        if self._waiter is not None and not self._waiter.done():
            tally(self._faults, "closed")
            failed = ReadFailed("closed", f"{self._place}: {why}", link_down=True)
            self._waiter.set_exception(failed)

    async def exchange(self, asked: RtuRequest) -> bytes:
        """Send a request and return its whole answer, checksum included.

        Raises RefusedError for an exception, or ReadFailed with the reasons timeout, short,
        wrong_length, garbled and closed.
        """
        await self._silence()
        if self._write is None:
            raise ReadFailed("closed", f"{self._place} is not open", link_down=True)
        self._buffer, self._asked = b"", asked
        waiter: asyncio.Future[bytes] = self._loop.create_future()
        self._waiter = waiter
        sent_s = self._loop.time()
        self._write(asked.frame)
        on_wire_s = len(asked.frame) * self._pace.character_s
        answer_s = asked.size * self._pace.character_s
        self._last_s = sent_s + on_wire_s
        deadline_s = self._last_s + self._pace.timeout_s + answer_s
        timer = self._loop.call_at(deadline_s + _TICK_S, self._expire, asked)
        try:
            return await waiter
        except RefusedError:
            raise
        except BaseException:  # silence, noise, or the caller was cancelled: it may come yet
            self._hold(asked, self._last_s + self._pace.turnaround_s)
            raise
        finally:
            timer.cancel()
            self._asked = None

    def hear(self, data: bytes) -> None:
        """Bytes came from the line."""
        self._last_s = self._loop.time()
        self._buffer = (self._buffer + data)[-rtu_frames.BUFFER_MAX :]
        asked = self._asked or self._late
        if asked is None:
            tally(self._faults, "noise")
            self._buffer = b""
            return
        found = rtu_frames.search(self._buffer, asked)
        if not found.verdict:
            return
        self._buffer = b""
        if self._asked is None:
            tally(self._faults, frames.LATE)
            self._release()
        elif self._waiter is not None and not self._waiter.done():
            if found.verdict == frames.EXCEPTION:
                tally(self._faults, f"exception_{found.code}")
                self._waiter.set_exception(RefusedError(found.code, asked))
            else:
                self._waiter.set_result(found.reply)

    # -- inside ---------------------------------------------------------------------------

    async def _silence(self) -> None:
        """Wait until the line may be spoken on."""
        while (left_s := self._hold_s - self._loop.time()) > 0:
            self._released.clear()
            timer = self._loop.call_later(left_s + _TICK_S, self._released.set)
            try:
                await self._released.wait()
            finally:
                timer.cancel()
        self._late = None
        while (left_s := self._last_s + self._pace.silence_s - self._loop.time()) > 0:
            await _rest(left_s)

    def _hold(self, asked: RtuRequest, until_s: float) -> None:
        self._late, self._hold_s = asked, max(self._hold_s, until_s)
        self._buffer = b""

    def _release(self) -> None:
        """The late reply has gone by."""
        self._late, self._hold_s = None, 0.0
        self._released.set()

    def _expire(self, asked: RtuRequest) -> None:
        if self._waiter is None or self._waiter.done():
            return
        reason = rtu_frames.blame(self._buffer, asked)
        tally(self._faults, reason)
        said = _SAID.get(reason) or f"no answer within {self._pace.timeout_s:g} s"
        self._waiter.set_exception(ReadFailed(reason, f"{self._place}, {asked}: {said}"))


_SAID: Final = {
    "short": "the answer stopped in the middle",
    frames.WRONG_LENGTH: "the answer has another length than asked for",
    frames.GARBLED: "the answer is garbled",
}


async def _rest(seconds: float) -> None:
    """Let the line be quiet. The only wait of this module that is not for bytes."""
    done = asyncio.get_running_loop().create_future()
    timer = asyncio.get_running_loop().call_later(seconds, done.set_result, None)
    try:
        await done
    finally:
        timer.cancel()
