"""Periods by the month or the day in which they began."""

from __future__ import annotations

import pytest
from tests.billing.site import BERLIN

from meterd.shapes.periods import NoSuchPeriodError, began, index_of

PERIODS = [
    {"start": "2025-12-31T23:00:00Z"},
    {"start": "2026-01-31T23:00:00Z"},
    {"start": "2026-02-14T23:00:00Z"},
]


def test_a_period_is_known_by_its_local_month_or_day_and_else_it_is_the_newest() -> None:
    assert began(PERIODS[0], BERLIN) == "2026-01-01"
    assert index_of(PERIODS, "2026-01", BERLIN) == 0
    assert index_of(PERIODS, "2026-02-15", BERLIN) == 2
    assert index_of(PERIODS, None, BERLIN) == 2


@pytest.mark.parametrize(
    ("periods", "asked", "hint"),
    [
        (PERIODS, "2026-02", "write 2026-02-01 or 2026-02-15"),
        (PERIODS, "2025-12", "no period began in '2025-12'; they began on 2026-01-01, 2026-02-01"),
        ([], None, "there is no period yet"),
        ([], "2026-01", "there is no period yet"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(
    periods: list[dict[str, str]], asked: str | None, hint: str
) -> None:
    with pytest.raises(NoSuchPeriodError, match=hint):
        index_of(periods, asked, BERLIN)
