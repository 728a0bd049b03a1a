"""A register's books: its baseline, its sums, and the ways an entry may be made.

Nothing here decides; `counter.py` and `questions.py` decide and make their entries through
these. Whatever is entered, `first + booked + unbilled + adjusted - rolled_over = dial`,
where `adjusted`, signed, is what a reset, a replacement or a level shift moved the dial
without use.
"""

from __future__ import annotations

from math import frexp
from typing import Any, Final

import msgspec

from meterd.events import GAP, GOOD, MISSING, Booking
from meterd.metering.journal import Journal
from meterd.specs import STALE_MS, RegisterSpec
from meterd.units import shown

READ_FAILED: Final = "read_failed"
HOUR_MS: Final = 3_600_000
MEMORY_READINGS: Final = 12
"""A remembered baseline is forgotten after this many readings that moved."""
MEMORY_SIZE: Final = 4
ROLLOVER_READINGS: Final = 2
"""How many readings after an accepted rollover may still contradict it."""


class Mark(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A register's value at an instant.

    mono_ms: on the current boot's clock (below 0: before it), 0 where that is not known.
    """

    amount: int
    at_ms: int
    mono_ms: int = 0

    def on_clock(self, by_ms: int) -> Mark:
        """The mark on another boot's clock, which is `by_ms` from this one's; 0: nobody knows."""
        return Mark(self.amount, self.at_ms, moved(self.mono_ms, by_ms))


def moved(mono_ms: int, by_ms: int) -> int:
    """A monotonic time on another boot's clock, `by_ms` from its own; 0 where one is not known."""
    return (mono_ms + by_ms or -1) if mono_ms and by_ms else 0


def elapsed(earlier: Mark, later: Mark) -> int:
    """Milliseconds from one mark to another: monotonic within a boot, else wall clock."""
    if earlier.mono_ms and later.mono_ms:
        return later.mono_ms - earlier.mono_ms
    return later.at_ms - earlier.at_ms


class Question(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An odd reading set aside until the next one decides.

    kind: high (above the ceiling), pending (may have rolled over), suspect (fell).
    mark: the odd value. readings: how many odd ones so far. held: a high that a slow
    refresh or a torn read explains. doubtful: a rollover that is booked as questionable.
    """

    kind: str
    mark: Mark
    readings: int = 1
    held: bool = False
    doubtful: bool = False


class Good(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A baseline that was left for a lower one, in case the lower one proves false.

    left: readings until it is forgotten. since: base units counted since the step down.
    rolled: the modulus, if the step down was taken for a rollover.
    """

    mark: Mark
    left: int
    since: int = 0
    rolled: int = 0


class Swap(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The last time another counter took over, or this one was cleared.

    old: the last value before it. new: the first baseline after it, None until there is one.
    final, initial: whether nobody has told the old one's last reading, the new one's first.
    unit_power: the power of ten between both, as `unit_change.py` finds it; None before, and 0
    where people have told of it.
    """

    old: Mark
    new: Mark | None = None
    final: bool = True
    initial: bool = True
    unit_power: int | None = None


class RegisterState(msgspec.Struct, array_like=True, gc=False):
    """One register's life; everything that a restart resumes from."""

    first: int | None = None
    dial: int = 0
    booked: int = 0
    unbilled: int = 0
    adjusted: int = 0
    rolled_over: int = 0
    debt: int = 0
    prev: Mark | None = None
    before: Mark | None = None
    rise: int = 0
    moved: Mark | None = None
    last: Mark | None = None
    covered_ms: int = 0
    question: Question | None = None
    goods: tuple[Good, ...] = ()
    rebooted: bool = False
    serial: str = ""
    replaced: tuple[str, Mark] | None = None
    complaint: str = ""
    swap: Swap | None = None
    told: tuple[int, int | None] | None = None  # by the device: one count, the modulus
    cleared: bool = False  # the device says so itself


class Register:
    """The entries of one register. `bookings` collects what one reading decides."""

    def __init__(self, meter: str, spec: RegisterSpec, state: RegisterState) -> None:
        self.meter = meter
        self.spec = spec
        self.state = state
        self.bookings: list[Booking] = []

    # -- measures ---------------------------------------------------------------------

    def cap(self, span_ms: int) -> int | None:
        """The most that can be used in a time, at least one count; None without a ceiling."""
        per_hour = self.spec.per_hour
        if per_hour is None:
            return None
        return max(per_hour * span_ms // HOUR_MS, self.spec.count)

    def fits(self, earlier: Mark, later: Mark) -> bool:
        """Whether the rise from one mark to a later one is possible under the ceiling."""
        rise = later.amount - earlier.amount
        most = self.cap(elapsed(earlier, later))
        return rise >= 0 and (most is None or rise <= most)

    def jitter(self, amount: int) -> int:
        """How far a value may step back as noise: declared, or a float32's last digit."""
        ulp = 0
        if self.spec.float32:
            ulp = int(2.0 ** (frexp(amount / self.spec.float32)[1] - 24) * self.spec.float32) + 1
        return max(self.spec.jitter, ulp)

    # -- entries ----------------------------------------------------------------------

    def move(self, now: Mark, amount: int, *, unbilled: int = 0, rolled: int = 0) -> int:
        """Make `now` the baseline; return what is booked after debts are paid.

        amount: what the move counted; below 0 it becomes a debt. Memory keeps it whole, since
        what paid a debt and proves false is owed again.
        """
        state = self.state
        paid = min(state.debt, amount)  # all of a negative amount is a debt
        state.debt -= paid
        booked = amount - paid
        before = state.prev
        if before is not None and now.amount != before.amount:
            state.before = before
            state.rise = amount
        step = now.amount - state.dial
        state.booked += booked
        state.unbilled += unbilled
        state.rolled_over += rolled
        state.adjusted += step - booked - unbilled + rolled
        state.dial = now.amount
        state.prev = now
        state.question = None
        state.rebooted = state.cleared = False
        if state.goods and step:
            self._age_goods(now, amount)
        return booked

    def book(self, now: Mark, amount: int, quality: str, event: str = "") -> None:
        """A booking from what is covered so far up to `now`."""
        start_ms = self.state.covered_ms
        end_ms = self.state.covered_ms = max(start_ms, now.at_ms)
        self.bookings.append(
            Booking(self.meter, self.spec.quantity, start_ms, end_ms, amount, quality, event=event)
        )

    def book_rollover(self, now: Mark, amount: int, quality: str) -> None:
        """A booking with a cut at `now`: what lies past the wrap belongs after it."""
        self.book(now, amount, quality, "rollover")
        whole, past = self.bookings.pop(), min(now.amount, amount)
        self.bookings.append(msgspec.structs.replace(whole, cut="rollover", after=past))

    def enter(self, now: Mark, booked: int, event: str = "", quality: str = "") -> None:
        """The usual entry: `booked` since the baseline, good or gap by its length."""
        prev = self.state.prev
        long = prev is not None and elapsed(prev, now) > STALE_MS
        self.book(now, self.move(now, booked), quality or (GAP if long else GOOD), event)

    def lose(self, until: Mark, cut: str, event: str, unbilled: int = 0) -> None:
        """A loss window: what was used up to `until` is not known, or known and unbilled."""
        self.book(until, 0, MISSING, event)
        whole = self.bookings.pop()
        self.bookings.append(msgspec.structs.replace(whole, cut=cut, unbilled=unbilled))

    def take_over(self, now: Mark) -> None:
        """`now` is the first baseline of the counter that took over, if one did."""
        if (swap := self.state.swap) is not None and swap.new is None:
            self.state.swap = msgspec.structs.replace(swap, new=now)

    # -- memory -----------------------------------------------------------------------

    def remember(self, good: Mark, *, since: int = 0, rolled: int = 0) -> None:
        """Keep a baseline that is being left for a lower value; the oldest gives way."""
        left = ROLLOVER_READINGS if rolled else MEMORY_READINGS
        kept = self.state.goods[-(MEMORY_SIZE - 1) :]
        self.state.goods = (*kept, Good(good, left, since, rolled))

    def _age_goods(self, now: Mark, amount: int) -> None:
        self.state.goods = tuple(
            Good(good.mark, good.left - 1, good.since + amount, good.rolled)
            for good in self.state.goods
            if good.left > 1 and now.amount < good.mark.amount
        )

    # -- telling ----------------------------------------------------------------------

    def note(self, journal: Journal, kind: str, now: Mark, **amounts: int | None) -> None:
        """An event with its numbers, in the register's own unit."""
        unit, state = self.spec.unit, self.state
        numbers: dict[str, Any] = {} if kind == READ_FAILED else {"value": shown(now.amount, unit)}
        numbers["unit"] = unit
        if state.prev is not None:
            numbers["baseline"] = shown(state.prev.amount, unit)
            numbers["elapsed_s"] = elapsed(state.prev, now) / 1000
        numbers |= {name: shown(n, unit) for name, n in amounts.items() if n is not None}
        journal.event(now.at_ms, kind, self.meter, self.spec.quantity, **numbers)
