"""The hours of a day, also of the days that have one twice or not at all."""

from __future__ import annotations

from tests.billing.site import BERLIN, DAY, FIVE, HOUR, JANUARY, KWH, at

from meterd.billing.slots import Slot
from meterd.shapes.series.profile import cells, hourly, to_come


def flat(start_ms: int, end_ms: int, amount: int = KWH, sources: int = 1) -> list[Slot]:
    return [
        Slot(now, now + FIVE, amount, sources, FIVE * sources)
        for now in range(start_ms, end_ms, FIVE)
    ]


def test_an_hour_that_occurs_twice_is_two_hours_of_the_same_name() -> None:
    rows = hourly(flat(at("10-25"), at("10-25") + 25 * HOUR), BERLIN, 1)
    assert [row["hour"] for row in rows] == list(range(24))
    assert [row["hours"] for row in rows[:4]] == ["1", "1", "2", "1"]
    assert {row["average_kw"] for row in rows} == {"12"}, "it is the mean, not the sum"


def test_an_hour_that_is_skipped_is_unknown() -> None:
    rows = hourly(flat(at("03-29"), at("03-29") + 23 * HOUR), BERLIN, 1)
    assert rows[2] == {"hour": 2, "kwh": None, "average_kw": None, "hours": "0"}
    assert rows[3]["kwh"] == "12"


def test_nothing_is_no_profile() -> None:
    assert cells([], BERLIN) == {}
    assert {row["kwh"] for row in hourly([], BERLIN, 1)} == {None}


def test_what_is_to_come_follows_the_weekday() -> None:
    monday = at("01-05")
    working = flat(monday, monday + 5 * DAY, 2 * KWH)
    resting = flat(monday + 5 * DAY, monday + 7 * DAY, KWH)
    later = [
        Slot(row.start_ms + 7 * DAY, row.end_ms + 7 * DAY, row.amount, 1, FIVE)
        for row in (*working, *resting)
    ]
    known = cells([*working, *resting, *later], BERLIN)
    weekend = (monday + 19 * DAY, monday + 21 * DAY)
    assert to_come(known, weekend, BERLIN, 1) == 2 * DAY // FIVE * KWH
    assert to_come(known, (monday + 18 * DAY, monday + 19 * DAY), BERLIN, 1) == (
        DAY // FIVE * 2 * KWH
    )


def test_an_hour_seen_once_is_not_known_and_one_never_seen_neither() -> None:
    known = cells(flat(JANUARY, JANUARY + DAY), BERLIN)
    week = (JANUARY + 7 * DAY, JANUARY + 7 * DAY + HOUR)
    assert to_come(known, week, BERLIN, 1) is None
    assert to_come({}, week, BERLIN, 1) is None
    twice = cells(flat(JANUARY, JANUARY + 8 * DAY, sources=2), BERLIN)
    assert to_come(twice, week, BERLIN, 2) == 12 * KWH
    assert to_come(twice, (week[0], week[0]), BERLIN, 2) == 0
