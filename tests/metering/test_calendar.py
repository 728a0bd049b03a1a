"""The calendar against another library's, and the odd days of the world by name."""

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfoNotFoundError, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from whenever import Date, ZonedDateTime

from meterd.metering.calendar import DAY_MS, Calendar, iso, parse_iso

HOUR = 3_600_000
QUARTER = 900_000
WORKED = json.loads(
    (Path(__file__).parents[1] / "cases/reference/calendar_and_money.json").read_text()
)
ODD = ["America/Sao_Paulo", "America/Havana", "Pacific/Apia", "Australia/Lord_Howe",
       "Asia/Kathmandu", "America/St_Johns", "Africa/Cairo", "Asia/Beirut", "Asia/Manila",
       "Pacific/Kwajalein", "Antarctica/Troll", "Africa/Casablanca"]  # fmt: skip
ZONES = st.sampled_from(ODD) | st.sampled_from(sorted(available_timezones()))
DATES = st.dates(date(1990, 1, 1), date(2037, 12, 31))


def first_instant(zone: str, day: date) -> int:
    """Epoch ms of the day's first instant, as the other library has it."""
    noon = ZonedDateTime(
        day.year, day.month, day.day, 12, tz=zone, disambiguation="compatible"
    )  # of a date left out it is the next one's
    return int(noon.start_of("day").timestamp()) * 1000


def billing_starts(zone: str, day: date, billing_day: int) -> list[int]:
    """Starts of the periods around a day, by adding months to the first of its month."""
    months = [Date(day.year, day.month, 1).add(months=n) for n in (-1, 0, 1, 2)]
    days = [month.replace(day=min(billing_day, month.days_in_month())) for month in months]
    return [first_instant(zone, day.to_stdlib()) for day in days]


@pytest.mark.law
@given(ZONES, DATES)
@example("Pacific/Apia", date(2011, 12, 30))
@example("America/Sao_Paulo", date(2018, 11, 4))
@example("America/Havana", date(2026, 11, 1))
@example("Australia/Lord_Howe", date(2026, 10, 4))
@example("America/Toronto", date(1919, 3, 31))  # from 23:30 to 00:30
def test_a_day_starts_at_its_first_instant(zone: str, day: date) -> None:
    assert Calendar(zone).day_start(day) == first_instant(zone, day)


