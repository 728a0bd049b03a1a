"""What was used before an instant: of one booking by time, of a sum as far as it is known."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterd.events import Booking
from meterd.metering.parts import Parts, PartsState
from meterd.records.usage import of_booking, of_sum
from meterd.specs import Term

TERMS = (Term(Fraction(1), "main", "energy_import"), Term(Fraction(-1), "pv", "energy_import"))
ASKED = {
    "by time, rounded down, and the rest to what comes later": (
        (1000, 1010, 7),
        [(1003, 2), (1006, 2), (1009, 2), (1010, 1)],
    ),
    "nothing before it begins, all of it from its end on": (
        (1000, 1010, 7),
        [(900, 0), (1000, 0), (1010, 7), (2000, 0)],
    ),
    "whoever asks only after its end is given all": ((1000, 1010, 7), [(5000, 7)]),
    "the same instant twice is given nothing twice": (
        (1000, 1010, 10),
        [(1005, 5), (1005, 0), (1010, 5), (1010, 0)],
    ),
    "where the clock was stepped back it is of one instant": (
        (1000, 1000, 7),
        [(999, 0), (1000, 7), (1001, 0)],
    ),
}


def booked(start_ms: int, end_ms: int, amount: int, meter: str = "main") -> Booking:
    return Booking(meter, "energy_import", start_ms, end_ms, amount)


@pytest.mark.parametrize(("booking", "asked"), ASKED.values(), ids=ASKED.keys())
def test_of_one_booking(booking: tuple[int, int, int], asked: list[tuple[int, int]]) -> None:
    before = of_booking(booked(*booking), booking[2])
    assert [(at_ms, before(at_ms)) for at_ms, _given in asked] == asked


def test_only_what_is_to_be_counted_of_a_booking_is_spread_over_it() -> None:
    before = of_booking(booked(1000, 1010, 100), 30)
    assert [before(1005), before(1010)] == [15, 15]


def test_two_who_ask_of_one_booking_do_not_take_from_each_other() -> None:
    one, other = (of_booking(booked(1000, 1010, 8), 8) for _ in range(2))
    assert [one(1005), other(1010), one(1010)] == [4, 8, 4]


def test_of_a_sum_each_register_counts_by_its_sign_and_nothing_twice() -> None:
    parts = Parts(TERMS, PartsState())
    for index in range(2):
        parts.add(index, booked(1000, 1000, 0))
    before = of_sum(parts)
    parts.add(0, booked(1000, 1010, 100))
    parts.add(1, booked(1000, 1010, 40))
    assert [before(1005), before(1005), before(1010)] == [50 - 20, 0, 50 - 20]
    parts.add(1, booked(1010, 1020, 5))
    assert before(1020) == -5, "what was booked after it was made counts too"


@pytest.mark.law
@given(st.integers(0, 10**12), st.integers(0, 10**7), st.lists(st.integers(-9, 10**7 + 9)))
def test_the_shares_of_a_booking_add_up_to_it(amount: int, span_ms: int, cuts: list[int]) -> None:
    before = of_booking(booked(1000, 1000 + span_ms, amount), amount)
    shares = [before(1000 + cut_ms) for cut_ms in [*sorted(cuts), span_ms + 10**7 + 9]]
    assert sum(shares) == amount
    assert min(shares) >= 0
