"""When a schedule falls due."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from meterd.metering.calendar import Calendar, parse_iso
from meterd.records.schedule import Schedule, parse


def walls(text: str, zone: str, since: str, count: int) -> list[str]:
    """The next instants, as local ISO times with their offset, minutes only."""
    calendar = Calendar(zone)
    schedule = Schedule(text, calendar)
    at_ms, found = parse_iso(since), []
    for _ in range(count):
        at_ms = schedule.after(at_ms)
        local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(calendar.local(at_ms).tzinfo)
        found.append(local.isoformat(timespec="minutes"))
    return found


DUE = {
    "three shifts": (
        "0 6,14,22 * * *  Europe/Berlin  2026-07-01T05:59:59+02:00",
        "2026-07-01T06:00+02:00 2026-07-01T14:00+02:00 2026-07-01T22:00+02:00",
    ),
    "strictly later than the instant asked from": (
        "0 6 * * *  Europe/Berlin  2026-07-01T06:00:00+02:00",
        "2026-07-02T06:00+02:00",
    ),
    "a millisecond before is before": (
        "0 6 * * *  Europe/Berlin  2026-07-01T05:59:59.999+02:00",
        "2026-07-01T06:00+02:00",
    ),
    "a time that does not exist falls at the first instant after the gap": (
        "30 2 * * *  Europe/Berlin  2026-03-28T12:00+01:00",
        "2026-03-29T03:00+02:00 2026-03-30T02:30+02:00",
    ),
    "all times of a gap are one instant": (
        "*/15 1-3 * * *  Europe/Berlin  2026-03-29T01:40+01:00",
        "2026-03-29T01:45+01:00 2026-03-29T03:00+02:00 2026-03-29T03:15+02:00",
    ),
    "a time that occurs twice falls at the first": (
        "30 2 * * *  Europe/Berlin  2026-10-24T12:00+02:00",
        "2026-10-25T02:30+02:00 2026-10-26T02:30+01:00",
    ),
    "asked in the second pass it does not look back": (
        "45 2 * * *  Europe/Berlin  2026-10-25T02:30+01:00",
        "2026-10-26T02:45+01:00",
    ),
    "a star in the hour falls once as well": (
        "*/30 * * * *  Europe/Berlin  2026-10-25T02:05+02:00",
        "2026-10-25T02:30+02:00 2026-10-25T03:00+01:00",
    ),
    "a gap of half an hour": (
        "10,40 2 * * *  Australia/Lord_Howe  2026-10-04T01:00+10:30",
        "2026-10-04T02:30+11:00 2026-10-04T02:40+11:00 2026-10-05T02:10+11:00",
    ),
    "midnight that does not exist": (
        "0 0 * * *  America/Asuncion  2023-09-30T12:00-04:00",
        "2023-10-01T01:00-03:00 2023-10-02T00:00-03:00",
    ),
    "a day that does not exist": (
        "0 12 * * *  Pacific/Apia  2011-12-29T11:00-10:00",
        "2011-12-29T12:00-10:00 2011-12-31T00:00+14:00 2011-12-31T12:00+14:00",
    ),
    "either day field, where both are given": (
        "0 0 13 * fri  UTC  2026-03-01T00:00Z",
        "2026-03-06T00:00+00:00 2026-03-13T00:00+00:00 2026-03-20T00:00+00:00",
    ),
    "both day fields, where one starts with a star": (
        "0 0 */2 * Mon  UTC  2026-03-01T00:00Z",
        "2026-03-09T00:00+00:00 2026-03-23T00:00+00:00 2026-04-13T00:00+00:00",
    ),
    "sunday is 0 and 7": (
        "0 0 * * 7  UTC  2026-03-01T00:00Z",
        "2026-03-08T00:00+00:00 2026-03-15T00:00+00:00",
    ),
    "weekdays by name": (
        "15 7 * * mon-FRI  UTC  2026-03-06T08:00Z",
        "2026-03-09T07:15+00:00 2026-03-10T07:15+00:00",
    ),
    "quarters by name": (
        "0 0 1 jan,Apr,JUL,oct *  UTC  2026-03-06T08:00Z",
        "2026-04-01T00:00+00:00 2026-07-01T00:00+00:00",
    ),
    "a step from a number runs to the end": (
        "5/20 3 * * *  UTC  2026-03-06T03:30Z",
        "2026-03-06T03:45+00:00 2026-03-07T03:05+00:00",
    ),
    "a leap day on a sunday": (
        "0 0 29 2 */7  UTC  2088-03-01T00:00Z",
        "2128-02-29T00:00+00:00",
    ),
}


@pytest.mark.parametrize("case", DUE.values(), ids=DUE.keys())
def test_due(case: tuple[str, str]) -> None:
    (text, zone, since), expected = case[0].split("  "), case[1].split()
    assert walls(text, zone, since, len(expected)) == expected


BAD = {
    "": "'' has 0 fields; five are needed: minute, hour, day of month, month, day of week",
    "0 6 * *": "has 4 fields",
    "0 0 6 * * *": "has 6 fields",
    "@daily": "has 1 fields",
    "60 * * * *": "minute '60': expected 0 to 59",
    "* 24 * * *": "hour '24': expected 0 to 23",
    "* * 0 * *": "day of month '0': expected 1 to 31",
    "* * 32 * *": "day of month '32'",
    "* * L * *": "day of month 'L'",
    "* * * 13 *": "month '13': expected 1 to 12, or a name like dec",
    "* * * foo *": "month 'FOO'",
    "* * * * 8": "day of week '8': expected 0 to 7, or a name like sat",
    "* * * * fri-sun": "day of week 'FRI-SUN' runs backwards; write it as two",
    "* 22-6 * * *": "hour '22-6' runs backwards",
    "*/0 * * * *": r"minute '\*/0': a step is a whole number above 0",
    "*/ * * * *": "a step is a whole number above 0",
    "*/x * * * *": "a step is a whole number above 0",
    "1,,2 * * * *": "minute '': expected 0 to 59",
    "-5 * * * *": "minute ''",
    "5- * * * *": "minute ''",
    "1.5 * * * *": r"minute '1\.5'",
    "0 0 30 2 *": "never falls due: no such day exists",
    "0 0 31 4,6,9,11 *": "never falls due",
}


@pytest.mark.parametrize(("text", "complaint"), BAD.items(), ids=BAD.keys())
def test_a_bad_expression_says_what_is_wrong(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse(text)


def test_a_day_is_looked_for_until_a_leap_day_can_be_any_weekday_again() -> None:
    leap_days = Schedule("0 0 29 2 *", Calendar("UTC"))._from(parse_iso("2000-03-01T00:00:00Z"))
    years = [datetime.fromtimestamp(due_ms / 1000, UTC).year for due_ms in leap_days]
    assert years == list(range(2004, 2044, 4))
