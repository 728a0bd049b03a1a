"""The one poll loop: every protocol that asks and is answered is driven from here.

One task per physical line. Its devices are asked in turn, each on the wall clock's grid of
its own `every_ms`, the longest due first, and of those that are due at the same time the ones
that fail last: a silence is waited for while nobody else is due. How a device is asked, and
how long an answer is waited for, is the line's business; when to ask, and what silence means,
is decided here.

A device that fails is asked less often, but at least every 10 s or its `every`, whichever
is longer, and returns to its grid with its first answer. It is offline after three failed
polls or 10 s, whichever is later (contract section 1, "Any protocol"). A line that is down
is reopened on a schedule of its own, at least every 10 s; when it opens, all that missed a
poll are asked at once.

Lines start a little apart, each at a place of its own behind the grid's instant, so that
hundreds of devices are not connected to and asked within the same millisecond.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Iterable
from typing import Final, Generic, TypeVar

import structlog

from meterd.events import PollFailed, Reading
from meterd.readers.line import (
    Device,
    DeviceStats,
    Line,
    LinkStats,
    ReadFailed,
    Surroundings,
    tally,
)

log = structlog.get_logger()

OFFLINE_MS: Final = 10_000
OFFLINE_POLLS: Final = 3
SLOWEST_MS: Final = 10_000
"""A failing device or line is tried at least this often (a device: or every `every`)."""

FIRST_POLL_MS: Final = 10_000
"""A slow device is first asked on this grid, so that nobody waits an hour for a value."""

STAGGER_MS: Final = 500
"""Lines are spread over so long, or a tenth of `every` if that is less."""

_CLOCK_JITTER_MS: Final = 2
"""Two clocks that are read one after the other seem to drift by so much."""
_BACK_OFF_MS: Final = 1000  # doubled by every failure
_DOUBLINGS_MAX: Final = 5

_ANSWERS: Final = "Meter answers again."
_SILENT: Final = "Meter does not answer."
_OFFLINE: Final = "Meter is offline."

D = TypeVar("D", bound=Device)


def next_slot(now_ms: int, every_ms: int, last_ms: int = 0) -> int:
    """The first instant of the grid after now and after the slot last served.

    A timer may fire a little early: the same slot is not served twice. A clock that was
    set back by more than a step begins anew.
    """
    base = last_ms if now_ms < last_ms <= now_ms + every_ms else now_ms
    return (base // every_ms + 1) * every_ms


class _Turn(Generic[D]):
    """One device's place in the round. slot_ms: on the wall clock; all else monotonic.

    behind_ms: how long after the grid's instant it is asked.
    """

    def __init__(self, device: D, stats: DeviceStats, phase: float) -> None:
        self.device = device
        self.stats = stats
        self.behind_ms = int(phase * min(STAGGER_MS, device.every_ms / 10))
        self.slot_ms = 0
        self.due_ms = 0
        self.failed = 0
        self.failing_since_ms = 0
        self.offline = False
        self.said = ""  # the last word the log has had on it

    def count_failure(self, asked_ms: int, failed_ms: int) -> None:
        """One more failed poll in a row."""
        if self.failed == 0:
            self.failing_since_ms = asked_ms
        self.failed += 1
        silent_ms = failed_ms - self.failing_since_ms
        self.offline = self.failed >= OFFLINE_POLLS and silent_ms >= OFFLINE_MS

    def patience_ms(self, asked_ms: int) -> int:
        """How long after a failed poll the next is due.

        Never longer than it takes to know whether the device is offline.
        """
        limit = max(SLOWEST_MS, self.device.every_ms)
        wait = min(limit, _BACK_OFF_MS << min(self.failed, _DOUBLINGS_MAX))
        left = self.failing_since_ms + OFFLINE_MS - asked_ms
        return min(wait, left) if left > 0 else wait


class Poller(Generic[D]):
    """Asks the devices of one line for ever. `run` ends only by cancellation."""

    def __init__(
        self, line: Line[D], devices: Iterable[D], around: Surroundings, stats: LinkStats
    ) -> None:
        self._line = line
        self._around = around
        self._clock = around.clock
        self._stats = stats
        asked = tuple(devices)
        phase = around.phase(asked[0].meter) if asked else 0.0
        self._turns = [
            _Turn(d, stats.meters.setdefault(d.meter, DeviceStats()), phase) for d in asked
        ]
        self._round: list[tuple[int, bool, int, _Turn[D]]] = []
        self._offset_ms = 0  # of the monotonic clock from the wall's
        self._down: ReadFailed | None = None
        self._reopenings = 0
        self._reopen_ms = 0

    async def run(self) -> None:
        """Poll until cancelled; then let go of the line."""
        for turn in self._turns:
            grid = min(turn.device.every_ms, FIRST_POLL_MS)
            self._schedule(turn, next_slot(self._clock.now_ms() - turn.behind_ms, grid))
        self._order()
        try:
            while self._round:
                await self._step()
        finally:
            self._line.close()

    async def _step(self) -> None:
        due_ms, _fails, index, turn = self._round[0]
        if self._down is not None and self._reopen_ms <= due_ms:
            await self._clock.sleep_until(self._reopen_ms)
            await self._reopen()
            return
        await self._clock.sleep_until(due_ms)
        await self._ask(turn)
        heapq.heapreplace(self._round, (turn.due_ms, turn.failed > 0, index, turn))

    def _order(self) -> None:
        self._round = [
            (turn.due_ms, turn.failed > 0, index, turn) for index, turn in enumerate(self._turns)
        ]
        heapq.heapify(self._round)

    def _schedule(self, turn: _Turn[D], slot_ms: int) -> None:
        offset_ms = self._clock.mono_ms() - self._clock.now_ms()
        if abs(offset_ms - self._offset_ms) > _CLOCK_JITTER_MS:
            self._offset_ms = offset_ms
        turn.slot_ms = slot_ms
        turn.due_ms = slot_ms + turn.behind_ms + self._offset_ms

    async def _ask(self, turn: _Turn[D]) -> None:
        asked_ms = self._clock.mono_ms()
        stats = turn.stats
        stats.polls += 1
        stats.late_ms = max(0, asked_ms - turn.due_ms)
        stats.late_max_ms = max(stats.late_max_ms, stats.late_ms)
        failure = self._down
        if failure is None:
            try:
                self._answered(turn, await self._line.read(turn.device))
            except ReadFailed as error:
                failure = error
        if failure is not None:
            self._failed(turn, asked_ms, failure)
        stats.duration_ms = self._clock.mono_ms() - asked_ms
        stats.duration_sum_ms += stats.duration_ms

    def _answered(self, turn: _Turn[D], reading: Reading) -> None:
        self._reopenings = 0
        self._emit(reading)
        turn.failed, turn.offline = 0, False
        if turn.said in (_SILENT, _OFFLINE):
            self._say(log.info, turn, _ANSWERS)
        turn.said = _ANSWERS
        now_ms = self._clock.now_ms() - turn.behind_ms
        self._schedule(turn, next_slot(now_ms, turn.device.every_ms, turn.slot_ms))

    def _failed(self, turn: _Turn[D], asked_ms: int, failure: ReadFailed) -> None:
        tally(turn.stats.failures, failure.reason)
        if failure.link_down and self._down is None:
            self._went_down(failure)
        mono_ms, now_ms = self._clock.mono_ms(), self._clock.now_ms()
        turn.count_failure(asked_ms, mono_ms)
        self._emit(PollFailed(turn.device.meter, now_ms, failure.reason, turn.offline))
        if turn.said != _OFFLINE and (turn.offline or not turn.said):
            self._say(log.warning, turn, _OFFLINE if turn.offline else _SILENT, why=str(failure))
        every_ms = turn.device.every_ms
        slot_ms = next_slot(now_ms - turn.behind_ms, every_ms, turn.slot_ms)
        if not failure.soon:
            asked_at_ms = now_ms - turn.behind_ms - (mono_ms - asked_ms)
            patient_ms = (asked_at_ms + turn.patience_ms(asked_ms)) // every_ms * every_ms
            slot_ms = max(slot_ms, patient_ms)
        self._schedule(turn, slot_ms)

    def _say(self, log_as: Callable[..., None], turn: _Turn[D], said: str, **why: str) -> None:
        log_as(said, meter=turn.device.meter, link=self._stats.link, **why)
        turn.said = said

    def _emit(self, told: Reading | PollFailed) -> None:
        try:
            self._around.emit(told)
        except asyncio.QueueFull:
            self._stats.dropped += 1

    def _went_down(self, failure: ReadFailed) -> None:
        """Remember why, and when to try again: later each time, and never all at once."""
        self._down = failure.with_traceback(None)  # kept long; the frames are not
        self._stats.up = False
        ceiling_ms = min(SLOWEST_MS, _BACK_OFF_MS << min(self._reopenings, _DOUBLINGS_MAX))
        self._reopenings += 1
        wait_ms = self._around.chance.randint(ceiling_ms // 2, ceiling_ms)
        self._reopen_ms = self._clock.mono_ms() + wait_ms

    async def _reopen(self) -> None:
        try:
            await self._line.open()
        except ReadFailed as failure:
            self._went_down(failure)
            return
        self._down, self._stats.up = None, True
        now_ms = self._clock.now_ms()
        for turn in self._turns:
            if turn.failed:
                self._schedule(turn, now_ms - turn.behind_ms)
        self._order()
