"""The power chain: which meters are below which, what a parent and its children differ by.

A meter's children are the nearest meters below it that measure energy. No energy is added
twice. Two rules see to that where feeds meet:

- A parent on one feed (a, b or c) is compared with its children on that feed, and with those
  that name none. With a *combined* child, which measures other feeds too, it is not compared.
- Where a *combined* meter stands beside meters of single feeds, of the same parent, metering
  point and place, it stands for them, and they are not added.

Compared are whole, aligned intervals alone: energy whose shape is not known, or a lower
bound, says nothing about five minutes. Both sides are imported active energy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import msgspec

from meterd.events import Interval
from meterd.metering.alarm import (
    CLEARED,
    RAISED,
    WARNING,
    Alarm,
    AlarmState,
    Turned,
    above,
    judge,
    seen,
    turn,
)
from meterd.metering.calendar import iso
from meterd.specs import ChainMeter
from meterd.units import kwh

COMBINED: Final = "combined"
SINGLE_FEEDS: Final = frozenset({"a", "b", "c"})
CLASS_PERCENT: Final = {"0.2S": 0.2, "0.5S": 0.5, "1.0": 1.0, "2.0": 2.0, "unknown": 2.0}
"""Error limits of IEC 62053 at balanced load; of an unknown class the widest."""
FLOOR_J: Final = 36_000
"""Ten watt-hours: readings of different meters are not of the same moment."""
HOLD_MS: Final = 900_000
"""Three intervals of five minutes, so that one load switched between two polls is no alarm."""
PENDING_MAX: Final = 288
"""Intervals that wait for a late meter: a day of five minutes. Beyond, the oldest go."""
ALARM: Final = "unaccounted_energy"


# -- who is below whom ------------------------------------------------------------------


def children_of(chain: Sequence[ChainMeter]) -> dict[str, tuple[ChainMeter, ...]]:
    """Parent -> the meters its energy is compared with, for every parent that can be."""
    meters = {meter.name: meter for meter in chain}
    below: dict[str, list[ChainMeter]] = {}
    for meter in chain:
        above_it = next((m for m in ancestors(meter, meters) if m.measures), None)
        if meter.measures and above_it is not None:
            below.setdefault(above_it.name, []).append(meter)
    found = {name: _of_feed(meters[name], children) for name, children in below.items()}
    return {name: children for name, children in found.items() if children}


def ancestors(meter: ChainMeter, meters: dict[str, ChainMeter]) -> Iterable[ChainMeter]:
    """The meters above one, nearest first. A loop, which is a configuration error, ends."""
    seen = {meter.name}
    while meter.parent in meters and meter.parent not in seen:
        meter = meters[meter.parent]
        seen.add(meter.name)
        yield meter


def _of_feed(parent: ChainMeter, children: Sequence[ChainMeter]) -> tuple[ChainMeter, ...]:
    """The children that are compared with their parent, none if it cannot be."""
    if parent.feed not in SINGLE_FEEDS:
        return once(children)
    if any(child.feed == COMBINED for child in children):
        return ()
    return tuple(child for child in children if child.feed in {"", parent.feed})


def once(meters: Sequence[ChainMeter]) -> tuple[ChainMeter, ...]:
    """The meters without the single feeds that a combined meter stands for."""
    whole = {(meter.point, meter.place) for meter in meters if meter.feed == COMBINED}
    return tuple(
        meter
        for meter in meters
        if meter.feed not in SINGLE_FEEDS or (meter.point, meter.place) not in whole
    )


def topmost(
    chain: Sequence[ChainMeter], points: Collection[str], meters: dict[str, ChainMeter]
) -> tuple[ChainMeter, ...]:
    """The meters at these points that measure, without those below another of them."""
    side = [meter for meter in chain if meter.measures and meter.point in points]
    names = {meter.name for meter in side}
    tops = [m for m in side if not any(up.name in names for up in ancestors(m, meters))]
    return once(tops)


# -- a parent and its children -----------------------------------------------------------


class Cell(msgspec.Struct, array_like=True, gc=False):
    """One interval of a parent and its children. left: meters it still waits for.

    usable: whether every part is known, and known to belong here.
    """

    end_ms: int
    left: int
    parent_j: int = 0
    children_j: int = 0
    usable: bool = True


class BalanceState(msgspec.Struct, gc=False):
    """What a comparison resumes from. meters: the parent, then the children.

    parent_j, children_j: energy of all intervals compared. last: the newest of them, with
    its own two. done_ms: start of the latest interval that all have passed. skipped: intervals
    that were not compared. pending: by start.
    """

    meters: tuple[str, ...] = ()
    done_ms: int = 0
    parent_j: int = 0
    children_j: int = 0
    compared: int = 0
    skipped: int = 0
    last: tuple[int, int, int, int] | None = None
    pending: dict[int, Cell] = {}
    alarm: AlarmState = msgspec.field(default_factory=AlarmState)


class Balance:
    """A parent against the sum of its children. Each meter's intervals come in time order."""

    def __init__(
        self, parent: ChainMeter, children: Sequence[ChainMeter], state: BalanceState
    ) -> None:
        self.state = state
        self.meters = (parent.name, *(child.name for child in children))
        if state.meters != self.meters:
            state.meters, state.pending = self.meters, {}
        self._parent = parent.name
        self.tolerance_percent = tolerance_percent(parent, children)
        self._floor_j = FLOOR_J + sum(meter.count_j for meter in (parent, *children))

    def take(self, interval: Interval) -> list[Turned]:
        """A closed interval of one of the meters; the alarm if it turns."""
        state, start_ms = self.state, interval.start_ms
        if start_ms <= state.done_ms:
            return []
        cell = state.pending.get(start_ms)
        if cell is None:
            cell = state.pending[start_ms] = Cell(interval.end_ms, len(self.meters))
        if interval.meter == self._parent:
            cell.parent_j += interval.amount
        else:
            cell.children_j += interval.amount
        cell.usable = cell.usable and cell.end_ms == interval.end_ms and is_whole(interval)
        cell.left -= 1
        if not cell.left:
            return self._complete(start_ms, cell)
        if len(state.pending) > PENDING_MAX:
            state.done_ms = min(state.pending)
            del state.pending[state.done_ms]
            state.skipped += 1
        return []

    def _complete(self, start_ms: int, cell: Cell) -> list[Turned]:
        """All meters have passed here, so what is older will not be filled any more."""
        state = self.state
        passed = [start for start in state.pending if start <= start_ms]
        for start in passed:
            del state.pending[start]
        state.done_ms = start_ms
        state.skipped += len(passed) - cell.usable
        return self._compare(start_ms, cell) if cell.usable else []

    def _compare(self, start_ms: int, cell: Cell) -> list[Turned]:
        state, alarm = self.state, self.state.alarm
        state.parent_j += cell.parent_j
        state.children_j += cell.children_j
        state.compared += 1
        state.last = (start_ms, cell.end_ms, cell.parent_j, cell.children_j)
        differ_j = abs(cell.parent_j - cell.children_j)
        judge(alarm, above(differ_j, self._limit_j(cell.parent_j), alarm.beyond), start_ms)
        if turn(alarm, cell.end_ms + 1, HOLD_MS) is None:
            return []
        kind = RAISED if alarm.active else CLEARED
        return [Turned(kind, ALARM, WARNING, self._numbers(state.last), cell.end_ms)]

    def active(self) -> list[Alarm]:
        """The alarm, if it stands, with the numbers of the newest interval."""
        alarm, last = self.state.alarm, self.state.last
        if last is None or not alarm.active:
            return []
        return [Alarm(ALARM, WARNING, alarm.since_ms, self._numbers(last) | seen(alarm))]

    def _limit_j(self, parent_j: int) -> float:
        return max(parent_j * self.tolerance_percent / 100, self._floor_j)

    def _numbers(self, last: tuple[int, int, int, int]) -> dict[str, Any]:
        """value: what is unaccounted for, less than nothing where the children exceed."""
        _start_ms, _end_ms, parent_j, children_j = last
        return {
            "value": kwh(parent_j - children_j),
            "limit": kwh(round(self._limit_j(parent_j))),
            "unit": "kWh",
            "parent": kwh(parent_j),
            "children": kwh(children_j),
            "since": iso(self.state.alarm.since_ms),
        }


def tolerance_percent(parent: ChainMeter, children: Sequence[ChainMeter]) -> float:
    """What meters may differ by in percent of the parent: its class and their widest, unless
    the parent says otherwise.
    """
    if parent.tolerance_percent is not None:
        return parent.tolerance_percent
    widest = max(CLASS_PERCENT[child.accuracy_class] for child in children)
    return CLASS_PERCENT[parent.accuracy_class] + widest


def is_whole(interval: Interval) -> bool:
    """Whether its energy is known, and known to have been used in it."""
    return not (interval.missing_ms or interval.questionable or interval.gap_to_ms)
