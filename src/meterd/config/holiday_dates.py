"""Public holidays of a country, from the package `holidays`, as dates.

They are worked out here, once, so that the core knows only dates.
"""

from __future__ import annotations

from datetime import date
from typing import Final

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2050


class NoHolidaysError(ValueError):
    """There are none for that country, or that part of it."""


def holiday_dates(country: str, subdivision: str | None) -> tuple[date, ...]:
    """All of the years for which tariffs know holidays. Raises NoHolidaysError."""
    import holidays  # noqa: PLC0415 - only when the configuration uses it

    years = range(FIRST_YEAR, LAST_YEAR + 1)
    try:
        found = holidays.country_holidays(country.upper(), subdiv=subdivision, years=years)
    except NotImplementedError as error:
        raise NoHolidaysError(str(error)) from error
    return tuple(sorted(found))
