"""When a calibration runs out."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterd.metering.maintenance import months_after, next_calibration


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        ("2024-01-15", 12, "2025-01-15"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2024-11-30", 3, "2025-02-28"),
        ("2024-12-31", 6, "2025-06-30"),
        ("2024-03-31", -1, "2024-02-29"),
        ("2024-01-01", 0, "2024-01-01"),
        ("9999-06-30", 7, "9999-12-31"),
    ],
)
def test_months_after_a_day_are_clamped_to_the_month(day: str, months: int, after: str) -> None:
    assert months_after(date.fromisoformat(day), months) == date.fromisoformat(after)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.integers(-600, 600))
def test_only_a_clamped_day_does_not_come_back(day: date, months: int) -> None:
    after = months_after(day, months)
    assert (after.year - day.year) * 12 + after.month - day.month == months
    assert after.day == day.day or (after.day < day.day and after.day >= 28)


LAST, STATED = date(2024, 2, 29), date(2026, 5, 1)


@pytest.mark.parametrize(
    ("stated", "last", "months", "due"),
    [
        (STATED, LAST, 12, STATED),
        (None, LAST, 12, date(2025, 2, 28)),
        (None, LAST, None, None),
        (None, None, 12, None),
        (None, None, None, None),
    ],
)
def test_the_stated_date_holds_else_the_last_and_the_interval(
    stated: date | None, last: date | None, months: int | None, due: date | None
) -> None:
    assert next_calibration(stated, last, months) == due
