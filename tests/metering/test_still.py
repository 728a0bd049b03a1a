"""A counter that stands still while power flows, and those that only seem to."""

from __future__ import annotations

import pytest

from meterd.metering.still import LONG_MS, Still
from meterd.specs import STALE_MS

MINUTE = 60_000
KWH = 3_600_000
HOURS = LONG_MS // MINUTE


def lived(still: Still, minutes: range, dial: int, kw: float) -> list[bool | None]:
    return [still.see(minute * MINUTE, dial, kw) for minute in minutes]


def test_it_stands_still_when_power_says_that_it_cannot() -> None:
    still = Still(2 * KWH)
    found = lived(still, range(HOURS + 1), 7, 10.0)
    assert found == [None] * HOURS + [True]
    assert (still.since_ms, still.due_j) == (0, 10 * KWH * HOURS / 60)


def test_it_is_over_when_it_moves_and_begins_anew_from_there() -> None:
    still = Still(2 * KWH)
    lived(still, range(HOURS + 1), 7, 10.0)
    assert lived(still, range(HOURS + 1, HOURS + 3), 8, 10.0) == [False, None]
    assert (still.since_ms, still.due_j) == ((HOURS + 1) * MINUTE, 10 * KWH / 60)


@pytest.mark.parametrize(
    ("minutes", "kw"),
    [
        (range(HOURS + 1), 0.5),
        (range(HOURS + 1), -10.0),
        (range(30), 10.0),
        (range(0, 10 * HOURS, STALE_MS // MINUTE + 1), 10.0),
    ],
    ids=["too little to count", "it flows out", "not for long", "nobody knows what lay between"],
)
def test_it_may_well_be_right(minutes: range, kw: float) -> None:
    assert set(lived(Still(2 * KWH), minutes, 7, kw)) == {None}


def test_of_two_powers_the_lower_one_counts() -> None:
    still = Still(KWH)
    for minute in range(HOURS + 1):
        still.see(minute * MINUTE, 7, 0.0 if minute % 2 else 10.0)
    assert still.due_j == 0
