"""Where labels stand on an axis of time, by the site's clocks."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from meterd.metering.calendar import Calendar
from meterd.web.charts.svg import Mark
from meterd.web.tongues import day as written_day
from meterd.web.tongues import short_month

LABELS_MAX: Final = 9
"""More would run into each other on a telephone."""
MINUTES: Final = (1, 5, 15, 30, 60, 180, 360, 720, 1440)
STEPS: Final = (1, 2, 5, 7, 14, 31)


def clock_marks(start: int, end: int, calendar: Calendar) -> list[Mark]:
    """Times of the day, as many as fit: 13:30."""
    minutes = -(-(end - start) // 60_000)
    step = next((n for n in MINUTES if minutes / n <= LABELS_MAX), MINUTES[-1])
    wall = calendar.local(start).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    marks: dict[int, Mark] = {}
    while (at := calendar.instant(wall)) <= end:
        if at >= start:
            marks.setdefault(at, Mark(at, f"{calendar.local(at):%H:%M}"))
        wall += timedelta(minutes=step)
    return list(marks.values())


def day_marks(start: int, end: int, calendar: Calendar) -> list[Mark]:
    """Days, as many as fit: 5 Nov."""
    first, last = calendar.date_of(start), calendar.date_of(end - 1)
    days = (last - first).days + 1
    step = next((n for n in STEPS if days / n <= LABELS_MAX), STEPS[-1])
    marks = []
    for n in range(0, days, step):
        day = first + timedelta(days=n)
        if calendar.day_start(day) >= start:
            marks.append(Mark(calendar.day_start(day), written_day(day)))
    return marks


def month_marks(start: int, end: int, calendar: Calendar) -> list[Mark]:
    """The months of a year, every other one."""
    marks = []
    at = calendar.month(start)[0]
    while at < end:
        local = calendar.local(at)
        if at >= start and local.month % 2:
            marks.append(
                Mark(
                    at,
                    f"{short_month(local)} {local.year}"
                    if local.month == 1
                    else short_month(local),
                )
            )
        at = calendar.month(at)[1]
    return marks
