"""An alarm: a condition that is told when it has lasted, and told again when it is over.

Two things keep a value at the edge from raising a storm. Hysteresis: once beyond its limit, a
value counts as beyond until it is back by HYSTERESIS of the limit. Duration: a change, either
way, must last HOLD_MS before it is told.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

from meterd.metering.calendar import iso

HYSTERESIS: Final = 0.02
"""Of the limit: 80 % is cleared at 78.4 %, 207 V at 211.14 V."""
HOLD_MS: Final = 60_000
"""Starting currents and switching are shorter, and nobody is called for them."""

RAISED: Final = "alarm_raised"
CLEARED: Final = "alarm_cleared"
WARNING: Final = "warning"
CRITICAL: Final = "critical"


class AlarmState(msgspec.Struct, gc=False):
    """One alarm. beyond: what the value says, since turned_ms; active: what has been told.

    since_ms: when the condition that was told began. value: the last one judged; field: where
    it was read. seen_ms, seen_by: when somebody acknowledged it and who, 0 and "" while nobody.
    """

    beyond: bool = False
    turned_ms: int = 0
    active: bool = False
    since_ms: int = 0
    value: float = 0.0
    field: str = ""
    seen_ms: int = 0
    seen_by: str = ""


class Alarm(NamedTuple):
    """An alarm that stands. since_ms: when its condition began. numbers: JSON-ready."""

    alarm: str
    severity: str
    since_ms: int
    numbers: dict[str, Any]


class Turned(NamedTuple):
    """An alarm that was raised or cleared, ready to be an event. numbers: JSON-ready."""

    kind: str
    alarm: str
    severity: str
    numbers: dict[str, Any]
    at_ms: int


def above(value: float, limit: float, beyond: bool) -> bool:
    """Whether a value is beyond its highest; `beyond`: whether it was."""
    return value > (limit * (1 - HYSTERESIS) if beyond else limit)


def below(value: float, limit: float, beyond: bool) -> bool:
    """Whether a value is beyond its lowest; `beyond`: whether it was."""
    return value < (limit * (1 + HYSTERESIS) if beyond else limit)


def judge(alarm: AlarmState, beyond: bool, at_ms: int) -> None:
    """What the value says at an instant."""
    if beyond != alarm.beyond:
        alarm.beyond, alarm.turned_ms = beyond, at_ms
    alarm.turned_ms = min(alarm.turned_ms, at_ms)  # the clock may have been stepped back


def tell(alarm: AlarmState, active: bool) -> None:
    """It is raised or cleared, and nobody has acknowledged that yet."""
    alarm.active, alarm.seen_ms, alarm.seen_by = active, 0, ""


def seen(alarm: AlarmState) -> dict[str, Any]:
    """Who has acknowledged it and when, JSON-ready; null while nobody has."""
    if not alarm.seen_ms:
        return {"acknowledged": None, "acknowledged_by": None}
    return {"acknowledged": iso(alarm.seen_ms), "acknowledged_by": alarm.seen_by}


def turns_ms(alarm: AlarmState, hold_ms: int = HOLD_MS) -> int | None:
    """After which instant the alarm turns if the value says nothing else; None: never."""
    return None if alarm.beyond == alarm.active else alarm.turned_ms + hold_ms


def turn(alarm: AlarmState, now_ms: int, hold_ms: int = HOLD_MS) -> int | None:
    """Turn the alarm if its change has lasted beyond its time; when that was, or None."""
    at_ms = turns_ms(alarm, hold_ms)
    if at_ms is None or now_ms <= at_ms:
        return None
    tell(alarm, alarm.beyond)
    if alarm.active:
        alarm.since_ms = alarm.turned_ms
    return at_ms
