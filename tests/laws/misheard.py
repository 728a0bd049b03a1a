"""Wrong ways to ask a device and to hear what it says, for `bugs.py` to put in."""

from __future__ import annotations

from typing import Any, Final

from meterd.readers.modbus import frames

NEVER_MS: Final = 1 << 60
OTHERS: Final = (frames.LATE, frames.FOREIGN, frames.WRONG_UNIT)


def any_answer(old: Any, frame: bytes, tid: int, asked: Any) -> Any:
    verdict = old(frame, tid, asked)
    return frames.ANSWER if verdict in OTHERS and len(frame) == asked.size else verdict


def any_length(old: Any, *judged: Any) -> Any:
    verdict = old(*judged)
    return frames.ANSWER if verdict == frames.WRONG_LENGTH else verdict


def given_up(_old: Any, _turn: Any, _asked_ms: int) -> int:
    return NEVER_MS


def left_down(old: Any, poller: Any, failure: Any) -> None:
    old(poller, failure)
    poller._reopen_ms = NEVER_MS
