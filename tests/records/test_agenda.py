"""What is to happen to an open record: cuts that fall due, and orders that wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.records.day import DAY_MS, MINUTE_MS, SHIFTS, TEN, at, spec_of, told

from meterd.metering.calendar import Calendar
from meterd.orders import RECORD_ORDERS
from meterd.records.agenda import COMMAND, ORDERED, Agenda
from meterd.records.life import NEXT, Cause, Status
from meterd.records.record import Mark, RecorderState

UTC = Calendar("UTC")
NOTHING: dict[str, Any] = {}
OFF = {"enabled": False}
CUT, PAUSE, RESUME = Cause.CUTOVER, Cause.PAUSE, Cause.RESUME


def agenda(
    settings: Mapping[str, Any] = NOTHING,
    start: str = "05:00",
    booked: str = "05:00",
    status: Status = Status.RUNNING,
) -> tuple[Agenda, RecorderState]:
    """That of a record that began then, and is known up to there."""
    state = RecorderState(status, start_ms=at(start), booked_ms=at(booked))
    return Agenda(spec_of(**settings), state, UTC), state


def order(when: str, cause: Cause = CUT, reason: str = COMMAND) -> Mark:
    return Mark(at(when), cause, reason, "ann")


def shown(mark: Mark | None) -> str:
    """`06:00 cutover schedule`, or `-`."""
    return "-" if mark is None else f"{told(mark.at_ms)} {mark.cause} {mark.reason}".rstrip()


DUE: dict[str, tuple[dict[str, Any], str, str, str]] = {
    # settings, where the record began, up to where it is known -> what is next
    "nothing, if nothing was asked for": ({}, "05:00", "05:07", "-"),
    "the schedule": (SHIFTS, "05:00", "05:07", "06:00 cutover schedule"),
    "not the instant at which it began by schedule": (
        SHIFTS, "06:00", "06:00", "14:00 cutover schedule",
    ),
    "not what a booking has passed": (SHIFTS, "05:00", "06:00", "14:00 cutover schedule"),
    "its duration from its start": (TEN, "05:03", "05:07", "05:13 cutover duration"),
    "a duration that a booking has passed, at its end": (
        TEN, "05:03", "05:20", "05:20 cutover duration",
    ),
    "the earlier of both, the duration": (
        SHIFTS | TEN, "05:30", "05:35", "05:40 cutover duration",
    ),
    "the earlier of both, the schedule": (
        SHIFTS | TEN, "05:55", "05:55", "06:00 cutover schedule",
    ),
    "of both at one instant the schedule": (
        SHIFTS | TEN, "05:50", "05:55", "06:00 cutover schedule",
    ),
    "the end, where it is known, once it is disabled": (
        SHIFTS | OFF, "05:00", "05:07", "05:07 cutover disabled",
    ),
    "the end, where it began, if it is disabled at once": (
        TEN | OFF, "05:10", "05:07", "05:10 cutover disabled",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("settings", "start", "booked", "then"), DUE.values(), ids=DUE.keys())
def test_next_is(settings: Mapping[str, Any], start: str, booked: str, then: str) -> None:
    plan, _state = agenda(settings, start, booked)
    assert shown(plan.next()) == then


@pytest.mark.parametrize("settings", [SHIFTS, TEN, OFF])
def test_a_record_that_does_not_run_has_nothing_to_come(settings: Mapping[str, Any]) -> None:
    plan, state = agenda(settings, status=Status.IDLE)
    state.orders = [order("05:05")]
    assert plan.next() is None


def test_a_paused_record_is_cut_all_the_same() -> None:
    plan, _state = agenda(SHIFTS, status=Status.PAUSED)
    assert shown(plan.next()) == "06:00 cutover schedule"


# -- orders that wait -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "then"),
    [
        ("05:59", "05:59 pause"),
        ("06:00", "06:00 cutover schedule"),
        ("06:01", "06:00 cutover schedule"),
    ],
)
def test_an_order_comes_in_its_time_and_a_cut_that_is_due_before_it(when: str, then: str) -> None:
    plan, _state = agenda(SHIFTS)
    plan.wait(order(when, PAUSE, ""))
    assert shown(plan.next()) == then


def test_an_order_to_a_record_without_any_cuts_is_all_there_is() -> None:
    plan, _state = agenda()
    plan.wait(order("05:30"))
    assert shown(plan.next()) == "05:30 cutover command"


def test_orders_wait_by_time_and_those_of_one_instant_as_they_came() -> None:
    plan, state = agenda()
    marks = [order("05:30", PAUSE), order("05:10"), order("05:30", RESUME), order("05:20")]
    for mark in marks:
        plan.wait(mark)
    assert state.orders == [marks[1], marks[3], marks[0], marks[2]]


def test_an_order_that_was_carried_out_waits_no_more() -> None:
    plan, state = agenda()
    first, second = order("05:10", PAUSE), order("05:20", RESUME)
    plan.wait(first)
    plan.wait(second)
    plan.done(first)
    assert state.orders == [second]
    assert plan.next() is second
    plan.done(second)
    assert (state.orders, plan.next()) == ([], None)


def test_a_cut_that_was_due_takes_no_order_with_it() -> None:
    plan, state = agenda(TEN)
    due = plan.next()
    assert due is not None
    plan.done(due)
    assert state.orders == []
    plan.wait(Mark(due.at_ms, due.cause, due.reason))
    plan.done(due)
    assert len(state.orders) == 1, "one that looks the same is another"


def test_orders_are_kept_in_the_state_and_so_outlive_a_restart() -> None:
    plan, state = agenda(SHIFTS)
    plan.wait(order("05:30"))
    assert shown(Agenda(spec_of(), state, UTC).next()) == "05:30 cutover command"


def test_every_order_of_an_operator_is_known_and_only_those_that_end_a_record_cut_it() -> None:
    assert set(ORDERED) == set(RECORD_ORDERS)
    ends = {Status.COMPLETED, Status.CANCELLED}
    for cause, reason in ORDERED.values():
        assert bool(reason) == (NEXT[Status.RUNNING].get(cause) in ends)


# -- what is foreseen -----------------------------------------------------------------------

FORESEEN = [
    # status, the orders that wait, an instant -> the status then
    (Status.RUNNING, "", "05:30", Status.RUNNING),
    (Status.RUNNING, "05:10 pause", "05:09", Status.RUNNING),
    (Status.RUNNING, "05:10 pause", "05:10", Status.PAUSED),
    (Status.RUNNING, "05:10 pause  05:20 resume", "05:19", Status.PAUSED),
    (Status.RUNNING, "05:10 pause  05:20 resume", "05:20", Status.RUNNING),
    (Status.RUNNING, "05:10 resume  05:20 pause", "05:30", Status.PAUSED),
    (Status.PAUSED, "05:10 pause", "05:30", Status.PAUSED),
    (Status.PAUSED, "05:10 resume", "05:30", Status.RUNNING),
    (Status.FAULTED, "05:10 pause", "05:30", Status.PAUSED),
    (Status.FAULTED, "05:10 resume", "05:30", Status.FAULTED),
    (Status.RUNNING, "05:10 cutover  05:11 cancel", "05:30", Status.RUNNING),
    (Status.PAUSED, "05:10 cutover", "05:30", Status.PAUSED),
]


@pytest.mark.parametrize(("status", "orders", "when", "then"), FORESEEN)
def test_foreseen_is(status: Status, orders: str, when: str, then: Status) -> None:
    plan, state = agenda(status=status)
    words = orders.split()
    for moment, cause in zip(words[::2], words[1::2], strict=True):
        plan.wait(order(moment, Cause(cause)))
    assert plan.foreseen(at(when)) is then
    assert state.status is status, "it is only foreseen"


def test_a_year_of_shifts_is_gone_through_one_by_one() -> None:
    plan, state = agenda(SHIFTS, "00:00", "00:00")
    cuts = []
    while (mark := plan.next()) and mark.at_ms < DAY_MS + 365 * 86_400_000:
        cuts.append(mark.at_ms)
        state.start_ms = state.booked_ms = mark.at_ms
    assert len(cuts) == 3 * 365
    assert {(cut - DAY_MS) % 86_400_000 // (60 * MINUTE_MS) for cut in cuts} == {6, 14, 22}
