"""Orders, pauses and faults, and the records that come of them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.records.day import SHIFTS, Day, spec_of

DAYS: dict[str, tuple[dict[str, Any], str, str]] = {
    "an order takes effect at its instant": (
        {},
        """
        05:00 seen
        05:10 book 10
        05:12 cut
        05:13 change
        05:20 book 10
        """,
        """
        1 05:00 05:12 COMPLETED 12 command
        2 05:12 05:13 COMPLETED 1 change
        3 05:13 - RUNNING 7 -
        """,
    ),
    "orders are carried out by time, not by arrival": (
        {},
        """
        05:00 seen
        05:13 change
        05:12 cut
        05:20 book 20
        """,
        """
        1 05:00 05:12 COMPLETED 12 command
        2 05:12 05:13 COMPLETED 1 change
        3 05:13 - RUNNING 7 -
        """,
    ),
    "an order older than the last reading is carried out there": (
        {},
        """
        05:00 seen
        05:10 book 10
        05:09 cut
        05:20 book 10
        """,
        """
        1 05:00 05:10 COMPLETED 10 command
        2 05:10 - RUNNING 10 -
        """,
    ),
    "an order that no reading covers is carried out in silence": (
        {},
        """
        05:00 seen
        05:10 cut
        05:24 tick
        05:25 tick
        05:40 book 40
        """,
        """
        1 05:00 05:10 COMPLETED 0 command
        2 05:10 - RUNNING 40 -
        """,
    ),
    "an order at the instant of a due cut comes after it": (
        SHIFTS,
        """
        05:50 seen
        06:00 pause
        06:00 cut
        06:10 book 20
        """,
        """
        1 05:50 06:00 COMPLETED 10 schedule
        2 06:00 - PAUSED 0 -
        not recorded 10
        """,
    ),
    "a pause shows at once, before a reading covers it": (
        {},
        """
        05:00 seen
        05:15 pause
        """,
        """
        1 05:00 - PAUSED 0 -
        """,
    ),
    "and so does its end": (
        {},
        """
        05:00 seen
        05:15 pause
        05:20 resume
        """,
        """
        1 05:00 - RUNNING 0 -
        """,
    ),
    "nothing is counted in a pause": (
        {},
        """
        05:00 seen
        05:15 pause
        05:20 book 20
        05:25 resume
        05:30 book 10
        """,
        """
        1 05:00 - RUNNING 20 -
        not recorded 10
        """,
    ),
    "a cut lifts no pause": (
        SHIFTS,
        """
        05:50 seen
        05:50 pause
        06:10 book 20
        06:20 book 20 rollover 10
        06:25 resume
        06:30 book 10
        """,
        """
        1 05:50 06:00 COMPLETED 0 schedule
        2 06:00 06:20 COMPLETED 0 rollover
        3 06:20 - RUNNING 5 -
        not recorded 45
        """,
    ),
    "a cancelled record keeps what it counted, and the next begins": (
        {},
        """
        05:00 seen
        05:05 cancel
        05:10 book 10
        """,
        """
        1 05:00 05:05 CANCELLED 5 cancel
        2 05:05 - RUNNING 5 -
        """,
    ),
    "a faulted record recovers with the next booking": (
        {},
        """
        05:00 seen
        05:05 fault
        05:10 book 10
        """,
        "1 05:00 - RUNNING 10 -",
    ),
    "a cut mends no meter": (
        SHIFTS,
        """
        05:50 seen
        05:55 fault
        06:15 tick
        """,
        """
        1 05:50 06:00 COMPLETED 0 schedule
        2 06:00 - FAULTED 0 -
        """,
    ),
    "a fault changes nothing in a pause": (
        {},
        """
        05:00 seen
        05:00 pause
        05:05 fault
        05:06 recover
        """,
        "1 05:00 - PAUSED 0 -",
    ),
    "a disabled configuration keeps no records": (
        {"enabled": False},
        """
        05:00 seen
        05:10 book 10
        05:15 fault
        06:00 tick
        """,
        "not recorded 10",
    ),
    "a booking without a record starts one where it ends": (
        {},
        """
        05:00 book 10
        05:10 book 10
        """,
        """
        1 05:00 - RUNNING 10 -
        not recorded 10
        """,
    ),
}


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS.keys())
def test_a_day(day: tuple[dict[str, Any], str, str]) -> None:
    settings, script, expected = day
    played = Day(spec_of(**settings)).play(script)
    assert played.table() == [line.strip() for line in expected.strip().splitlines()]
