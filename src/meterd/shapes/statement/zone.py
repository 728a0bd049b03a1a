"""A time zone's rules of one year as ESPI writes them: two rules of 32 bits, two offsets.

A rule, from the low bits: seconds of the hour (12), hour (5), day of the week from Monday = 1
(3), day of the month (5), operator (3), month (4). Operators 2 to 6 are the first to the
fifth such weekday of the month, 7 is its last. Hours are local, before the change.
Source: the ESPI schema 4.0, type DstRuleType.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from meterd.metering.calendar import DAY_MS, Calendar

NO_RULE: Final = "FFFFFFFF"
LAST: Final = 7


class Dst(msgspec.Struct, frozen=True):
    """zone_s: standard time from UTC. offset_s: what summer adds to it."""

    start_rule: str
    end_rule: str
    offset_s: int
    zone_s: int


def dst(calendar: Calendar, at_ms: int) -> Dst:
    """The rules of the local year that holds an instant; of a zone without summer, none."""
    start_ms, end_ms = calendar.year(at_ms)
    changes = [
        _change(calendar, day_ms)
        for day_ms in range(start_ms, end_ms, DAY_MS)
        if _offset_s(calendar, day_ms) != _offset_s(calendar, day_ms + DAY_MS)
    ]
    offsets = {_offset_s(calendar, at) for at in (start_ms, *changes)}
    zone_s = min(offsets)
    rules = {_offset_s(calendar, at): _rule(calendar.local(at - 1)) for at in changes}
    if len(changes) != 2 or len(offsets) != 2:
        return Dst(NO_RULE, NO_RULE, 0, _offset_s(calendar, at_ms))
    summer_s = max(offsets)
    return Dst(rules[summer_s], rules[zone_s], summer_s - zone_s, zone_s)


def _change(calendar: Calendar, day_ms: int) -> int:
    """The first instant within a day of `day_ms` at which the offset is another."""
    low, high = day_ms, day_ms + DAY_MS
    before_s = _offset_s(calendar, low)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset_s(calendar, middle) == before_s:
            low = middle
        else:
            high = middle
    return high


def _offset_s(calendar: Calendar, at_ms: int) -> int:
    offset = calendar.local(at_ms).utcoffset()
    assert offset is not None, "local times are aware"
    return round(offset.total_seconds())


def _rule(last: datetime) -> str:
    """The rule of a change. last: the last instant before it, as clocks showed it."""
    wall = last.replace(tzinfo=None) + timedelta(milliseconds=1)
    day = wall.date()
    second = wall.minute * 60 + wall.second
    bits = second | wall.hour << 12 | day.isoweekday() << 17 | _operator(day) << 25
    return f"{bits | day.month << 28:08X}"


def _operator(day: date) -> int:
    """Which weekday of its month: 2 is the first, 7 the last."""
    is_last = (day + timedelta(days=7)).month != day.month
    return LAST if is_last else (day.day - 1) // 7 + 2
