"""Seed 000's thresholds: what a meter is watched for, told by the rules of `alarm.py`.

A value that was not read says nothing: what was told stays, and what was about to be told
still will be, until the meter is silent. A meter that is planned or decommissioned is not
watched; of one that is offline or at fault silence is expected. Alarms of a threshold that was
taken away are cleared.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import msgspec

from meterd.metering.alarm import (
    CLEARED,
    RAISED,
    WARNING,
    Alarm,
    AlarmState,
    Turned,
    judge,
    seen,
    tell,
    turn,
    turns_ms,
)
from meterd.metering.calendar import DAY_MS, Calendar, iso
from meterd.metering.still import Still
from meterd.metering.threshold_rules import Readings, in_force
from meterd.specs import ThresholdSpec
from meterd.units import JOULES_PER_KWH

UNWATCHED: Final = frozenset({"planned", "decommissioned"})
MAY_BE_SILENT: Final = UNWATCHED | {"offline", "fault"}
NEVER_DUE: Final = date(9000, 1, 1)
"""A calibration date from here on means none."""

STALE: Final = f"stale/{WARNING}"
CALIBRATION: Final = f"calibration_due/{WARNING}"
STUCK: Final = f"counter_stuck/{WARNING}"


class ThresholdsState(msgspec.Struct, gc=False):
    """What a meter's alarms resume from, by "alarm/severity". heard_ms: its last reading.

    at_ms: the latest time told.
    """

    at_ms: int = 0
    heard_ms: int = 0
    alarms: dict[str, AlarmState] = {}


class Thresholds:
    """The alarms of one meter. Time comes only with the calls, and in order.

    judges: whether values are watched, and not only the time. since_ms: since when anybody
    has; a calibration that fell due before is told as of then.
    """

    def __init__(
        self, spec: ThresholdSpec, calendar: Calendar, state: ThresholdsState, resumed_ms: int = 0
    ) -> None:
        """resumed_ms: when a live daemon took the state up; nobody was listening before."""
        self.spec = spec
        self.state = state
        self.since_ms = 0
        self._calendar = calendar
        self._rules = {} if spec.status in UNWATCHED else in_force(spec)
        stuck = () if spec.still_j is None or spec.status in UNWATCHED else (STUCK,)
        known = (*self._rules, STALE, CALIBRATION, *stuck)
        state.alarms = {
            **{name: old for name, old in state.alarms.items() if name in known or old.active},
            **{name: state.alarms.get(name, AlarmState()) for name in known},
        }
        self._gone = [name for name in state.alarms if name not in known]
        self._calibration_ms = self._due_day()
        self.judges = bool(self._rules)
        if resumed_ms:
            self._forget()
            if not state.alarms[STALE].active:  # else it is over when the meter is read again
                state.heard_ms = max(state.heard_ms, resumed_ms)

    def _due_day(self) -> int | None:
        due = self.spec.calibration_due
        if due is None or due >= NEVER_DUE or self.spec.status in UNWATCHED:
            return None
        return self._calendar.day_start(due)

    def _forget(self) -> None:
        """What was about to be told is not: nobody has seen whether it lasted."""
        for name in self._rules:
            alarm = self.state.alarms[name]
            alarm.beyond = alarm.active

    # -- what happens -------------------------------------------------------------------

    def see(self, at_ms: int, readings: Readings) -> list[Turned]:
        """The meter's newest reading."""
        if self._is_calm(at_ms):
            self.state.heard_ms = at_ms
            return []
        turned = self.advance(at_ms)
        self.state.heard_ms = at_ms
        for name, (rule, limit) in self._rules.items():
            found = rule.find(self.spec, readings)
            if found is not None:
                alarm = self.state.alarms[name]
                alarm.value, alarm.field = round(found.value, 3), found.field
                beyond = found.judged and rule.beyond(found.value, limit, alarm.beyond)
                judge(alarm, beyond, at_ms)
        return turned + self.advance(at_ms)

    def _is_calm(self, at_ms: int) -> bool:
        """Whether a reading has nothing to judge or to turn, as of most meters it has not."""
        state, due_ms = self.state, self._calibration_ms
        due = due_ms is not None and at_ms > due_ms
        return not (
            self.judges
            or self._gone
            or state.alarms[STALE].active
            or (state.heard_ms and at_ms > state.heard_ms + self.spec.stale_after_ms)
            or state.alarms[CALIBRATION].active != due
        )

    def stand(self, still: Still, stands: bool, at_ms: int) -> list[Turned]:
        """Whether the meter's counter stands still while power flows."""
        alarm = self.state.alarms[STUCK]
        if alarm.active == stands:
            return []
        tell(alarm, stands)
        if stands:
            alarm.since_ms, alarm.value = still.since_ms, round(still.due_j / JOULES_PER_KWH, 3)
        return [self._tell(STUCK, at_ms)]

    def silent(self, at_ms: int) -> list[Turned]:
        """The meter does not answer: from here on its last values tell nothing."""
        turned = self.advance(at_ms)
        self.state.heard_ms = self.state.heard_ms or at_ms
        self._forget()
        return turned

    def advance(self, now_ms: int) -> list[Turned]:
        """What has lasted, become stale or fallen due by now, in order of time."""
        now_ms = max(now_ms, self.since_ms)
        self.state.at_ms = max(self.state.at_ms, now_ms)
        turned = []
        for name in self._rules:
            at_ms = turn(self.state.alarms[name], now_ms)
            if at_ms is not None:
                turned.append(self._tell(name, at_ms))
        for name, from_ms in self._instants().items():
            alarm, holds = self.state.alarms[name], from_ms is not None and now_ms > from_ms
            if holds != alarm.active:
                tell(alarm, holds)
                if from_ms is not None and holds:
                    alarm.since_ms = self.state.heard_ms if name == STALE else from_ms
                since_ms = max(from_ms or 0, self.since_ms) if holds else now_ms
                turned.append(self._tell(name, since_ms))
        for name in self._gone:
            self.state.alarms[name].active = False
            turned.append(self._tell(name, now_ms))
            del self.state.alarms[name]
        self._gone = []
        return sorted(turned, key=lambda one: one.at_ms)

    def due_ms(self) -> int | None:
        """When `advance` next has something to do, if nothing is read until then."""
        state = self.state
        ends = [turns_ms(state.alarms[name]) for name in self._rules]
        for name, from_ms in self._instants().items():
            if not state.alarms[name].active:
                ends.append(from_ms)
            elif from_ms is None or from_ms > state.at_ms:
                ends.append(state.at_ms)
        if self._gone:
            ends.append(state.at_ms)
        return min((end_ms + 1 for end_ms in ends if end_ms is not None), default=None)

    def _instants(self) -> dict[str, int | None]:
        """After which instants the alarms of time hold; None: not as things stand."""
        heard_ms = self.state.heard_ms
        stale = heard_ms and self.spec.status not in MAY_BE_SILENT
        stale_ms = heard_ms + self.spec.stale_after_ms if stale else None
        return {STALE: stale_ms, CALIBRATION: self._calibration_ms}

    # -- what is told -------------------------------------------------------------------

    def watched(self) -> list[str]:
        """All that is watched for, and what still stands: "alarm/severity"."""
        silence = self.spec.status not in MAY_BE_SILENT
        of_time = {STALE: silence, CALIBRATION: self._calibration_ms is not None}
        alarms = self.state.alarms.items()
        return [name for name, alarm in alarms if alarm.active or of_time.get(name, True)]

    def active(self) -> list[Alarm]:
        """The alarms that stand, with the last value of each."""
        return [
            Alarm(
                *_split(name), alarm.since_ms, self._numbers(name, self.state.at_ms) | seen(alarm)
            )
            for name, alarm in self.state.alarms.items()
            if alarm.active
        ]

    def _tell(self, name: str, at_ms: int) -> Turned:
        kind = RAISED if self.state.alarms[name].active else CLEARED
        return Turned(kind, *_split(name), self._numbers(name, at_ms), at_ms)

    def _numbers(self, name: str, at_ms: int) -> dict[str, Any]:
        """value, limit and since when, of an alarm as it stands at an instant."""
        alarm = self.state.alarms[name]
        since = iso(alarm.since_ms)
        if name == STALE:
            silent_s, limit_s = (at_ms - alarm.since_ms) // 1000, self.spec.stale_after_ms // 1000
            return {"value": silent_s, "limit": limit_s, "unit": "s", "since": since}
        if name == CALIBRATION:
            due, over = self.spec.calibration_due, (at_ms - alarm.since_ms) // DAY_MS
            return {"value": over, "limit": due and due.isoformat(), "unit": "d", "since": since}
        if name == STUCK and self.spec.still_j is not None:
            limit = round(self.spec.still_j / JOULES_PER_KWH, 3)
            return {"value": alarm.value, "limit": limit, "unit": "kWh", "since": since}
        if name not in self._rules:
            return {"value": alarm.value, "limit": None, "field": alarm.field, "since": since}
        rule, limit = self._rules[name]
        return {
            "value": alarm.value, "limit": limit, "unit": rule.unit, "field": alarm.field,
            "since": since,
        }  # fmt: skip


def _split(name: str) -> tuple[str, str]:
    alarm, _slash, severity = name.partition("/")
    return alarm, severity
