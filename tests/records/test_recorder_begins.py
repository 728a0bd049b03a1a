"""Before the first reading, after a restart, and what an operator writes into a record."""

from __future__ import annotations

from typing import Any

import pytest
from tests.records.day import Day, at, changed, spec_of

from meterd.events import RecordRow

DAYS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a configuration has a record before its first reading": (
        {},
        """
        05:00 begin
        """,
        "1 05:00 - IDLE 0 -",
    ),
    "the first reading starts it, where it was read": (
        {},
        """
        05:00 begin
        05:10 seen
        05:20 book 10
        """,
        "1 05:10 - RUNNING 10 -",
    ),
    "what was booked while it waited is not recorded": (
        {},
        """
        05:00 begin
        05:10 book 10
        05:20 book 10
        """,
        """
        1 05:10 - RUNNING 10 -
        not recorded 10
        """,
    ),
    "to begin again changes nothing": (
        {},
        """
        05:00 begin
        05:05 begin
        05:10 seen
        05:15 begin
        """,
        "1 05:10 - RUNNING 0 -",
    ),
    "time alone ends no record that waits": (
        {"max_duration_ms": 60_000},
        """
        05:00 begin
        09:00 tick
        """,
        "1 05:00 - IDLE 0 -",
    ),
    "a restart leaves one that waits as it is": (
        {},
        """
        05:00 begin
        05:10 restart
        05:10 begin
        """,
        "1 05:00 - IDLE 0 -",
    ),
    "a disabled configuration has none": ({"enabled": False}, "05:00 begin", ""),
    "what a restart made unknown is unknown until it is read": (
        {},
        """
        05:00 begin
        05:01 seen
        05:10 restart
        05:10 begin
        05:11 tick
        """,
        "1 05:01 - UNKNOWN 0 -",
    ),
}


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS.keys())
def test_a_day(day: tuple[dict[str, Any], str, str]) -> None:
    settings, script, expected = day
    played = Day(spec_of(**settings)).play(script)
    assert played.table() == [line.strip() for line in expected.strip().splitlines() if line]


def test_a_record_that_waits_keeps_its_id_its_run_and_its_place() -> None:
    day = Day(spec_of(location="line-1")).play("05:00 begin")
    (waiting,) = day.rows()
    day = changed(day, spec_of(location="line-2")).play("05:10 seen")
    (running,) = day.rows()
    assert (running.id, running.run, running.location) == (waiting.id, 1, "line-1")
    assert (running.created_ms, running.start_ms) == (at("05:00"), at("05:10"))
    assert (running.modified_ms, running.modified_by) == (None, None)


def test_one_that_waits_is_cancelled_where_its_configuration_is_disabled() -> None:
    day = Day(spec_of()).play("05:00 begin")
    day = changed(day, spec_of(enabled=False)).play("05:30 begin\n05:40 book 10")
    assert day.table() == ["1 05:00 05:30 CANCELLED 0 disabled", "not recorded 10"]
    assert day.kinds() == ["record_cancelled"]
    day = changed(day, spec_of()).play("06:00 begin\n06:10 book 10")
    assert day.table() == ["2 06:10 - RUNNING 0 -", "not recorded 20"]


def test_a_reload_makes_no_record_unknown() -> None:
    day = Day(spec_of()).play("05:00 begin\n05:00 seen")
    assert changed(day, spec_of(notes="new")).play("05:10 begin").table() == [
        "1 05:00 - RUNNING 0 -"
    ]


def test_begin_says_whether_there_is_news() -> None:
    day = Day(spec_of())
    assert day.recorder.begin(at("05:00"), day.journal)
    assert not day.recorder.begin(at("05:01"), day.journal)
    day.play("05:02 seen\n05:10 restart")
    assert day.recorder.begin(at("05:10"), day.journal)
    day.play("05:11 book 1")
    assert not day.recorder.begin(at("05:12"), day.journal)


# -- how old a row is -------------------------------------------------------------------------


def row(day: Day) -> RecordRow:
    found = day.recorder.row()
    assert found is not None
    return found


def test_a_row_is_as_old_as_the_last_reading() -> None:
    day = Day(spec_of()).play("05:00 begin")
    assert row(day).as_of_ms is None
    assert row(day.play("05:01 seen")).as_of_ms == at("05:01")
    assert row(day.play("05:10 book 1")).as_of_ms == at("05:10")
    assert not day.recorder.flush(at("23:00"))
    assert row(day).as_of_ms == at("05:10")


def test_or_no_older_than_it_may_be() -> None:
    day = Day(spec_of(max_flush_ms=30_000)).play("05:00 begin")
    assert not day.recorder.flush(at("05:01"))
    day.play("05:01 seen")
    assert not day.recorder.flush(at("05:01:29"))
    assert day.recorder.flush(at("05:01:30"))
    assert row(day).as_of_ms == at("05:01:30")
    assert not day.recorder.flush(at("05:01:31"))
    day.play("05:01:40 book 1")
    assert not day.recorder.flush(at("05:02:09"))
    assert day.recorder.flush(at("05:02:10"))


# -- what people write into it ------------------------------------------------------------------


def test_an_edit_of_the_open_record_is_in_its_audit_columns() -> None:
    day = Day(spec_of()).play("05:00 seen\n05:05 edit\n05:10 book 1")
    assert (row(day).modified_ms, row(day).modified_by) == (at("05:05"), "ann")
