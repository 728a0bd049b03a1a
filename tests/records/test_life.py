"""The table of a record's life."""

from __future__ import annotations

import pytest

from meterd.records.life import INHERITED, NEXT, TERMINAL, Cause, Status, after, may

LIVES = {
    "a plain run": ("start cutover", "RUNNING COMPLETED"),
    "a pause": ("start pause resume cutover", "RUNNING PAUSED RUNNING COMPLETED"),
    "cut while paused": ("start pause cutover", "RUNNING PAUSED COMPLETED"),
    "a fault that passes": ("start fault recover", "RUNNING FAULTED RUNNING"),
    "cut while faulted": ("start fault cutover", "RUNNING FAULTED COMPLETED"),
    "a faulted record is paused": ("start fault pause", "RUNNING FAULTED PAUSED"),
    "cancelled": ("start cancel", "RUNNING CANCELLED"),
    "a restart": ("start restart recover", "RUNNING UNKNOWN RUNNING"),
    "a restart before bad readings": ("start restart fault", "RUNNING UNKNOWN FAULTED"),
}


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES.keys())
def test_a_life(life: tuple[str, str]) -> None:
    causes, statuses = life
    status = Status.IDLE
    for cause, expected in zip(causes.split(), statuses.split(), strict=True):
        status = after(status, Cause(cause))
        assert status == expected, cause


def test_the_seven_statuses_of_the_seed_are_in_the_table() -> None:
    assert set(NEXT) == set(Status)
    assert {status.value for status in Status} == {
        "IDLE", "RUNNING", "COMPLETED", "FAULTED", "CANCELLED", "UNKNOWN", "PAUSED",
    }  # fmt: skip


def test_completed_and_cancelled_are_the_ends() -> None:
    assert {Status.COMPLETED, Status.CANCELLED} == TERMINAL


def test_an_open_record_can_always_be_cut_and_cancelled() -> None:
    for status in set(Status) - TERMINAL - {Status.IDLE}:
        assert may(status, Cause.CUTOVER)
        assert may(status, Cause.CANCEL)


def test_what_the_next_record_inherits_is_what_the_last_one_suffered() -> None:
    for status, cause in INHERITED.items():
        assert after(Status.RUNNING, cause) is status


@pytest.mark.parametrize(
    ("status", "cause"),
    [(s, c) for s in Status for c in Cause if not may(s, c)],
)
def test_a_pair_that_is_not_in_the_table_cannot_happen(status: Status, cause: Cause) -> None:
    with pytest.raises(AssertionError, match=f"that is {status} cannot {cause}"):
        after(status, cause)
