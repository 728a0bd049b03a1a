"""Which period of a bill is meant: by the month or the day in which it began, or the newest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from meterd.metering.calendar import Calendar, parse_iso

NAMED_MAX: Final = 12
"""So many of the newest periods are named where the one asked for is not there."""


class NoSuchPeriodError(ValueError):
    """The bill has no such period; the text says which it has."""


def began(period: dict[str, Any], calendar: Calendar) -> str:
    """The local day on which a period began, 2026-01-31."""
    return calendar.date_of(parse_iso(period["start"])).isoformat()


def index_of(periods: Sequence[dict[str, Any]], asked: str | None, calendar: Calendar) -> int:
    """The place of the period that is meant, oldest first. Raises NoSuchPeriodError.

    asked: "2026-01" for the period that began in that month, in local time, "2026-01-15" for
    the one that began on that day, None for the newest.
    """
    days = [began(period, calendar) for period in periods]
    if asked is None and days:
        return len(days) - 1
    found = [index for index, day in enumerate(days) if asked in (day, day[:7])]
    if len(found) == 1:
        return found[0]
    if found:
        several = " or ".join(days[index] for index in found)
        raise NoSuchPeriodError(f"several periods began in {asked}; write {several}")
    if not days:
        raise NoSuchPeriodError("there is no period yet; the first begins with the first sample")
    known = ", ".join(days[-NAMED_MAX:])
    raise NoSuchPeriodError(f"no period began in {asked!r}; they began on {known}")
