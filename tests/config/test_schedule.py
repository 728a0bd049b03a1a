"""When a rate holds, written and as a table."""

from __future__ import annotations

import pytest
from tests.billing.tariffs.written import hours

from meterd.config.schedule import WhenError, holes
from meterd.tariff import HOLIDAY, NOTHING


def held(key: str, text: str) -> list[int]:
    """Which months, days or hours a text stands for, of a Wednesday in June at noon."""
    table = hours({key: text})
    spans = {
        "months": [(month, 2, 12) for month in range(1, 13)],
        "days": [(6, day, 12) for day in range(8)],
        "hours": [(6, 2, hour) for hour in range(24)],
    }[key]
    places = [table.zone(*place) for place in spans]
    return [n + (key == "months") for n, zone in enumerate(places) if zone == 0]


WHENS: dict[tuple[str, str], list[int]] = {
    ("months", "6-9"): [6, 7, 8, 9],
    ("months", "10-5"): [1, 2, 3, 4, 5, 10, 11, 12],
    ("months", "1, 12"): [1, 12],
    ("months", "6"): [6],
    ("hours", "14-20"): [14, 15, 16, 17, 18, 19],
    ("hours", "22-6"): [0, 1, 2, 3, 4, 5, 22, 23],
    ("hours", "10-14,20-22"): [10, 11, 12, 13, 20, 21],
    ("hours", "0-24"): list(range(24)),
    ("hours", "20-24"): [20, 21, 22, 23],
    ("hours", "7-7"): list(range(24)),
    ("hours", "7"): [7],
    ("days", "mon-fri"): [0, 1, 2, 3, 4],
    ("days", "fri-mon"): [0, 4, 5, 6, HOLIDAY],
    ("days", "sat,sun"): [5, 6, HOLIDAY],
    ("days", "holiday"): [HOLIDAY],
    ("days", "mon, wed"): [0, 2],
}


@pytest.mark.parametrize(("key", "text"), WHENS)
def test_what_is_written(key: str, text: str) -> None:
    assert held(key, text) == WHENS[key, text]


@pytest.mark.parametrize(
    ("key", "text"),
    [("months", "0"), ("months", "13"), ("months", "11-13"), ("hours", "24"), ("hours", "24-25")],
)
def test_what_no_clock_shows(key: str, text: str) -> None:
    with pytest.raises(WhenError, match=f"{text} is no {key[:-1]} or span of {key}"):
        hours({key: text})


def test_the_first_that_matches_wins() -> None:
    table = hours({"hours": "8-20"}, {"months": "6"}, None)
    assert [table.zone(6, 0, 12), table.zone(6, 0, 21), table.zone(7, 0, 21)] == [0, 1, 2]
    assert not holes(table)


def test_hours_without_a_rate_are_seen() -> None:
    assert holes(hours({"hours": "8-20"}))
    assert hours({"hours": "8-20"}).zone(1, 0, 0) == NOTHING
