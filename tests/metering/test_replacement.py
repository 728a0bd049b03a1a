"""A counter that is replaced now: what is booked, what the dial says, what is told."""

from __future__ import annotations

import pytest
from tests.metering.days import KWH, live
from tests.metering.replacing import READ, SERIAL, at, lived, told

from meterd.events import GAP, MISSING


def test_the_tail_is_booked_and_the_new_one_begins_at_its_initial_reading() -> None:
    register = lived(READ)
    (booking,), event = told(register, 720, old_final=509, new_initial=12, serial="B")
    assert (booking.start_ms, booking.end_ms, booking.amount) == (at(360), at(720), 4 * KWH)
    assert (booking.quality, booking.cut, booking.after) == (GAP, "replacement", 0)
    assert (event.kind, event.at_ms, event.quantity) == ("meter_replaced", at(720), "energy_import")
    assert event.numbers == {
        "baseline": "505", "since": "2023-11-14T22:19:20Z", "old_final": "509",
        "new_initial": "12", "serial": "B", "booked": "4", "unit": "kWh", "actor": "ann",
        "forced": False,
    }  # fmt: skip
    live(register, "1080  B:15  -  3")
    assert register.state.booked == 12 * KWH
    assert register.state.adjusted == (12 - 509) * KWH


def test_without_the_final_reading_what_was_used_last_is_missing() -> None:
    register = lived(READ)
    (booking,), event = told(register, 720, new_initial=12)
    assert (booking.amount, booking.quality, booking.cut) == (0, MISSING, "replacement")
    assert "old_final" not in event.numbers
    live(register, "1080  15  -  3")


@pytest.mark.parametrize("policy", ["reconcile", "strict"])
def test_without_the_initial_reading_the_new_one_begins_with_its_next(policy: str) -> None:
    register = lived(READ, on_decrease=policy)
    told(register, 720, old_final=509)
    live(
        register,
        """
        1080  B:14  baseline_set  0
        1440  B:16  -             2
        """,
    )
    assert register.state.booked == 11 * KWH


def test_an_open_question_about_the_old_one_is_dropped() -> None:
    register = lived(READ)
    live(register, "720  11  decrease_discarded  0")
    told(register, 1080, swapped=700, old_final=509, new_initial=10)
    live(
        register,
        """
        720   11  duplicate  0
        1080  13  -          3
        """,
    )


def test_a_reading_before_it_is_out_of_order() -> None:
    register = lived(READ)
    told(register, 720, old_final=509, new_initial=12)
    live(register, "700  12  out_of_order  0\n1080  13  -  1")


def test_a_clock_set_back_replaces_at_the_last_reading() -> None:
    register = lived(READ)
    (booking,), _event = told(register, 300, old_final=505, new_initial=12)
    assert (booking.start_ms, booking.end_ms) == (at(360), at(360))


def test_what_was_remembered_of_the_old_one_is_forgotten() -> None:
    register = lived(READ + "720  5  decrease_discarded  0\n1080  9  reset_confirmed  4")
    told(register, 1440, old_final=10, new_initial=500)
    live(register, "1800  506  -  6")


def test_what_is_forced_was_used_over_the_time_that_it_takes() -> None:
    register = lived(READ)
    (booking,), event = told(register, 720, old_final=605, new_initial=0, force=True)
    assert booking.amount == 100 * KWH
    assert booking.since_ms == at(720 - 3600)
    assert event.numbers["forced"] is True


def test_a_debt_is_paid_by_the_tail() -> None:
    register = lived(
        """
        0     505  baseline_set               0
        360   10   decrease_discarded         0
        720   19   reset_confirmed            9
        1080  506  flaky_cleared,debt_raised  0
        """
    )
    assert register.state.debt == 8 * KWH
    (booking,), event = told(register, 1440, old_final=515, new_initial=0)
    assert (booking.amount, event.numbers["booked"]) == (KWH, "1")
    assert register.state.debt == 0


def test_no_ceiling_no_limit() -> None:
    register = lived(READ, per_hour=None)
    (booking,), _event = told(register, 720, old_final=9000, new_initial=0)
    assert booking.since_ms == at(360)


def test_a_serial_number_is_remembered_and_its_absence_asks_for_the_next() -> None:
    register = lived(SERIAL)
    told(register, 5000, old_final=17, new_initial=0, serial="C")
    assert register.state.serial == "C"
    told(register, 6000, new_initial=0)
    assert register.state.serial == ""
    told(register, 6100, swapped=5500, serial="D", old_final=1)
    assert register.state.serial == "D"
