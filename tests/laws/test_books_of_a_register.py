"""Whatever a register does, its books balance, tile time, and say what they leave out."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.laws.lives import CLOCKS, ENERGY, HOUR_MS, Device, Host, Round, registers, rounds

from meterd.events import Booking, Event, PollFailed
from meterd.metering.calendar import Calendar
from meterd.metering.journal import Journal
from meterd.metering.meter import Meter
from meterd.metering.meter_state import MeterState
from meterd.metering.register import RegisterState
from meterd.specs import MeterSpec, RegisterSpec

pytestmark = pytest.mark.law
BERLIN = Calendar("Europe/Berlin")
LIVES = st.tuples(registers(), rounds(1, 40), st.sampled_from(CLOCKS))
Life = tuple[RegisterSpec, list[Round], str]


class Books:
    """A register under way: all it has booked, and what each reading told."""

    def __init__(self, spec: RegisterSpec, clock: str) -> None:
        self.spec = spec
        meter = MeterSpec("m", registers=(spec,))
        self.host, self.device = Host(clock), Device(meter)
        self.meter = Meter(meter, BERLIN, 300_000, MeterState())
        self.journal = Journal(str)
        self.bookings: list[Booking] = []
        self.told: list[Event] = []
        self.first_ms = 0

    @property
    def state(self) -> RegisterState:
        return self.meter.state.registers[ENERGY]

    def live(self, turn: Round) -> None:
        """One round."""
        self.host.wait(turn)
        self.told = []
        for item in self.device.answer(turn, turn.polls[0], self.host):
            if isinstance(item, PollFailed):
                self.meter.fail(item, self.journal)
            else:
                self.meter.feed(item, self.journal)
                self.bookings += self.meter.bookings
            self.told += [o for o in self.journal.take() if isinstance(o, Event)]
        if self.state.first is not None and not self.first_ms:
            self.first_ms = self.host.true_ms


@given(LIVES)
def test_the_dial_is_explained_to_the_last_unit(life: Life) -> None:
    spec, turns, clock = life
    books = Books(spec, clock)
    for turn in turns:
        books.live(turn)
        state = books.state
        known = (state.first or 0) + state.booked + state.unbilled + state.adjusted
        assert known - state.rolled_over == state.dial
        assert state.debt >= 0


@given(LIVES)
def test_bookings_tile_time_and_add_up(life: Life) -> None:
    spec, turns, clock = life
    books = Books(spec, clock)
    for turn in turns:
        books.live(turn)
    bookings, state = books.bookings, books.state
    for booking in bookings:
        assert booking.start_ms <= booking.end_ms
        assert 0 <= booking.after <= booking.amount
        assert booking.unbilled >= 0
    for one, two in pairwise(bookings):
        ahead = two.start_ms - one.end_ms  # only a clock set ahead leaves time out
        assert ahead == 0 or (ahead > 0 and clock == "stepped")
    assert sum(booking.amount for booking in bookings) == state.booked
    assert sum(booking.unbilled for booking in bookings) == state.unbilled


@given(LIVES)
def test_no_more_is_booked_than_the_ceiling_allows(life: Life) -> None:
    """And at least one count at a time, which every entry may be."""
    spec, turns, clock = life
    if spec.per_hour is None:
        return
    books = Books(spec, clock)
    for turn in turns:
        books.live(turn)
        elapsed_ms = books.host.true_ms - books.first_ms
        most = spec.per_hour * elapsed_ms // HOUR_MS + spec.count * len(books.bookings)
        assert books.state.booked + books.state.unbilled <= most


@given(LIVES)
def test_what_is_not_an_ordinary_rise_is_told(life: Life) -> None:
    """Use left out, given up or owed, a loss, a lower bound: never without an event."""
    spec, turns, clock = life
    books = Books(spec, clock)
    for turn in turns:
        before, made = _aside(books.state), len(books.bookings)
        books.live(turn)
        odd = [b for b in books.bookings[made:] if b.quality in ("missing", "questionable")]
        if _aside(books.state) != before or odd:
            assert books.told, turn
        if books.state.debt != before[-1]:
            assert {"debt_raised", "debt_paid"} & {event.kind for event in books.told}


def _aside(state: RegisterState) -> tuple[int, ...]:
    return state.adjusted, state.unbilled, state.rolled_over, state.debt


@given(LIVES)
def test_an_honest_dial_is_booked_to_the_last_unit(life: Life) -> None:
    """Nothing lies, nothing is reset: what was used is booked, whatever was not read."""
    spec, turns, clock = life
    books = Books(spec, clock)
    honest = {"missing", "failed", "offline", "stale", "doubtful", "repeat", "late"}
    for turn in turns:
        poll = turn.polls[0]
        act = poll.act if poll.act in honest else "read"
        books.live(turn._replace(polls=(poll._replace(act=act),)))
    if spec.modulus is None and not spec.torn and books.state.question is None:
        assert books.state.booked == books.state.dial - (books.state.first or 0)
        assert {event.kind for event in books.told} <= {
            "baseline_set", "online", "offline", "read_failed", "stale", "clock_stepped",
            "duplicate", "out_of_order",
        }  # fmt: skip
