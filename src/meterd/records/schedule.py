"""When a scheduled cutover falls due: five cron fields in the site's time.

    0 6,14,22 * * *     minute, hour, day of month, month, day of week (0 and 7: Sunday)

Lists, ranges, steps and English names of three letters. Days as in Vixie's cron: where one
of the two day fields starts with a star both must match, otherwise one is enough.
A local time that does not exist falls at the first instant after the gap, one that occurs
twice at the first (contract, section 4), also where the hour is a star: no instant is
named twice, and asking from any instant gives one that is later.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final

import msgspec

from meterd.metering.calendar import Calendar

_DAY: Final = timedelta(days=1)
_HORIZON_DAYS: Final = 41 * 366
"""29 February on a given weekday can be 40 years away (over 2100)."""


class _Field(msgspec.Struct, frozen=True):
    name: str
    first: int
    last: int
    names: tuple[str, ...] = ()


_MONTHS: Final = (
    "", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"
)  # fmt: skip
_WEEKDAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS: Final = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 0, 7, _WEEKDAYS),
)


class Cron(msgspec.Struct, frozen=True):
    """A parsed expression. both: a day must match day of month and day of week."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    both: bool

    def holds(self, day: date) -> bool:
        """Whether anything is scheduled on this local day."""
        if day.month not in self.months:
            return False
        by_date, by_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_date and by_week if self.both else by_date or by_week


def parse(text: str) -> Cron:
    """Read an expression. Raises ValueError that names the field and what is wrong."""
    parts = text.upper().split()
    if len(parts) != len(_FIELDS):
        raise ValueError(
            f"{text!r} has {len(parts)} fields; five are needed: minute, hour, "
            "day of month, month, day of week"
        )
    sets = [_values(field, part) for field, part in zip(_FIELDS, parts, strict=True)]
    cron = Cron(
        minutes=tuple(sorted(sets[0])),
        hours=tuple(sorted(sets[1])),
        days=frozenset(sets[2]),
        months=frozenset(sets[3]),
        weekdays=frozenset(number % 7 for number in sets[4]),
        both=parts[2].startswith("*") or parts[4].startswith("*"),
    )
    if next(_days(cron, date(2000, 1, 1)), None) is None:
        raise ValueError(f"{text!r} never falls due: no such day exists")
    return cron


def _values(field: _Field, part: str) -> set[int]:
    values: set[int] = set()
    for term in part.split(","):
        span, slash, step = term.partition("/")
        first, last = _span(field, span, stepped=bool(slash))
        if slash and not (step.isdecimal() and int(step)):
            raise ValueError(f"{field.name} {term!r}: a step is a whole number above 0")
        values.update(range(first, last + 1, int(step or 1)))
    return values


def _span(field: _Field, span: str, *, stepped: bool) -> tuple[int, int]:
    """First and last value of a term; a single value with a step runs to the end."""
    if span == "*":
        return field.first, field.last
    low, dash, high = span.partition("-")
    first = _number(field, low)
    if not dash:
        return first, field.last if stepped else first
    last = _number(field, high)
    if last < first:
        raise ValueError(f"{field.name} {span!r} runs backwards; write it as two, with a comma")
    return first, last


def _number(field: _Field, text: str) -> int:
    if text and text in field.names:
        return field.names.index(text)
    if text.isdecimal() and field.first <= int(text) <= field.last:
        return int(text)
    names = f", or a name like {field.names[-1].lower()}" if field.names else ""
    raise ValueError(f"{field.name} {text!r}: expected {field.first} to {field.last}{names}")


def _days(cron: Cron, day: date) -> Iterator[date]:
    for _ in range(_HORIZON_DAYS):
        if cron.holds(day):
            yield day
        day += _DAY


class Schedule:
    """The instants of one expression at one site."""

    def __init__(self, text: str, calendar: Calendar) -> None:
        """text: five cron fields. Raises ValueError as `parse` does."""
        self._cron = parse(text)
        self._calendar = calendar
        self._span = (0, 0)  # the last answer, and the first instant it answers

    def after(self, at_ms: int) -> int:
        """The first instant of the schedule later than `at_ms`, epoch ms."""
        since_ms, due_ms = self._span
        if not since_ms <= at_ms < due_ms:
            due_ms = next(due for due in self._from(at_ms) if due > at_ms)
            self._span = (at_ms, due_ms)
        return due_ms

    def _from(self, at_ms: int) -> Iterator[int]:
        """Instants of the schedule from the local hour of `at_ms` on, none before it left out."""
        wall = self._calendar.local(at_ms)
        for day in _days(self._cron, wall.date()):
            today = day == wall.date()
            for hour in self._cron.hours:
                if today and hour < wall.hour:
                    continue
                for minute in self._cron.minutes:
                    moment = datetime.combine(day, time(hour, minute))
                    yield self._calendar.instant(moment)
