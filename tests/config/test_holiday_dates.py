"""Public holidays by country and subdivision."""

from __future__ import annotations

from datetime import date

import pytest

from meterd.config.holiday_dates import NoHolidaysError, holiday_dates


def test_a_part_of_a_country_has_its_own() -> None:
    women = date(2026, 3, 8)
    assert women in holiday_dates("DE", "BE")
    assert women not in holiday_dates("de", None)
    assert date(2026, 12, 25) in holiday_dates("DE", "BE")


@pytest.mark.parametrize(("country", "part"), [("XX", None), ("DE", "ZZ")])
def test_of_nowhere_there_are_none(country: str, part: str | None) -> None:
    with pytest.raises(NoHolidaysError, match=part or country):
        holiday_dates(country, part)
