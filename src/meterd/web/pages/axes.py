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
STEPS: Final = (1, 2, 5, 7, 14, 31)


def hour_marks(start: int, end: int, calendar: Calendar) -> list[Mark]:
    """Every third hour."""
    hours = -(-(end - start) // 3_600_000)
    step = next((n for n in (1, 3, 6, 12) if hours / n <= LABELS_MAX), 24)
    first = calendar.local(start).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    marks = []
    for hour in range(hours + 2):
        wall = first + timedelta(hours=hour)
        at = calendar.instant(wall)
        if wall.hour % step == 0 and start <= at <= end:
            marks.append(Mark(at, f"{wall:%H:%M}"))
    return marks


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
