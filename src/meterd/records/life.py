"""The life of a meter record as a table (seed 001): a pair that is not here cannot happen.

A record is born IDLE and started by its first reading. COMPLETED and CANCELLED are the ends;
whoever ends a record starts the next one, which is born IDLE again. Only a RUNNING record
becomes UNKNOWN by a restart: a pause and a fault are known, and end as they would have.
An IDLE record has nothing to cut or to pause; it is cancelled where its configuration is
disabled before anything was read.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """Seed 001's statuses."""

    IDLE = "IDLE"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAULTED = "FAULTED"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"
    PAUSED = "PAUSED"


class Cause(StrEnum):
    """What changes a status. recover: a reading was accepted, after a fault or a restart."""

    START = "start"
    CUTOVER = "cutover"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    FAULT = "fault"
    RECOVER = "recover"
    RESTART = "restart"


_S: Final = Status
_C: Final = Cause
_ENDS: Final = {_C.CUTOVER: _S.COMPLETED, _C.CANCEL: _S.CANCELLED}

NEXT: Final[dict[Status, dict[Cause, Status]]] = {
    _S.IDLE: {_C.START: _S.RUNNING, _C.CANCEL: _S.CANCELLED},
    _S.RUNNING: {_C.PAUSE: _S.PAUSED, _C.FAULT: _S.FAULTED, _C.RESTART: _S.UNKNOWN, **_ENDS},
    _S.PAUSED: {_C.RESUME: _S.RUNNING, **_ENDS},
    _S.FAULTED: {_C.RECOVER: _S.RUNNING, _C.PAUSE: _S.PAUSED, **_ENDS},
    _S.UNKNOWN: {_C.RECOVER: _S.RUNNING, _C.PAUSE: _S.PAUSED, _C.FAULT: _S.FAULTED, **_ENDS},
    _S.COMPLETED: {},
    _S.CANCELLED: {},
}

TERMINAL: Final = frozenset(status for status, causes in NEXT.items() if not causes)

INHERITED: Final = {_S.PAUSED: _C.PAUSE, _S.FAULTED: _C.FAULT, _S.UNKNOWN: _C.RESTART}
"""A cut mends no meter and lifts no pause: what befalls the next record as it starts."""


def may(status: Status, cause: Cause) -> bool:
    """Whether the table knows the pair."""
    return cause in NEXT[status]


def after(status: Status, cause: Cause) -> Status:
    """The status that follows; the pair must be in the table."""
    assert may(status, cause), f"a record that is {status} cannot {cause}"
    return NEXT[status][cause]