@pytest.mark.law
@given(ZONES, DATES, st.integers(0, DAY_MS - 1))
@example("America/St_Johns", date(2009, 11, 1), HOUR // 2)  # 23:31 again: back at 00:01
def test_every_instant_lies_in_one_day(zone: str, day: date, into_ms: int) -> None:
    calendar = Calendar(zone)
    at_ms = calendar.day_start(day) + into_ms
    start, end = calendar.day(at_ms)
    assert start <= at_ms < end
    assert calendar.day(start) == calendar.day(end - 1) == (start, end)
    assert calendar.day(end)[0] == end
    near = [first_instant(zone, day + timedelta(days=n)) for n in (-1, 0, 1, 2)]
    assert start in near
    assert end in near


@pytest.mark.law
@given(ZONES, DATES, st.integers(0, DAY_MS - 1), st.integers(1, 31))
@example("America/St_Johns", date(2009, 11, 1), HOUR // 2, 1)
@example("Pacific/Apia", date(2011, 12, 30), 0, 30)
def test_every_instant_lies_in_one_billing_period(
    zone: str, day: date, into_ms: int, billing_day: int
) -> None:
    calendar = Calendar(zone)
    at_ms = calendar.day_start(day) + into_ms
    start, end = calendar.billing_period(at_ms, billing_day)
    starts = sorted(set(billing_starts(zone, calendar.date_of(at_ms), billing_day)))
    index = max(n for n, begin in enumerate(starts) if begin <= at_ms)
    assert (start, end) == (starts[index], starts[index + 1])
    assert calendar.month(at_ms) == calendar.billing_period(at_ms, 1)


@pytest.mark.law
@given(ZONES, DATES)
def test_a_year_runs_from_new_year_to_new_year(zone: str, day: date) -> None:
    calendar = Calendar(zone)
    years = [first_instant(zone, date(day.year + n, 1, 1)) for n in (0, 1)]
    assert list(calendar.year(calendar.day_start(day) + DAY_MS // 4)) == years


@pytest.mark.law
@given(ZONES, DATES, st.integers(0, DAY_MS - 1), st.sampled_from([1, 5, 7, 15, 30, 60, 1440]))
@example("Australia/Lord_Howe", date(2026, 4, 5), 0, 60)
def test_intervals_tile_the_day_and_none_crosses_its_end(
    zone: str, day: date, into_ms: int, minutes: int
) -> None:
    calendar = Calendar(zone)
    length_ms = minutes * 60_000
    at_ms = calendar.day_start(day) + into_ms
    start, end = calendar.interval(at_ms, length_ms)
    first, last = calendar.day(at_ms)
    assert start <= at_ms < end
    assert (start - first) % length_ms == 0
    assert end == min(start + length_ms, last)
    assert calendar.same_day(start, end)


@pytest.mark.law
@given(ZONES, DATES, st.times())
@example("Pacific/Apia", date(2011, 12, 30), time(12))
@example("America/Sao_Paulo", date(2018, 11, 4), time(0, 30))
@example("Europe/Berlin", date(2026, 10, 25), time(2, 30))
def test_a_wall_time_is_the_first_instant_that_shows_it(zone: str, day: date, at: time) -> None:
    wall = datetime.combine(day, at.replace(microsecond=0, fold=0))
    at_ms = Calendar(zone).instant(wall)
    parts = (wall.year, wall.month, wall.day, wall.hour, wall.minute, wall.second)
    early = ZonedDateTime(*parts, tz=zone, disambiguation="earlier")
    if early.to_plain().to_stdlib() == wall:
        assert at_ms == int(early.timestamp()) * 1000
    else:  # in a gap: its end, where the offset changes
        change = early.next_transition()
        assert change is not None
        assert at_ms == int(change.timestamp()) * 1000


# -- odd days by name ----------------------------------------------------------------------


@pytest.mark.parametrize("case", WORKED["days"], ids=lambda case: f"{case['tz']} {case['date']}")
def test_a_worked_day(case: dict[str, Any]) -> None:
    calendar = Calendar(case["tz"])
    start, end = calendar.day(parse_iso(case["start_utc"]))
    assert calendar.day_start(date.fromisoformat(case["date"])) == start
    assert (iso(start), iso(end)) == (case["start_utc"], case["end_utc"])
    assert end - start == int(case["hours"]) * HOUR
    quarters = range(start, end, QUARTER)
    assert len(quarters) == case["quarter_hours"]
    hours = [calendar.local(at_ms).hour for at_ms in quarters]
    assert sorted(set(range(24)) - set(hours)) == case["local_hours_missing"]
    for hour, count in case["quarter_hours_by_local_hour"].items():
        assert hours.count(int(hour)) == count


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23.0),
        ("Europe/Berlin", "2026-10-25", 25.0),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("America/Sao_Paulo", "2018-11-04", 23.0),  # begins at one: there is no midnight
        ("America/Havana", "2026-11-01", 25.0),  # midnight comes twice
        ("Asia/Kathmandu", "2026-01-01", 24.0),
        ("Pacific/Apia", "2011-12-29", 24.0),
    ],
)
def test_a_day_has_as_many_hours_as_it_has(zone: str, day: str, hours: float) -> None:
    calendar = Calendar(zone)
    start, end = calendar.day(calendar.day_start(date.fromisoformat(day)))
    assert (end - start) / HOUR == hours


def test_a_date_that_was_left_out_is_no_time_at_all() -> None:
    calendar = Calendar("Pacific/Apia")
    starts = [calendar.day_start(date(2011, 12, day)) for day in (29, 30, 31)]
    assert starts[1] == starts[2] == starts[0] + DAY_MS


def test_a_billing_day_of_31_clamps_and_comes_back() -> None:
    calendar = Calendar("Europe/Berlin")
    at_ms, begins = parse_iso("2027-12-31T12:00:00Z"), []
    for _ in range(5):
        start, at_ms = calendar.billing_period(at_ms, 31)
        begins.append(calendar.date_of(start).isoformat())
    assert begins == ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]


def test_the_same_day_is_asked_again_and_again() -> None:
    calendar = Calendar("Europe/Berlin")
    first, last = calendar.day(parse_iso("2026-03-29T12:00:00Z"))
    assert calendar.same_day(first, last)
    assert not calendar.same_day(last - 1, last + 1)
    assert calendar.same_day(last, last + HOUR)
    assert not calendar.same_day(first - 1, first + 1)


def test_milliseconds_and_the_second_hour_are_kept_in_local_time() -> None:
    local = Calendar("Europe/Berlin").local(parse_iso("2026-10-25T01:30:00.250Z"))
    assert local.isoformat() == "2026-10-25T02:30:00.250000+01:00"
    assert local.fold == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-07-01", "2026-06-30T22:00:00Z"),
        ("2026-03-29T02:30", "2026-03-29T01:00:00Z"),
        ("2026-07-01T00:00:00Z", "2026-07-01T00:00:00Z"),
        ("2026-07-01T02:00+02:00", "2026-07-01T00:00:00Z"),
    ],
)
def test_what_people_write_is_the_sites_wall_clock_unless_it_says_otherwise(
    text: str, shown: str
) -> None:
    assert iso(Calendar("Europe/Berlin").parse(text)) == shown


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        Calendar("Europe/Nowhere")


# -- text ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
        ("2026-01-31T12:00:00.2509+01:00", "2026-01-31T11:00:00.250Z"),
        ("2026-01-31 12:00+05:45", "2026-01-31T06:15:00Z"),
        ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
    ],
)
def test_an_instant_is_read_with_its_offset_and_shown_in_utc(text: str, shown: str) -> None:
    assert iso(parse_iso(text)) == shown


@pytest.mark.parametrize("text", ["2026-01-31T12:00:00", "2026-01-31", "noon", ""])
def test_a_time_without_an_offset_is_no_instant(text: str) -> None:
    with pytest.raises(ValueError, match=r"offset|Invalid"):
        parse_iso(text)
