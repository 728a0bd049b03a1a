"""What span of time a page shows: a day, week, month or year, or any other from and to.

`?range=month&at=2026-01-31` is the month that holds a day; `?from=...&to=...` any span, by
the site's clocks or with an offset, widened to whole buckets.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

import msgspec

from meterd.metering.calendar import DAY_MS, Calendar, iso
from meterd.shapes.series.buckets import by_clock, by_day
from meterd.web.charts import Mark
from meterd.web.pages.axes import clock_marks, day_marks, month_marks
from meterd.web.pages.sheet import Seen, choice
from meterd.web.problems import Problem
from meterd.web.tongues import day, month

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000
QUARTER_MS: Final = 900_000
GRAIN_MS: Final = 300_000
RANGES: Final = {"month": "Month", "day": "Day", "week": "Week", "year": "Year"}
NARROWER: Final = {"year": "month", "month": "day", "week": "day"}
FREE: Final = "free"
"""The name of a span that is none of those."""
PARAMETERS: Final = ("range", "at", "from", "to")
BUCKETS: Final = (
    (8 * HOUR_MS, GRAIN_MS), (30 * HOUR_MS, QUARTER_MS), (4 * DAY_MS, HOUR_MS),
    (9 * DAY_MS, 2 * HOUR_MS), (16 * DAY_MS, 6 * HOUR_MS),
)  # fmt: skip
"""Up to so long a span has buckets of so long, about a hundred; a longer one has days."""
LONGEST_MS: Final = 1_827 * DAY_MS
"""Five years of days are as many bars as there are pixels."""
MONTHS_MS: Final = 100 * DAY_MS
"""From here on an axis has months."""


class Span(msgspec.Struct, frozen=True):
    """What is looked at: [start, end), cut at the edges. at: a day in it."""

    name: str
    at: date
    edges: Sequence[int]

    @property
    def start_ms(self) -> int:
        """Where it begins."""
        return self.edges[0]

    @property
    def end_ms(self) -> int:
        """Where it ends."""
        return self.edges[-1]

    @property
    def grain_ms(self) -> int:
        """What the store may put together: no more than what fits any edge."""
        whole_hours = all(edge % HOUR_MS == 0 for edge in self.edges)
        longest = self.name in {"month", "year"} or self.end_ms - self.start_ms > BUCKETS[-1][0]
        return HOUR_MS if longest and whole_hours else GRAIN_MS


def asked_span(seen: Seen) -> Span:
    """What is asked for, else this month. Raises Problem 400."""
    asked, calendar = seen.asked, seen.calendar
    if asked.get("from") or asked.get("to"):
        return _free(seen)
    name = choice(asked, "range", tuple(RANGES))
    text = asked.get("at")
    try:
        at = date.fromisoformat(text) if text else calendar.date_of(seen.now_ms)
        day_ms = calendar.day_start(at)
        return Span(name, at, edges(name, day_ms, calendar, seen.site.sampling_ms))
    except (ValueError, OverflowError):
        raise Problem(400, f"'at' is no day: {text!r}; write 2026-01-31.") from None


def _free(seen: Seen) -> Span:
    """From one instant to another; without one of them, a day."""
    start_ms, end_ms = (_instant(seen, name) for name in ("from", "to"))
    start_ms = end_ms - DAY_MS if start_ms is None and end_ms is not None else start_ms
    assert start_ms is not None, "one of the two is asked for"
    end_ms = start_ms + DAY_MS if end_ms is None else end_ms
    if end_ms <= start_ms:
        raise Problem(400, "'to' is not later than 'from'; exchange them.")
    if end_ms - start_ms > LONGEST_MS:
        raise Problem(400, "From 'from' to 'to' is more than five years; ask for less.")
    calendar = seen.calendar
    return Span(FREE, calendar.date_of(start_ms), free_edges(start_ms, end_ms, seen))


def _instant(seen: Seen, name: str) -> int | None:
    text = seen.asked.get(name)
    if not text:
        return None
    try:
        at_ms = seen.calendar.parse(text)
        seen.calendar.local(at_ms + DAY_MS)
    except (ValueError, OverflowError):
        raise Problem(400, f"{name!r} is no time: {text!r}; write 2026-01-31T12:00.") from None
    return at_ms


def free_edges(start_ms: int, end_ms: int, seen: Seen) -> list[int]:
    """Buckets of a fitting length, whole ones."""
    calendar, least = seen.calendar, seen.site.sampling_ms
    length = next((long for upto, long in BUCKETS if end_ms - start_ms <= upto), DAY_MS)
    if length == DAY_MS:
        return by_day(calendar.day(start_ms)[0], calendar.day(end_ms - 1)[1], calendar)
    length = max(length, least)
    first = calendar.interval(start_ms, length)[0]
    return by_clock(first, calendar.interval(end_ms - 1, length)[1], length, calendar)


def edges(name: str, at_ms: int, calendar: Calendar, sampling_ms: int) -> list[int]:
    """Bars of a range: a quarter of an hour, two hours, a day; a year has days as well."""
    if name == "day":
        start, end = calendar.day(at_ms)
        return by_clock(start, end, max(QUARTER_MS, sampling_ms), calendar)
    if name == "week":
        monday = calendar.date_of(at_ms) - timedelta(days=calendar.local(at_ms).weekday())
        start, end = calendar.day_start(monday), calendar.day_start(monday + timedelta(days=7))
        return by_clock(start, end, 2 * HOUR_MS, calendar)
    return by_day(*(calendar.year(at_ms) if name == "year" else calendar.month(at_ms)), calendar)


def marks(span: Span, calendar: Calendar) -> list[Mark]:
    """Labels of its axis."""
    long_ms = span.end_ms - span.start_ms
    if long_ms > MONTHS_MS:
        return month_marks(span.start_ms, span.end_ms, calendar)
    days = span.name in {"week", "month"} or long_ms > 2 * DAY_MS
    return (day_marks if days else clock_marks)(span.start_ms, span.end_ms, calendar)


def heading(span: Span, calendar: Calendar) -> str:
    """What it is called."""
    first, last = calendar.local(span.start_ms), calendar.local(span.end_ms - 1)
    words = {"day": f"{day(first)} {first.year}", "month": month(first), "year": f"{first.year}"}
    if span.name in words:
        return words[span.name]
    end = calendar.local(span.end_ms)
    if span.name == FREE and end - first < timedelta(days=16):
        until = f"{end:%H:%M}" if first.date() == last.date() else f"{day(end)} {end:%H:%M}"
        return f"{day(first)} {first.year} {first:%H:%M} – {until}"
    year = f" {first.year}" if first.year != last.year and span.name == FREE else ""
    return f"{day(first)}{year} – {day(last)} {last.year}"


def moved(span: Span, calendar: Calendar, series: str) -> tuple[str, str, str]:
    """Addresses of the span before, the one after, and one twice as long around it."""
    long_ms = span.end_ms - span.start_ms
    if span.name == FREE:
        before = free_href(span.start_ms - long_ms, span.start_ms, calendar, series)
        after = free_href(span.end_ms, span.end_ms + long_ms, calendar, series)
    else:
        earlier = calendar.date_of(span.start_ms - DAY_MS // 2)
        before = href(span.name, earlier, series)
        after = href(span.name, calendar.date_of(span.end_ms), series)
    half = min(long_ms, LONGEST_MS - long_ms) // 2
    wider = free_href(span.start_ms - half, span.end_ms + half, calendar, series)
    return before, after, wider


def href(name: str, at: date, series: str = "") -> str:
    """The address of a range."""
    asked = {"range": name, "at": at.isoformat(), "series": series}
    return "?" + urlencode({name: value for name, value in asked.items() if value})


def free_href(start_ms: int, end_ms: int, calendar: Calendar, series: str = "") -> str:
    """The address of any other span; by the site's clocks where they show it once."""
    asked = {"from": wall(start_ms, calendar), "to": wall(end_ms, calendar), "series": series}
    return "?" + urlencode({name: value for name, value in asked.items() if value})


def wall(at_ms: int, calendar: Calendar) -> str:
    """2026-01-31T12:00 as a form has it; with its offset where the clocks show it twice."""
    local = calendar.local(at_ms)
    text = datetime.strftime(local, "%Y-%m-%dT%H:%M")
    return text if calendar.parse(text) == at_ms // MINUTE_MS * MINUTE_MS else iso(at_ms)
