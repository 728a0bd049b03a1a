"""A record of several counters: counted as far as all are known, cut where one of them was."""

from __future__ import annotations

from fractions import Fraction

import msgspec
from tests.records.day import TEN, Day, at, changed, spec_of

from meterd.events import Booking
from meterd.specs import Term

A, B = Term(Fraction(1), "a", "volume"), Term(Fraction(1), "b", "volume")


class Sum:
    """A day of the sum of two counters, each read on its own."""

    def __init__(self, day: Day) -> None:
        self.day = day
        self._read_ms = {0: 0, 1: 0}

    def book(self, part: int, when: str, amount: int, cut: str = "", after: int = 0) -> None:
        start_ms, end_ms = self._read_ms[part], at(when)
        self._read_ms[part] = end_ms
        booking = Booking("ab"[part], "volume", start_ms, end_ms, amount, cut=cut, after=after)
        self.day.recorder.book(booking, self.day.journal, part)


def summed(**settings: object) -> Sum:
    one = Sum(Day(spec_of(terms=(A, B), **settings)))
    one.book(0, "12:00", 0)
    one.book(1, "12:00", 0)
    return one


def test_it_starts_where_all_parts_are_known() -> None:
    one = Sum(Day(spec_of(terms=(A, B))))
    one.book(0, "12:00", 0)
    one.book(0, "12:05", 7)
    assert one.day.table() == []
    one.book(1, "12:05", 0)
    assert one.day.table() == ["1 12:05 - RUNNING 0 -", "not recorded 7"]


def test_it_is_counted_as_far_as_all_are_known() -> None:
    one = summed()
    one.book(0, "12:10", 100)
    assert one.day.table() == ["1 12:00 - RUNNING 0 -"]
    one.book(1, "12:05", 30)
    assert one.day.table() == ["1 12:00 - RUNNING 80 -"]
    one.book(1, "12:10", 30)
    assert one.day.table() == ["1 12:00 - RUNNING 160 -"]


def test_the_replacement_of_one_part_cuts_it_once_the_others_are_there() -> None:
    one = summed()
    one.book(0, "12:10", 100, "replacement", after=10)
    assert one.day.table() == ["1 12:00 - RUNNING 0 -"]
    one.book(1, "12:20", 40)
    assert one.day.table() == [
        "1 12:00 12:10 COMPLETED 110 replacement", "2 12:10 - RUNNING 0 -",
    ]  # fmt: skip
    one.book(0, "12:20", 0)
    assert one.day.table()[1] == "2 12:10 - RUNNING 30 -"


def test_where_a_part_stays_silent_it_is_cut_with_what_is_known() -> None:
    one = summed(**TEN)
    one.book(0, "12:20", 200)
    one.day.recorder.advance(at("12:26"), one.day.journal)
    assert one.day.table() == ["1 12:00 12:10 COMPLETED 100 duration", "2 12:10 - RUNNING 0 -"]
    one.book(1, "12:20", 20)
    assert sum(row.usage for row in one.day.rows()) == 220


def test_other_terms_lose_nothing_that_waited() -> None:
    one = summed()
    one.book(0, "12:10", 100)
    after = changed(one.day, spec_of(terms=(A,)))
    assert after.table() == ["1 12:00 - RUNNING 100 -"]


def test_it_is_faulted_while_one_of_its_parts_is() -> None:
    one = summed()
    recorder, journal = one.day.recorder, one.day.journal
    recorder.check(0, True, at("12:05"), journal)
    recorder.check(1, True, at("12:06"), journal)
    recorder.check(0, False, at("12:07"), journal)
    assert one.day.table() == ["1 12:00 - FAULTED 0 -"]
    recorder.check(1, False, at("12:08"), journal)
    assert one.day.table() == ["1 12:00 - RUNNING 0 -"]


def test_a_state_with_sums_comes_back_as_it_was() -> None:
    one = summed()
    one.book(0, "12:10", 100)
    state = one.day.recorder.state
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=type(state)) == state
