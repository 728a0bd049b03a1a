"""What a recorder writes and when it wants to be called; its bounds."""

from __future__ import annotations

import pytest
from tests.records.day import MINUTE_MS, SHIFTS, TEN, Day, at, spec_of

from meterd.events import RecordRow
from meterd.records.recorder import MARKS_MAX, NEVER, ORDERS_MAX, PART_MAX


def test_every_change_of_status_writes_a_row() -> None:
    day = Day(spec_of()).play("""
        05:00 seen
        05:10 pause
        05:20 book 20
        05:30 resume
        05:40 book 20
        05:40 fault
        05:41 recover
        05:41 cancel
        05:50 book 10
    """)
    rows = [row for row in day.journal.outputs if isinstance(row, RecordRow)]
    assert [row.status for row in rows] == [
        "RUNNING", "PAUSED", "RUNNING", "FAULTED", "RUNNING", "CANCELLED", "RUNNING",
    ]  # fmt: skip
    assert day.kinds() == [
        "record_paused", "record_resumed", "record_faulted", "record_recovered",
        "record_cancelled",
    ]  # fmt: skip


def test_the_event_of_a_cut_has_its_numbers() -> None:
    day = Day(spec_of()).play("""
        05:00 seen
        05:30 cut
        06:00 book 7200000
    """)
    (event,) = day.events()
    assert (event.at_ms, event.kind) == (at("05:30"), "cutover")
    assert (event.meter, event.quantity) == ("main", "energy_import")
    assert event.numbers == {
        "record": "Conveyor", "run": 1, "cause": "command", "actor": "ann",
        "usage": "1", "unit": "kWh", "silent": False,
    }  # fmt: skip


def test_a_cut_in_silence_says_so() -> None:
    day = Day(spec_of(**SHIFTS)).play("""
        05:50 seen
        06:15 tick
    """)
    (event,) = day.events()
    assert event.numbers["silent"] is True
    assert event.numbers["actor"] == "meterd"


def test_the_audit_columns_follow_what_is_found_out_and_who_wanted_it() -> None:
    day = Day(spec_of(**SHIFTS)).play("""
        05:50 seen
        06:15 tick
        06:20 cut
        06:30 book 10
    """)
    first, second, third = day.rows()
    assert (first.created_ms, first.modified_ms) == (at("05:50"), at("06:15"))
    assert first.modified_by == "meterd"
    assert (second.start_ms, second.created_ms) == (at("06:00"), at("06:15"))
    assert (second.modified_ms, second.modified_by) == (at("06:30"), "ann")
    assert (third.modified_ms, third.modified_by) == (None, None)
    assert len({row.id for row in day.rows()}) == 3


def test_a_restart_leaves_no_trace_in_the_record() -> None:
    day = Day(spec_of()).play("""
        05:00 seen
        05:20 restart
        05:30 book 1
    """)
    (row,) = day.rows()
    assert (row.status, row.modified_ms, row.modified_by) == ("RUNNING", None, None)
    assert day.events() == []


def test_the_row_of_no_record_is_none() -> None:
    assert Day(spec_of()).recorder.row() is None


REFUSED = {
    "resume what runs": ("05:00 seen\n05:00 resume", "resume"),
    "pause before the first reading": ("05:00 pause", "pause"),
    "pause what waits for its first reading": ("05:00 begin\n05:01 pause", "pause"),
    "pause twice": ("05:00 seen\n05:00 pause\n05:00 pause", "pause"),
    "pause twice before a reading": ("05:00 seen\n05:01 pause\n05:02 pause", "pause"),
    "resume before the pause": ("05:00 seen\n05:02 pause\n05:01 resume", "resume"),
    "cancel a record of no length": ("05:00 seen\n05:00 cancel", "cancel"),
    "cut a record of no length": ("05:00 seen\n05:00 cut", "command"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_an_order_that_cannot_be_carried_out_is_told(case: tuple[str, str]) -> None:
    script, cause = case
    refused = Day(spec_of()).play(script).events()[-1]
    assert refused.kind == "record_order_refused"
    assert (refused.numbers["cause"], refused.numbers["actor"]) == (cause, "ann")


WHYS = {
    "05:00 pause": "Conveyor: it keeps no record, for it is disabled",
    "05:00 begin\n05:00 cut": "Conveyor: its record is IDLE, for nothing was read yet",
    "05:00 seen\n05:00 resume": "Conveyor: its record is RUNNING",
    "05:00 seen\n05:01 pause\n05:02 pause": "Conveyor: its record is PAUSED",
    "05:00 seen\n05:00 cut": "Conveyor: its record has only just begun",
}


@pytest.mark.parametrize("script", WHYS, ids=WHYS.values())
def test_a_refusal_says_why(script: str) -> None:
    enabled = "disabled" not in WHYS[script]
    assert Day(spec_of(enabled=enabled)).play(script).events()[-1].numbers["why"] == WHYS[script]


def test_what_is_watched_may_change_in_vain() -> None:
    day = Day(spec_of())
    day.recorder.change(at("05:00"), day.journal)
    assert day.kinds() == []


def test_orders_that_wait_are_bounded() -> None:
    day = Day(spec_of()).play("05:00 seen")
    for second in range(ORDERS_MAX + 3):
        day.recorder.change(at("05:01") + second * 1000, day.journal)
    assert len(day.recorder.state.orders) == ORDERS_MAX
    assert day.kinds() == ["record_order_refused"] * 3
    day.play("05:30 book 1800")
    assert len(day.rows()) == ORDERS_MAX + 1
    assert sum(row.usage for row in day.rows()) == 1800


def test_the_cuts_of_one_booking_are_bounded() -> None:
    day = Day(spec_of(max_duration_ms=30_000)).play("00:00 seen")
    day.play("5+00:00 book 14400")
    rows = day.rows()
    assert len(rows) == MARKS_MAX + 1
    assert rows[-2].end_ms == at("00:00") + MARKS_MAX * 30_000
    assert sum(row.usage for row in rows) == 14400
    assert day.kinds().count("cutovers_skipped") == 1
    day.play("5+00:01 book 1")
    assert day.rows()[MARKS_MAX].end_ms == at("5+00:00")


def test_the_cuts_of_a_long_silence_go_on_at_the_next_call() -> None:
    day = Day(spec_of(max_duration_ms=30_000)).play("00:00 seen\n12:00 tick")
    assert len(day.rows()) == PART_MAX + 1
    assert day.recorder.due_ms() < at("12:00")
    day.play("12:00 tick")
    assert day.rows()[-1].start_ms == at("11:45")


# -- when ------------------------------------------------------------------------------------


def test_nothing_is_due_where_nothing_is_planned() -> None:
    assert Day(spec_of(**TEN)).recorder.due_ms() == NEVER
    assert Day(spec_of()).play("05:00 seen").recorder.due_ms() == NEVER


def test_it_is_due_fifteen_minutes_after_the_first_of_its_marks() -> None:
    day = Day(spec_of(**SHIFTS, max_duration_ms=60 * MINUTE_MS)).play("05:30 seen")
    assert day.recorder.due_ms() == at("06:15")
    day.play("05:40 cut")
    assert day.recorder.due_ms() == at("05:55")
    day.play("07:00 restart")
    assert day.recorder.due_ms() == at("07:15")
