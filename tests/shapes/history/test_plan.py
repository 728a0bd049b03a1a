"""What of a file is taken: what is new, apart from all that is there, and believable."""

from __future__ import annotations

import pytest

from meterd.shapes.history.plan import AMOUNT_MAX, Limits, plan
from meterd.shapes.history.rows import HistoryRow, Refused

HOUR = 3_600_000
KWH = 3_600_000
LIMITS = Limits(100 * HOUR, counts=True, per_hour=10 * KWH)


def row(hour: int, amount: int = KWH, line: int = 0, hours: int = 1) -> HistoryRow:
    return HistoryRow(line or hour + 2, hour * HOUR, (hour + hours) * HOUR, amount)


def test_rows_may_come_in_any_order() -> None:
    found = plan([row(3), row(1), row(2)], [], LIMITS)
    assert [one.start_ms // HOUR for one in found.taken] == [1, 2, 3]
    assert (found.skipped, found.refused) == (0, [])


def test_what_is_there_already_is_skipped_and_never_changed() -> None:
    there = [(HOUR, 2 * HOUR, KWH), (2 * HOUR, 4 * HOUR, KWH)]
    found = plan([row(1), row(2), row(3), row(4)], there, LIMITS)
    assert [one.start_ms // HOUR for one in found.taken] == [4]
    assert found.skipped == 1
    assert [one.why for one in found.refused] == [
        "differs from what is there already at 1970-01-01T02:00:00Z; that stays",
        "overlaps what is there already, from 1970-01-01T03:00:00Z",
    ]


def test_a_row_that_a_file_has_twice_is_taken_once_and_an_overlap_not_at_all() -> None:
    again = row(1, line=9)
    found = plan([row(1), again, row(1, 2 * KWH, line=7), row(2, hours=2), row(3)], [], LIMITS)
    assert len(found.taken) == 2
    assert found.skipped == 1
    assert found.refused == [
        Refused(5, "overlaps line 4 of the same file"),
        Refused(7, "overlaps line 3 of the same file"),
    ]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (row(99, hours=2), "ends after 1970-01-05T04:00:00Z, and the meter has counted itself"),
        (row(1, 11 * KWH), "is more than the meter's ceiling"),
        (row(1, -1), "is negative; what is fed back is energy_export"),
        (row(1, AMOUNT_MAX + 1), "is more than any meter counts"),
        (row(-1), "begins before 1970"),
        (row(1, hours=0), "a day is the most"),
        (row(1, hours=26), "runs from 1970-01-01T01:00:00Z to 1970-01-02T03:00:00Z"),
        (HistoryRow(3, 0, 1 << 70, 1), "to no date"),
    ],
)
def test_what_cannot_be_is_refused(wrong: HistoryRow, why: str) -> None:
    (refused,) = plan([wrong], [], LIMITS).refused
    assert why in refused.why
    assert refused.line == wrong.line


def test_before_the_first_reading_the_present_is_the_end() -> None:
    (refused,) = plan([row(100)], [], Limits(100 * HOUR, counts=False)).refused
    assert refused.why.endswith("it is not over yet")
    assert plan([row(1, 10**12)], [], Limits(100 * HOUR, counts=False)).refused == []


def test_what_was_refused_while_reading_stays_so_and_lines_are_in_order() -> None:
    found = plan([row(99, hours=2, line=8), Refused(2, "x"), Refused(9, "y")], [], LIMITS)
    assert [one.line for one in found.refused] == [2, 8, 9]
