"""When a rate holds: `when:` of the file, and the hours of a URDB record, as one schedule.

Months are inclusive and may wrap (10-5), hours half-open and may wrap (22-6), days run from
Monday to Sunday and may wrap; a holiday is a day of its own, and a Sunday too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final, NamedTuple

from meterd.config.tariffs import WhenConfig
from meterd.tariff import HOLIDAY, NOTHING, Schedule

MONTHS: Final = range(1, 13)
WEEK: Final = range(8)
HOURS: Final = range(24)
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday")
_SUNDAY: Final = 6

Day = tuple[int, ...]
"""The zone of each hour."""


class WhenError(ValueError):
    """A number that no month or hour has. Its message says which."""


def schedule(whens: Sequence[WhenConfig | None]) -> Schedule:
    """Zone n is where the n-th rate holds and none before it does: first match wins.

    Raises WhenError.
    """
    held = [_held(when) for when in whens]

    @cache  # most days of a year are alike
    def hours(here: tuple[int, ...]) -> Day:
        return tuple(next((n for n in here if hour in held[n].hours), NOTHING) for hour in HOURS)

    def day_of(month: int, day: int) -> Day:
        return hours(tuple(n for n, one in enumerate(held) if one.may_hold(month, day)))

    return _table(day_of)


def tabled(zone: Callable[[int, int, int], int]) -> Schedule:
    """The table of a function of month (1..12), weekday or HOLIDAY, and hour."""
    return _table(lambda month, day: tuple(zone(month, day, hour) for hour in HOURS))


def _table(day_of: Callable[[int, int], Day]) -> Schedule:
    days: dict[Day, int] = {}
    months = []
    for month in MONTHS:
        week = [day_of(month, day) for day in WEEK]
        months.append(tuple(days.setdefault(day, len(days)) for day in week))
    return Schedule(tuple(days), tuple(months))


def holes(table: Schedule) -> bool:
    """Whether there are hours without a rate."""
    used = {day for week in table.months for day in week}
    return any(NOTHING in table.days[day] for day in used)


class _Held(NamedTuple):
    """When one rate holds."""

    months: frozenset[int]
    days: frozenset[int]
    hours: frozenset[int]

    def may_hold(self, month: int, day: int) -> bool:
        return month in self.months and day in self.days


def _held(when: WhenConfig | None) -> _Held:
    if when is None:
        return _Held(frozenset(MONTHS), frozenset(WEEK), frozenset(HOURS))
    months = _numbers(when.months, MONTHS, "month", inclusive=True)
    hours = _numbers(when.hours, HOURS, "hour", inclusive=False)
    return _Held(months, _days(when.days), hours)


def _days(text: str | None) -> frozenset[int]:
    if text is None:
        return frozenset(WEEK)
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        while start != end:
            found.add(start)
            start = (start + 1) % len(_DAYS)
        found.add(end)
    return frozenset(found | ({HOLIDAY} if _SUNDAY in found else set()))


def _numbers(
    text: str | int | None, circle: range, what: str, *, inclusive: bool
) -> frozenset[int]:
    """The numbers of "6-9" or "10-14,20-22" on a circle of months or hours."""
    if text is None:
        return frozenset(circle)
    found: set[int] = set()
    for part in str(text).split(","):
        first, dash, last = part.strip().partition("-")
        start, end = int(first), int(last or first)
        most = circle[-1] + (1 if dash and not inclusive else 0)
        if start not in circle or not circle[0] <= end <= most:
            raise WhenError(f"{part.strip()} is no {what} or span of {what}s")
        length = (end - start) % len(circle)
        if inclusive or not dash:
            length += 1
        elif not length:
            length = len(circle)
        found.update(circle[(start - circle[0] + n) % len(circle)] for n in range(length))
    return frozenset(found)
