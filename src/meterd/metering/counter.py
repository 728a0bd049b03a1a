"""The law of counters: what a register's next value means, in integers.

*One odd reading is noise; two that agree, and move, are news. Never more than was used, never
silently less.* The rows keep the numbers of the law (docs/counters.md) and are tested in its
order: 1 to 5; then an open question (`questions.py`); then 6b, 6, 7h, 7, 11, 10, 9b, 9, 12, 13.
"""

from __future__ import annotations

from typing import Final

from meterd.events import GAP, GOOD, QUESTIONABLE, Booking
from meterd.metering.journal import Journal
from meterd.metering.questions import (
    answer,
    is_minimum,
    may_be_new,
    nearly_fits,
    raise_question,
    returned,
    risen,
    roll_over,
    suspect,
)
from meterd.metering.register import Mark, Question, Register, Swap, elapsed
from meterd.specs import STALE_MS, STRICT

AMOUNT_MAX: Final = 2**63 - 1
"""Base units that a register may show: what a store keeps, and 2.5 million GWh."""
TORN_STEP: Final = 65_536
TORN_SLACK: Final = 1000
FAULTED_READINGS: Final = 3
"""After so many refused highs in a row a record that follows the register is FAULTED."""


class Counter(Register):
    """One register under the law."""

    def observe(self, now: Mark, journal: Journal) -> list[Booking]:
        """Judge a value that was read; return what it books, in order of time."""
        if self._is_refused(now, journal):
            return []
        state = self.state
        last = state.last
        state.last = now
        state.complaint = ""
        prev, moved = state.prev, state.moved
        if last is None or now.amount != last.amount:
            state.moved = now
        self.bookings = []
        debt = state.debt
        state.replaced = None
        if prev is None:
            self._first(now, journal)
        elif state.question is None:
            self._decide(prev, moved or prev, now, journal)
        elif not answer(self, now, journal):
            self._fall(prev, now, journal)
        self._tell_debt(debt, now, journal)
        return self.bookings

    def complain(self, kind: str, now: Mark, journal: Journal) -> None:
        """Rows 1 and 2: refuse a reading; said once until a value is accepted again."""
        state = self.state
        last = state.last
        by_wall = last is not None and last.mono_ms and not now.mono_ms  # a failed poll
        if last is not None and not by_wall and not _not_after(now, last):
            state.last = Mark(last.amount, now.at_ms, now.mono_ms)
        if state.complaint != kind:
            state.complaint = kind
            self.note(journal, kind, now)

    def replace(self, serial: str, now: Mark, journal: Journal) -> list[Booking]:
        """Row 4: the serial number changed. `now` is the new device's first value."""
        if self._is_refused(now, journal):
            return []
        state = self.state
        prev, undone = state.prev, state.replaced
        old, state.serial = state.serial, serial
        self.bookings = []
        if prev is None and undone is None:
            return self.observe(now, journal)
        state.last = state.moved = now
        state.complaint = ""
        if undone is not None and undone[0] == serial and self.fits(undone[1], now):
            self._take_back(undone[1], now, journal)
            return self.bookings
        self.note(journal, "meter_replaced", now)
        state.replaced = None if prev is None else (old, prev)
        state.swap = state.swap if prev is None else Swap(prev)
        state.goods = ()
        self.lose(now, "replacement", "meter_replaced")
        if self.spec.on_decrease == STRICT:
            state.prev = state.question = state.before = None
        else:
            self.move(now, 0)
            state.before = None
            self.take_over(now)
        return self.bookings

    def _take_back(self, old: Mark, now: Mark, journal: Journal) -> None:
        """The old serial number is there again and fits: nothing was replaced."""
        self.state.prev, self.state.replaced, self.state.swap = old, None, None
        amount, debt = now.amount - old.amount, self.state.debt
        self.note(journal, "replacement_withdrawn", now, booked=amount)
        self.enter(now, amount, "replacement_withdrawn")
        self._tell_debt(debt, now, journal)

    def _is_refused(self, now: Mark, journal: Journal) -> bool:
        """Rows 1 and 3, of a value that was read: it cannot be, or it is no news."""
        modulus, last = self.spec.modulus, self.state.last
        most = AMOUNT_MAX if modulus is None else min(modulus - 1, AMOUNT_MAX)
        if not 0 <= now.amount <= most:
            self.complain("out_of_range", now, journal)
            return True
        if last is not None and _not_after(now, last):
            same = now.at_ms == last.at_ms
            other = last.amount if same and now.amount != last.amount else None
            self.note(journal, "duplicate" if same else "out_of_order", now, last=other)
            return True
        return False

    def _tell_debt(self, before: int, now: Mark, journal: Journal) -> None:
        """What was booked in error and is being paid back by what is used."""
        debt = self.state.debt
        if debt != before:
            self.note(journal, "debt_paid" if debt < before else "debt_raised", now, debt=debt)

    # -- rows -------------------------------------------------------------------------

    def _first(self, now: Mark, journal: Journal) -> None:
        """Row 5: the first reading only sets the baseline."""
        state = self.state
        self.note(journal, "baseline_set", now)
        if state.first is None:
            state.first = state.dial = now.amount
            state.covered_ms = now.at_ms
            state.prev = now
            self.book(now, 0, GOOD, "baseline_set")
            return
        self.move(now, 0)
        self.take_over(now)
        self.lose(now, "", "baseline_set")

    def _decide(self, prev: Mark, moved: Mark, now: Mark, journal: Journal) -> None:
        """Rows 6b, 6, 7h, 7; a fall goes on to 11 and after."""
        state, spec = self.state, self.spec
        rise = now.amount - prev.amount
        if rise < 0:
            self._fall(prev, now, journal)
            return
        span_ms = elapsed(prev, now)
        most = self.cap(span_ms)
        if most is not None and rise > most:
            self._rise_above(moved, now, journal)
            return
        if rise and spec.torn and self._is_torn(rise):
            state.question = Question("high", now, held=True)
            return
        odd = rise and (spec.modulus is not None or state.rebooted or state.cleared)
        doubtful = odd and is_minimum(self, prev, now)
        if state.goods:
            rise = risen(self, prev, now, journal)
        if doubtful:
            self.note(journal, "minimum_booked", now, booked=rise)
            self.enter(now, rise, "minimum_booked", QUESTIONABLE)
            return
        self.book(now, self.move(now, rise), GAP if span_ms > STALE_MS else GOOD)

    def _is_torn(self, rise: int) -> bool:
        """A jump near a multiple of 65536 counts: one word may be old, one new."""
        counts = rise // self.spec.count
        steps = round(counts / TORN_STEP)
        return steps != 0 and abs(counts - steps * TORN_STEP) <= TORN_SLACK

    def _rise_above(self, moved: Mark, now: Mark, journal: Journal) -> None:
        """Rows 7h and 7, and remembered goods (b) and (c)."""
        state = self.state
        if returned(self, now, journal):
            return
        prev = state.prev
        assert prev is not None
        most = self.cap(min(elapsed(moved, now), STALE_MS))
        if (most is not None and now.amount - prev.amount <= most) or nearly_fits(self, prev, now):
            state.question = Question("high", now, held=True)
            return
        raise_question(self, now, journal)

    def _fall(self, prev: Mark, now: Mark, journal: Journal) -> None:
        """Rows 11, 10, 9b, 9, 12, 13."""
        state, spec = self.state, self.spec
        if prev.amount - now.amount <= self.jitter(prev.amount):
            self.book(now, 0, GOOD)
            return
        most = self.cap(elapsed(prev, now))
        if spec.modulus is not None:
            if most is not None and most >= spec.modulus:
                self._ambiguous(prev, now, journal)
                return
            wrapped = now.amount - prev.amount + spec.modulus
            possible = wrapped <= (spec.modulus // 4 if most is None else most)
            if possible and not may_be_new(self):
                if self._is_weak(prev, now, most):
                    self.note(journal, "rollover_pending", now)
                    state.question = Question("pending", now)
                else:
                    roll_over(self, now, journal)
                return
        if may_be_new(self) and now.amount > 0:
            self.note(journal, "reset", now)
            self._leave(prev, now, "reset")
            return
        suspect(self, now, journal)

    def _is_weak(self, prev: Mark, now: Mark, most: int | None) -> bool:
        """Row 9b: what a failing device might also show, or a ceiling that proves little."""
        modulus = self.spec.modulus
        assert modulus is not None
        long = elapsed(prev, now) > STALE_MS
        return now.amount == 0 or long or most is None or most > modulus // 4

    def _ambiguous(self, prev: Mark, now: Mark, journal: Journal) -> None:
        """Row 10: so long a time that several wraps are possible."""
        self.note(journal, "wrap_ambiguous", now)
        if self.spec.on_decrease == STRICT:
            self._leave(prev, now, "wrap_ambiguous")
        elif self.spec.nonvolatile:
            self.state.question = Question("pending", now, doubtful=True)
        else:
            self.state.question = Question("suspect", now)

    def _leave(self, prev: Mark, now: Mark, event: str) -> None:
        """Give up the baseline: `strict` takes the next poll's, `reconcile` this one."""
        if event == "reset":
            self.state.swap = Swap(prev)
        self.lose(now, "reset", event)
        if self.spec.on_decrease == STRICT:
            self.state.prev = self.state.question = None
            self.state.rebooted = self.state.cleared = False
        else:
            self.move(now, 0)
            self.take_over(now)
        self.remember(prev)


def _not_after(now: Mark, last: Mark) -> bool:
    """Row 3. A live reading is ordered by its monotonic clock: wall clocks are stepped."""
    if now.mono_ms and last.mono_ms:
        return now.mono_ms <= last.mono_ms
    return now.at_ms <= last.at_ms
