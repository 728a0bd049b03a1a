"""Restarts, and the records that come of them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.records.day import SHIFTS, Day, spec_of

DAYS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a restarted record is unknown": (
        {},
        """
        05:00 seen
        05:10 book 10
        05:20 restart
        """,
        "1 05:00 - UNKNOWN 10 -",
    ),
    "a second restart changes nothing": (
        {},
        """
        05:00 seen
        05:20 restart
        05:30 restart
        """,
        "1 05:00 - UNKNOWN 0 -",
    ),
    "the first reading after a restart makes it running": (
        {},
        """
        05:00 seen
        05:10 book 10
        05:20 restart
        05:30 seen
        05:40 book 30
        """,
        "1 05:00 - RUNNING 40 -",
    ),
    "a pause outlives a restart": (
        {},
        """
        05:00 seen
        05:00 pause
        05:20 restart
        05:30 book 30
        """,
        """
        1 05:00 - PAUSED 0 -
        not recorded 30
        """,
    ),
    "a fault outlives a restart": (
        {},
        """
        05:00 seen
        05:10 fault
        05:20 restart
        """,
        "1 05:00 - FAULTED 0 -",
    ),
    "an order outlives a restart": (
        {},
        """
        05:00 seen
        05:10 cut
        05:12 restart
        05:20 book 20
        """,
        """
        1 05:00 05:10 COMPLETED 10 command
        2 05:10 - RUNNING 10 -
        """,
    ),
    "after an outage a cut waits for the first reading": (
        SHIFTS,
        """
        05:00 seen
        07:00 restart
        07:00:01 tick
        07:14:59 tick
        07:00 book 120
        """,
        """
        1 05:00 06:00 COMPLETED 60 schedule
        2 06:00 - RUNNING 60 -
        """,
    ),
    "but no longer than fifteen minutes": (
        SHIFTS,
        """
        05:00 seen
        07:00 restart
        07:15 tick
        07:20 book 140
        """,
        """
        1 05:00 06:00 COMPLETED 0 schedule
        2 06:00 - RUNNING 140 -
        """,
    ),
}


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS.keys())
def test_a_day(day: tuple[dict[str, Any], str, str]) -> None:
    settings, script, expected = day
    played = Day(spec_of(**settings)).play(script)
    assert played.table() == [line.strip() for line in expected.strip().splitlines()]
