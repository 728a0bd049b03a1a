"""Labels of an axis of time."""

from __future__ import annotations

from meterd.metering.calendar import Calendar
from meterd.web.pages.axes import LABELS_MAX, clock_marks, day_marks, month_marks

BERLIN = Calendar("Europe/Berlin")


def test_hours_of_a_day_that_loses_one_stand_at_their_own_time() -> None:
    start, end = BERLIN.day(BERLIN.parse("2026-03-29T12:00"))
    marks = clock_marks(start, end, BERLIN)
    assert [mark.label for mark in marks][:3] == ["00:00", "03:00", "06:00"]
    assert marks[1].at == start + 2 * 3_600_000


def test_days_are_as_many_as_fit() -> None:
    start, end = BERLIN.month(BERLIN.parse("2026-01-15"))
    marks = day_marks(start, end, BERLIN)
    assert [mark.label for mark in marks][:2] == ["1 Jan", "6 Jan"]
    assert len(marks) <= LABELS_MAX
    late = day_marks(start + 1, start + 3 * 86_400_000, BERLIN)
    assert [mark.label for mark in late] == ["2 Jan", "3 Jan"]


def test_months_of_a_year() -> None:
    start, end = BERLIN.year(BERLIN.parse("2026-06-15"))
    assert [mark.label for mark in month_marks(start, end, BERLIN)] == [
        "Jan 2026", "Mar", "May", "Jul", "Sep", "Nov",
    ]  # fmt: skip
