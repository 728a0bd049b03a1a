"""A sum of registers, lined up: pieces wait, are split by time, and nothing is lost."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterd.events import GAP, GOOD, MISSING, QUESTIONABLE, Booking
from meterd.metering import parts as module
from meterd.metering.parts import EVER_MS, Parts, PartsState, Share
from meterd.specs import Term

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
NET = (Term(Fraction(1), "main", "energy_import"), Term(Fraction(-1), "sub", "energy_import"))
HALF = (Term(Fraction(1, 2), "main", "energy_import"),)
MAIN, SUB = 0, 1


class Lined:
    """A sum, and how far each of its parts has booked."""

    def __init__(self, terms: tuple[Term, ...] = NET, begin_ms: int = HOUR) -> None:
        self.parts = Parts(terms, PartsState())
        self.until_ms = dict.fromkeys(range(len(terms)), begin_ms)
        for index in self.until_ms:
            self.book(index, begin_ms, 0)

    def book(self, part: int, end_ms: int, amount: int, **more: Any) -> None:
        cuts = more.pop("cuts", False)
        start_ms, self.until_ms[part] = self.until_ms[part], end_ms
        row = Booking("m", "q", start_ms, end_ms, amount, **more)
        self.parts.add(part, row, cuts=cuts)

    def took(self, at_ms: int) -> int:
        return self.parts.take(at_ms).amount


def test_it_is_known_as_far_as_the_slowest_part() -> None:
    sum_ = Lined()
    assert sum_.parts.known_ms() == HOUR
    sum_.book(MAIN, HOUR + MINUTE, 600)
    assert sum_.parts.known_ms() == HOUR
    sum_.book(SUB, HOUR + 30 * SECOND, 100)
    assert sum_.parts.known_ms() == HOUR + 30 * SECOND
    assert sum_.took(sum_.parts.known_ms()) == 300 - 100


def test_it_begins_where_the_last_part_does() -> None:
    parts = Parts(NET, PartsState())
    parts.add(MAIN, Booking("m", "q", 100, 200, 50))
    assert parts.known_ms() == 0
    parts.add(SUB, Booking("m", "q", 350, 350, 0))
    assert parts.known_ms() == 0, "main is not known where sub begins"
    parts.add(MAIN, Booking("m", "q", 200, 400, 40))
    assert (parts.begin_ms(), parts.known_ms()) == (350, 350)
    assert parts.take(350).amount == 50 + 30, "what was used before it is no part of it"
    assert parts.take(400).amount == 10


def test_a_piece_is_split_by_time_and_nothing_of_it_lost() -> None:
    sum_ = Lined(HALF)
    sum_.book(MAIN, HOUR + 3000, 100)
    shares = [sum_.took(HOUR + at_ms) for at_ms in (1000, 2000, 3000)]
    assert shares == [16, 17, 17]
    assert sum_.took(EVER_MS) == 0


def test_the_fraction_of_a_coefficient_is_carried() -> None:
    third = (Term(Fraction(1, 3), "main", "energy_import"),)
    sum_ = Lined(third)
    shares = []
    for minute in range(1, 7):
        sum_.book(MAIN, HOUR + minute * MINUTE, 1)
        shares.append(sum_.took(HOUR + minute * MINUTE))
    assert shares == [0, 0, 1, 0, 0, 1]


def test_what_lies_after_a_cut_waits() -> None:
    sum_ = Lined(HALF)
    sum_.book(MAIN, HOUR + 1000, 100, cut="rollover", after=40, cuts=True)
    assert sum_.took(HOUR + 1000) == 30
    sum_.book(MAIN, HOUR + 2000, 0)
    assert sum_.took(HOUR + 2000) == 20
    sum_.book(MAIN, HOUR + 3000, 100, cut="rollover", after=40)
    assert sum_.took(HOUR + 3000) == 50, "nobody cuts here"
    sum_.book(MAIN, HOUR + 4000, 8, cut="reset", after=8, cuts=True)
    assert sum_.took(HOUR + 4000) == 0
    assert sum_.took(HOUR + 4001) == 4


def test_the_worst_quality_of_a_stretch_is_its_quality() -> None:
    sum_ = Lined()
    sum_.book(MAIN, HOUR + MINUTE, 60)
    sum_.book(SUB, HOUR + MINUTE, 20)
    assert sum_.parts.take(HOUR + MINUTE) == Share(40)
    sum_.book(MAIN, 2 * HOUR, 6, event="")
    sum_.book(SUB, 2 * HOUR, 3, quality=GAP, event="flaky_cleared")
    half_ms = HOUR + 30 * MINUTE
    share = sum_.parts.take(half_ms)
    assert (share.quality, share.event) == (GAP, "flaky_cleared")
    assert (share.from_ms, share.to_ms) == (HOUR + MINUTE, 2 * HOUR), "the whole gap, not a part"
    sum_.book(MAIN, 3 * HOUR, 5, quality=QUESTIONABLE)
    sum_.book(SUB, 2 * HOUR + MINUTE, 0, quality=MISSING)
    share = sum_.parts.take(2 * HOUR + MINUTE)
    assert share.quality == MISSING
    assert share.to_ms == 3 * HOUR


def test_a_gap_that_was_a_part_of_a_longer_one_keeps_its_ends() -> None:
    sum_ = Lined(HALF)
    row: dict[str, Any] = {"quality": GAP, "since_ms": MINUTE, "gap_to_ms": 5 * HOUR}
    sum_.book(MAIN, HOUR + MINUTE, 60, **row)
    assert sum_.parts.take(HOUR + MINUTE)[2:4] == (MINUTE, 5 * HOUR)


def test_turns_are_where_the_quality_may_change() -> None:
    sum_ = Lined()
    assert sum_.parts.turn_ms(0) == EVER_MS
    sum_.book(MAIN, HOUR + MINUTE, 60)
    sum_.book(SUB, HOUR + MINUTE, 60)
    sum_.book(SUB, 2 * HOUR, 60, quality=GAP)
    assert sum_.parts.turn_ms(HOUR) == HOUR + MINUTE
    assert sum_.parts.turn_ms(HOUR + MINUTE) == 2 * HOUR


def test_time_that_the_clock_skipped_is_told_apart() -> None:
    sum_ = Lined()
    sum_.until_ms[MAIN] = 9 * HOUR  # a booking begins hours after the last one ended
    sum_.book(MAIN, 9 * HOUR + MINUTE, 60)
    assert sum_.parts.skipped_ms(HOUR) == 9 * HOUR
    assert sum_.parts.skipped_ms(HOUR - 1) == 0
    assert sum_.parts.skipped_ms(9 * HOUR) == 0
    share = sum_.parts.take(9 * HOUR)
    assert (share.amount, share.quality, share.event) == (0, MISSING, module.SKIPPED)


def test_a_booking_of_no_length_is_handed_over_with_the_next() -> None:
    sum_ = Lined(HALF)
    sum_.book(MAIN, HOUR, 10)
    assert sum_.took(HOUR) == 5


def test_what_waits_is_bounded_and_only_its_shape_is_lost(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "PIECES_MAX", 4)
    sum_ = Lined()
    assert sum_.took(HOUR) == 0
    sum_.book(MAIN, HOUR + MINUTE, 60)
    assert sum_.took(HOUR + 30 * SECOND) == 30
    for minute in range(2, 12):
        sum_.book(MAIN, HOUR + minute * MINUTE, 60)
    pieces = sum_.parts.state.parts[MAIN].pieces
    assert len(pieces) <= 4
    assert pieces[0].start_ms == HOUR + 30 * SECOND, "what was handed over is not joined again"
    assert sum(piece.amount for piece in pieces) == 11 * 60 - 30
    assert {piece.quality for piece in pieces} == {GOOD}
    for minute in range(12, 60):
        sum_.book(MAIN, HOUR + minute * MINUTE, 60)
    long = sum_.parts.state.parts[MAIN].pieces[0]
    assert long.end_ms - long.start_ms > 15 * MINUTE
    assert (long.quality, long.from_ms, long.to_ms) == (GAP, long.start_ms, long.end_ms)
    sum_.book(SUB, HOUR + 59 * MINUTE, 0)
    assert sum_.took(HOUR + 59 * MINUTE) == 59 * 60 - 30


def test_joined_pieces_keep_the_worst_quality_and_the_hull(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "PIECES_MAX", 1)
    sum_ = Lined()
    sum_.book(MAIN, 2 * HOUR, 60, quality=GAP)
    sum_.book(MAIN, 2 * HOUR + MINUTE, 6, quality=QUESTIONABLE, event="minimum_booked")
    (piece,) = sum_.parts.state.parts[MAIN].pieces
    assert (piece.quality, piece.event) == (QUESTIONABLE, "minimum_booked")
    assert (piece.from_ms, piece.to_ms, piece.amount) == (HOUR, 2 * HOUR + MINUTE, 66)


def test_with_other_terms_what_waited_is_left_over() -> None:
    sum_ = Lined()
    sum_.book(MAIN, HOUR + MINUTE, 60)
    state = sum_.parts.state
    assert Parts(NET, state).left == 0
    other = Parts((NET[0], Term(Fraction(1), "new", "energy_import")), state)
    assert other.left == 60
    assert [part.until_ms for part in state.parts] == [HOUR + MINUTE, 0]
    assert other.known_ms() == 0, "the new one has not begun"
    assert Parts(HALF, PartsState()).left == 0


# -- laws -----------------------------------------------------------------------------------

COEFFICIENTS = st.fractions(min_value=-3, max_value=3, max_denominator=7).filter(bool)
STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),  # which part
        st.integers(0, 7_200_000),
        st.integers(0, 10**9),
        st.sampled_from([GOOD, GOOD, GAP, QUESTIONABLE, MISSING]),
        st.booleans(),  # whether it is cut
        st.one_of(st.none(), st.integers(-MINUTE, 2 * HOUR)),  # when to take, from now
    ),
    max_size=40,
)


@pytest.mark.law
@given(st.tuples(COEFFICIENTS, COEFFICIENTS, COEFFICIENTS), STEPS, st.integers(3, 1000))
def test_each_term_is_conserved_exactly(
    coefficients: tuple[Fraction, ...], steps: list[tuple[Any, ...]], most: int
) -> None:
    terms = tuple(Term(one, f"m{place}", "q") for place, one in enumerate(coefficients))
    sum_, taken, raw = Lined(terms), 0, [0, 0, 0]
    module.PIECES_MAX, before = most, module.PIECES_MAX  # type: ignore[misc]
    try:
        for part, wait_ms, amount, quality, cuts, ask_ms in steps:
            end_ms = sum_.until_ms[part] + wait_ms
            after = amount // 3 if cuts else 0
            sum_.book(part, end_ms, amount, quality=quality, after=after, cuts=cuts)
            raw[part] += amount
            if ask_ms is not None:
                taken += sum_.took(end_ms + ask_ms)
            body = msgspec.msgpack.encode(sum_.parts.state)
            state = msgspec.msgpack.decode(body, type=PartsState)
            assert Parts(terms, state).left == 0
            sum_.parts = Parts(terms, state)
    finally:
        module.PIECES_MAX = before  # type: ignore[misc]
    taken += sum_.took(EVER_MS)
    carried = sum(Fraction(part.carry, part.denominator) for part in sum_.parts.state.parts)
    assert taken + carried == sum(map(lambda one, by: one * by, raw, coefficients))
