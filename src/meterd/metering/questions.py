"""Open questions of the law: the next reading decides what the odd one was.

Each function answers one kind of question for a reading `now` and returns True when it has
decided; False leaves the reading to the rows for a fall (11 to 13). All ceilings are over
the time since the value that `now` is compared with.
"""

from __future__ import annotations

from typing import Final

from meterd.events import GAP, GOOD, QUESTIONABLE
from meterd.metering.journal import Journal
from meterd.metering.register import HOUR_MS, Mark, Question, Register, Swap, elapsed
from meterd.specs import STALE_MS, STRICT

OFTEN_MS: Final = 60_000
ANSWER_MS: Final = 1000
"""Polled more often than once a minute, a rise looks too steep when a count was nearly due at
the poll before, or when that poll's answer was so much slower than this one's."""
UNHEALTHY_READINGS: Final = 12
"""So many suspect readings in a row, and the meter is called unhealthy."""


def answer(register: Register, now: Mark, journal: Journal) -> bool:
    """Answer the open question. False: it is dropped, and `now` is judged as any other fall."""
    question = register.state.question
    assert question is not None
    if question.kind == "high":
        return _high(register, question, now, journal)
    if question.kind == "pending":
        return _pending(register, question, now, journal)
    if register.spec.on_decrease == STRICT:
        _suspect_strict(register, question, now, journal)
    else:
        _suspect(register, question, now, journal)
    return True


def _high(register: Register, question: Question, now: Mark, journal: Journal) -> bool:
    state = register.state
    prev, high = state.prev, question.mark
    assert prev is not None
    if now.amount >= high.amount:
        if question.held and nearly_fits(register, high, now):
            register.enter(now, risen(register, prev, now, journal))
        elif now.amount == high.amount:
            state.question = Question("high", high, question.readings)
        elif register.fits(high, now):
            amount = risen(register, high, now, journal)
            register.note(journal, "level_shift", now, booked=amount, shifted_to=high.amount)
            register.lose(high, "level_shift", "level_shift")
            state.swap = Swap(prev, high)
            register.book(now, register.move(now, amount), _length(high, now), "level_shift")
        elif not returned(register, now, journal):
            raise_question(register, now, journal, question.readings + 1)
        return True
    if now.amount < prev.amount:
        state.question = None
        return False
    if register.fits(prev, now):
        amount = risen(register, prev, now, journal)
        if not question.held:
            register.note(journal, "spike_cleared", now, booked=amount, spike=high.amount)
        quality = QUESTIONABLE if is_minimum(register, prev, now) else ""
        register.enter(now, amount, "" if question.held else "spike_cleared", quality)
    elif not returned(register, now, journal):
        raise_question(register, now, journal, question.readings + 1)
    return True


def is_minimum(register: Register, earlier: Mark, now: Mark) -> bool:
    """Row 6b: several wraps fit in between, or the register may have begun anew."""
    modulus, most = register.spec.modulus, register.cap(elapsed(earlier, now))
    if modulus is not None and most is not None and most >= modulus:
        return True
    return may_be_new(register)


def may_be_new(register: Register) -> bool:
    """Whether the device itself is evidence that the register was cleared: it rebooted and the
    register is volatile, or it says when it was reset last, which no memory outlasts.
    """
    state = register.state
    return state.cleared or (state.rebooted and not register.spec.nonvolatile)


