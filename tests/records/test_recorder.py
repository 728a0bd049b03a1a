"""What is booked, and the records that come of it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.records.day import MINUTE_MS, SHIFTS, TEN, Day, spec_of

DAYS: dict[str, tuple[dict[str, Any], str, str]] = {
    "nothing was read yet": ({}, "06:00 tick", ""),
    "a reading starts the first record": (
        {},
        """
        05:00 seen
        06:00 book 70
        07:00 book 0
        """,
        "1 05:00 - RUNNING 70 -",
    ),
    "a schedule cuts at its instant and divides by time": (
        SHIFTS,
        """
        05:50 seen
        06:10 book 101
        """,
        """
        1 05:50 06:00 COMPLETED 50 schedule
        2 06:00 - RUNNING 51 -
        """,
    ),
    "a reading at the instant covers it": (
        SHIFTS,
        """
        05:50 seen
        06:00 book 100
        06:10 book 10
        """,
        """
        1 05:50 06:00 COMPLETED 100 schedule
        2 06:00 - RUNNING 10 -
        """,
    ),
    "a baseline at the instant is a start, no cut": (
        SHIFTS,
        """
        06:00 seen
        06:10 book 10
        """,
        "1 06:00 - RUNNING 10 -",
    ),
    "duration counts from the record's start": (
        TEN,
        """
        05:03 seen
        05:11 book 8
        05:15 book 4
        05:23 book 8
        """,
        """
        1 05:03 05:13 COMPLETED 10 duration
        2 05:13 05:23 COMPLETED 10 duration
        3 05:23 - RUNNING 0 -
        """,
    ),
    "several cuts in one booking, rounded down cumulatively": (
        TEN,
        """
        05:00 seen
        05:35 book 8
        """,
        """
        1 05:00 05:10 COMPLETED 2 duration
        2 05:10 05:20 COMPLETED 2 duration
        3 05:20 05:30 COMPLETED 2 duration
        4 05:30 - RUNNING 2 -
        """,
    ),
    "a schedule and a duration at one instant are one cut": (
        {**SHIFTS, "max_duration_ms": 30 * MINUTE_MS},
        """
        05:30 seen
        06:05 book 35
        """,
        """
        1 05:30 06:00 COMPLETED 30 schedule
        2 06:00 - RUNNING 5 -
        """,
    ),
    "a rollover cuts at the reading that showed it": (
        {},
        """
        05:00 seen
        05:10 book 100 rollover 30
        """,
        """
        1 05:00 05:10 COMPLETED 70 rollover
        2 05:10 - RUNNING 30 -
        """,
    ),
    "a rollover cuts nothing where that is not wanted": (
        {"on_rollover": False},
        """
        05:00 seen
        05:10 book 100 rollover 30
        """,
        "1 05:00 - RUNNING 100 -",
    ),
    "a reset, a replacement and a new level always cut": (
        {"on_rollover": False},
        """
        05:00 seen
        05:10 book 30 reset 30
        05:20 book 0 replacement
        05:30 book 7 level_shift 5
        """,
        """
        1 05:00 05:10 COMPLETED 0 reset
        2 05:10 05:20 COMPLETED 30 replacement
        3 05:20 05:30 COMPLETED 2 level_shift
        4 05:30 - RUNNING 5 -
        """,
    ),
    "a rollover at the instant of a cut leaves no empty record": (
        TEN,
        """
        05:00 seen
        05:10 book 100 rollover 30
        """,
        """
        1 05:00 05:10 COMPLETED 70 duration
        2 05:10 - RUNNING 30 -
        """,
    ),
    "a rollover after a cut in the same booking": (
        TEN,
        """
        05:00 seen
        05:20 book 0
        05:34 book 100 rollover 30
        """,
        """
        1 05:00 05:10 COMPLETED 0 duration
        2 05:10 05:20 COMPLETED 0 duration
        3 05:20 05:30 COMPLETED 50 duration
        4 05:30 05:34 COMPLETED 20 rollover
        5 05:34 - RUNNING 30 -
        """,
    ),
    "a due cut waits for its reading": (
        SHIFTS,
        """
        05:50 seen
        06:14:59 tick
        """,
        "1 05:50 - RUNNING 0 -",
    ),
    "a reading within fifteen minutes divides the energy": (
        SHIFTS,
        """
        05:50 seen
        06:14:59 tick
        06:10 book 20
        """,
        """
        1 05:50 06:00 COMPLETED 10 schedule
        2 06:00 - RUNNING 10 -
        """,
    ),
    "after fifteen minutes of silence it is cut with what is known": (
        SHIFTS,
        """
        05:40 seen
        05:50 book 5
        06:15 tick
        06:20 book 30
        """,
        """
        1 05:40 06:00 COMPLETED 5 schedule
        2 06:00 - RUNNING 30 -
        """,
    ),
    "late energy is divided over the cuts still to come": (
        TEN,
        """
        05:00 seen
        05:25 tick
        05:30 book 30
        """,
        """
        1 05:00 05:10 COMPLETED 0 duration
        2 05:10 05:20 COMPLETED 20 duration
        3 05:20 05:30 COMPLETED 10 duration
        4 05:30 - RUNNING 0 -
        """,
    ),
    "energy of before a silent cut alone goes to the open record": (
        SHIFTS,
        """
        05:40 seen
        06:15 tick
        05:59 book 19
        06:20 book 21
        """,
        """
        1 05:40 06:00 COMPLETED 0 schedule
        2 06:00 - RUNNING 40 -
        """,
    ),
    "what a new baseline leaves out is nobody's": (
        SHIFTS,
        """
        05:50 seen
        06:05 seen
        06:10 book 10
        """,
        """
        1 05:50 06:00 COMPLETED 0 schedule
        2 06:00 - RUNNING 10 -
        """,
    ),
    "several cuts in silence": (
        TEN,
        """
        05:00 seen
        05:35 tick
        05:44 tick
        """,
        """
        1 05:00 05:10 COMPLETED 0 duration
        2 05:10 05:20 COMPLETED 0 duration
        3 05:20 - RUNNING 0 -
        """,
    ),
}


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS.keys())
def test_a_day(day: tuple[dict[str, Any], str, str]) -> None:
    settings, script, expected = day
    played = Day(spec_of(**settings)).play(script)
    assert played.table() == [line.strip() for line in expected.strip().splitlines()]
