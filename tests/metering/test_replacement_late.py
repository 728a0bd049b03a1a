"""A replacement that the readings have shown: what they could not know is added later."""

from __future__ import annotations

import pytest
from tests.metering.days import KWH, live
from tests.metering.replacing import READ, SERIAL, at, lived, told

from meterd.events import GAP


def test_what_row_4_could_not_know_is_added_as_late_energy() -> None:
    register = lived(SERIAL)
    dial = register.state.dial
    (booking,), event = told(register, 5000, serial="B", old_final=509, new_initial=12)
    assert (booking.start_ms, booking.end_ms) == (at(1080), at(1080))
    assert (booking.amount, booking.quality, booking.cut) == (6 * KWH, GAP, "")
    assert (booking.since_ms, booking.event) == (at(360), "replacement_completed")
    assert register.state.dial == dial
    assert register.state.booked == 13 * KWH
    assert event.kind == "replacement_completed"
    assert event.numbers["baseline"] == "505"
    live(register, "5100  B:17  -  1")


def test_the_two_readings_may_be_told_one_by_one() -> None:
    register = lived(SERIAL)
    (tail,), _event = told(register, 5000, swapped=400, old_final=509)
    (head,), _event = told(register, 5001, serial="B", new_initial=12)
    assert (tail.amount, head.amount) == (4 * KWH, 2 * KWH)


def test_nothing_added_is_nothing_booked() -> None:
    register = lived(SERIAL)
    bookings, event = told(register, 5000, serial="B", old_final=505, new_initial=14)
    assert (bookings, event.kind, event.numbers["booked"]) == ([], "replacement_completed", "0")


def test_under_strict_the_new_ones_first_baseline_counts() -> None:
    register = lived(
        """
        0     A:500  baseline_set    0
        360   A:505  -               5
        720   B:14   meter_replaced  0
        1080  B:16   baseline_set    0
        1440  B:17   -               1
        """,
        on_decrease="strict",
    )
    (booking,), _event = told(register, 5000, serial="B", old_final=509, new_initial=12)
    assert booking.amount == 8 * KWH


def test_before_the_new_one_is_read_its_initial_reading_is_its_baseline() -> None:
    register = lived(READ)
    told(register, 720, old_final=509, serial="B")
    bookings, _event = told(register, 800, serial="B", new_initial=12)
    assert bookings == []
    live(register, "1080  B:15  -  3")


DAYS = {
    "a reset that two readings confirmed": """
        0     500  baseline_set        0
        360   505  -                   5
        720   14   decrease_discarded  0
        1080  16   reset_confirmed     2
    """,
    "a reset after a reboot": """
        0     500  baseline_set  0
        360   505  -             5
        720   14!  reset         0
        1080  16   -             2
    """,
    "a higher level": """
        0     500   baseline_set     0
        360   505   -                5
        720   9014  anomaly_ceiling  0
        1080  9016  level_shift      2
    """,
}


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS.keys())
def test_a_new_level_may_turn_out_to_be_another_counter(day: str) -> None:
    register = lived(day)
    initial = 9012 if "level_shift" in day else 12
    (booking,), event = told(register, 5000, swapped=500, old_final=509, new_initial=initial)
    assert (booking.amount, event.kind) == (6 * KWH, "replacement_completed")


STRICT_RESETS = {
    "what lay between is unbilled already": ("1080  16  baseline_set  0", 6),
    "what lay between is not known": ("1080  60  baseline_set  0", 52),
}


@pytest.mark.parametrize("case", STRICT_RESETS.values(), ids=STRICT_RESETS.keys())
def test_a_reset_under_strict(case: tuple[str, int]) -> None:
    row, added = case
    day = f"0 500 baseline_set 0\n360 505 - 5\n720 14 decrease_discarded 0\n{row}"
    register = lived(day, on_decrease="strict")
    assert register.state.unbilled == (2 * KWH if added == 6 else 0)
    (booking,), _event = told(
        register, 5000, swapped=500, old_final=509, new_initial=12, force=True
    )
    assert booking.amount == added * KWH


def test_once_it_is_completed_the_old_level_does_not_come_back() -> None:
    register = lived(DAYS["a reset that two readings confirmed"])
    told(register, 1100, swapped=500, old_final=509, new_initial=12)
    live(register, "1440  507  anomaly_ceiling  0")


def test_a_withdrawn_replacement_is_none() -> None:
    register = lived(READ.replace("  50", "  A:50") + "720 B:506 meter_replaced 0")
    live(register, "1080  A:507  replacement_withdrawn  2")
    _bookings, event = told(register, 5000, swapped=500, old_final=509)
    assert event.kind == "replacement_refused"


def test_a_false_low_run_was_no_replacement() -> None:
    register = lived(DAYS["a reset that two readings confirmed"])
    live(register, "1440  508  flaky_cleared  1")
    assert register.state.swap is None


def test_late_energy_pays_a_debt_first() -> None:
    register = lived(SERIAL)
    register.state.debt = 4 * KWH
    register.state.booked += 4 * KWH
    register.state.adjusted -= 4 * KWH
    (booking,), _event = told(register, 5000, serial="B", old_final=509, new_initial=12)
    assert (booking.amount, register.state.debt) == (2 * KWH, 0)