def nearly_fits(register: Register, earlier: Mark, later: Mark) -> bool:
    """Whether one count and the time of an answer explain what is above the ceiling."""
    span_ms, per_hour = elapsed(earlier, later), register.spec.per_hour
    if span_ms >= OFTEN_MS or per_hour is None:
        return register.fits(earlier, later)
    used, count = per_hour * (span_ms + ANSWER_MS) // HOUR_MS, register.spec.count
    return 0 <= later.amount - earlier.amount <= (used // count + 1) * count


def raise_question(register: Register, now: Mark, journal: Journal, readings: int = 1) -> None:
    """Row 7: a rise above the ceiling is set aside; the baseline stays."""
    prev = register.state.prev
    assert prev is not None
    ceiling = register.cap(elapsed(prev, now))
    register.note(journal, "anomaly_ceiling", now, ceiling=ceiling)
    register.state.question = Question("high", now, readings)


def _pending(register: Register, question: Question, now: Mark, journal: Journal) -> bool:
    state = register.state
    prev, low = state.prev, question.mark
    assert prev is not None
    if now.amount == low.amount:
        return True
    if register.fits(low, now):
        roll_over(register, low, journal, doubtful=question.doubtful)
        amount = now.amount - low.amount
        quality = QUESTIONABLE if question.doubtful else _length(low, now)
        register.book(now, register.move(now, amount), quality)
    elif register.fits(prev, now):
        amount = risen(register, prev, now, journal)
        register.note(journal, "rollover_refuted", now, booked=amount)
        register.enter(now, amount, "rollover_refuted")
    else:  # the low value was odd, and hid where a rollover may have been
        state.question = None
        return False
    return True


def roll_over(register: Register, now: Mark, journal: Journal, *, doubtful: bool = False) -> None:
    """Row 9: both halves are booked, the cut between them at this reading."""
    prev, modulus = register.state.prev, register.spec.modulus
    assert prev is not None
    assert modulus is not None
    amount = now.amount - prev.amount + modulus
    register.note(
        journal, "rollover", now, booked=amount,
        before_wrap=modulus - prev.amount, after_wrap=now.amount,
    )  # fmt: skip
    quality = QUESTIONABLE if doubtful else _length(prev, now)
    booked = register.move(now, amount, rolled=modulus)
    register.remember(prev, since=amount, rolled=modulus)
    register.book_rollover(now, booked, quality)


def suspect(register: Register, now: Mark, journal: Journal) -> None:
    """Row 13: any other fall. Nothing is booked; the next reading decides."""
    register.note(journal, "decrease_discarded", now)
    register.state.question = Question("suspect", now)


def _suspect_strict(register: Register, question: Question, now: Mark, journal: Journal) -> None:
    """Seed 003's letter: the baseline is re-established on the next poll."""
    state = register.state
    good, low = state.prev, question.mark
    assert good is not None
    unbilled = 0
    if register.fits(good, now):
        unbilled = now.amount - good.amount
    elif register.fits(low, now):
        unbilled = now.amount - low.amount
    register.note(journal, "baseline_set", now, unbilled=unbilled)
    register.move(now, 0, unbilled=unbilled)
    if now.amount < good.amount:
        register.remember(good)
        state.swap = Swap(good, low if unbilled else now)
    cut = "reset" if now.amount < good.amount else ""
    register.lose(now, cut, "baseline_set", unbilled)


def _suspect(register: Register, question: Question, now: Mark, journal: Journal) -> None:
    state = register.state
    good, low, before = state.prev, question.mark, state.before
    assert good is not None
    if register.fits(good, now):
        amount = risen(register, good, now, journal)
        register.note(journal, "flaky_cleared", now, booked=amount, low=low.amount)
        register.enter(now, amount, "flaky_cleared")
    elif now.amount > low.amount and register.fits(low, now):
        if before is not None and low.amount > before.amount and register.fits(before, low):
            amount = now.amount - before.amount - state.rise
            register.note(journal, "spike_repaid", now, booked=amount, spike=good.amount)
            register.enter(now, amount, "spike_repaid")
        else:
            _confirm_reset(register, good, low, now, journal)
    elif now.amount != low.amount and not returned(register, now, journal):
        readings = question.readings + 1
        register.note(journal, "decrease_discarded", now)
        if readings == UNHEALTHY_READINGS:
            register.note(journal, "meter_unhealthy", now)
        state.question = Question("suspect", now, readings)


def _confirm_reset(register: Register, good: Mark, low: Mark, now: Mark, journal: Journal) -> None:
    amount = risen(register, low, now, journal)
    register.note(journal, "reset_confirmed", now, booked=amount, low=low.amount)
    register.lose(low, "reset", "reset_confirmed")
    register.state.swap = Swap(good, low)
    booked = register.move(now, amount)
    register.remember(good, since=amount)
    register.book(now, booked, _length(low, now), "reset_confirmed")


# -- remembered goods ---------------------------------------------------------------------


def risen(register: Register, earlier: Mark, now: Mark, journal: Journal) -> int:
    """(a) What a rise books: where it passes a good baseline, only what lies above that."""
    goods = [good.mark.amount for good in register.state.goods]
    good = max((good for good in goods if earlier.amount < good <= now.amount), default=None)
    if good is None:
        return now.amount - earlier.amount
    amount = now.amount - good
    register.note(journal, "baseline_set", now, booked=amount, good=good)
    return amount


def returned(register: Register, now: Mark, journal: Journal) -> bool:
    """(b), (c) A rise above the ceiling that fits a good baseline: the low run was false.

    Booked from the good baseline, less what the run booked. `strict` never looks back.
    """
    if register.spec.on_decrease == STRICT:
        return False
    for good in reversed(register.state.goods):
        if register.fits(good.mark, now):
            amount = now.amount - good.mark.amount - good.since
            register.note(journal, "flaky_cleared", now, booked=amount, good=good.mark.amount)
            register.state.goods, register.state.swap = (), None
            booked = register.move(now, amount, rolled=-good.rolled)
            register.book(now, booked, GOOD, "flaky_cleared")
            return True
    return False


def _length(earlier: Mark, now: Mark) -> str:
    return GAP if elapsed(earlier, now) > STALE_MS else GOOD
