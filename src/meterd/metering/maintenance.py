"""When a meter's calibration runs out (seed 000, "Maintenance"): arithmetic of dates."""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, date


def next_calibration(
    stated: date | None, last: date | None, interval_months: int | None
) -> date | None:
    """The day the next calibration is due: the one stated, else the last and the interval."""
    if stated is not None or last is None or interval_months is None:
        return stated
    return months_after(last, interval_months)


def months_after(day: date, months: int) -> date:
    """The same day of another month, clamped to that month's last; the end of time at most."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > MAXYEAR:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
