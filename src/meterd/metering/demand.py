"""Demand: energy over a window of the wall clock, and the highest there was.

Windows count from the start of the local day; with a step shorter than the window it rolls,
and a window ends at every step. Sources are added step by step before the maximum is taken;
kVA is the vector sum of active and reactive energy. Only what is known whole sets a peak:
every source covers all of the window, and no gap reaches out of it (contract section 2;
reference/billing.md section 1.1). Ties go to the first.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import Final

import msgspec

from meterd.events import Interval
from meterd.metering.calendar import Calendar
from meterd.specs import DemandSpec

REACTIVE: Final = "reactive_energy_import"
PENDING_MAX: Final = 9_000
"""Steps kept while a source is late: a month of five minutes. Beyond, the oldest go."""
NEVER: Final = -1
_PICO: Final = 10**12
_NONE: Final[tuple[Peak, ...]] = ()


class Peak(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What all sources together used in one complete window [start_ms, end_ms).

    amount: joules, 0 where the demand is in kvar. reactive: var-seconds, 0 where it is in kW.
    """

    start_ms: int
    end_ms: int
    amount: int
    reactive: int = 0

    def _square(self) -> int:
        return self.amount * self.amount + self.reactive * self.reactive

    def above(self, other: Peak) -> bool:
        """Whether the demand is higher (windows of one length)."""
        if self.reactive or other.reactive:
            return self._square() > other._square()
        return self.amount > other.amount

    def demand(self) -> Fraction:
        """Mean power, kW, kVA or kvar: exact, but for a vector sum's root (twelve places)."""
        length_ms = self.end_ms - self.start_ms
        if not (self.amount and self.reactive):
            return Fraction(self.amount + self.reactive, length_ms)
        return Fraction(isqrt(self._square() * _PICO**2 // length_ms**2), _PICO)

    def kw(self) -> float:
        """The demand as a JSON number of seed 000: six places."""
        return round(float(self.demand()), 6)


class Step(msgspec.Struct, array_like=True, gc=False):
    """One step of a window, filled by all sources.

    covered_ms: time covered, summed over the sources; NEVER for one that cannot be filled.
    gap_from_ms, gap_to_ms: hull of the gaps that touch it, both 0 if none.
    """

    start_ms: int
    end_ms: int
    amount: int = 0
    reactive: int = 0
    covered_ms: int = 0
    gap_from_ms: int = 0
    gap_to_ms: int = 0


class DemandState(msgspec.Struct, array_like=True):
    """What a demand resumes from. pending: steps not yet full, by start, oldest first.

    recent: full steps without a hole between them, one fewer than make a window.
    dropped: steps given up for lack of room.
    """

    sources: tuple[str, ...] = ("",)
    pending: dict[int, Step] = {}
    recent: list[Step] = []
    peak: Peak | None = None
    dropped: int = 0


class Demand:
    """The demand of one meter or one bill.

    Each source's intervals come in time order; the sources may be any time apart. The
    sampling interval divides the step and the step the window (the configuration is checked).
    """

    def __init__(
        self,
        spec: DemandSpec,
        calendar: Calendar,
        state: DemandState | None = None,
        sources: tuple[str, ...] = ("",),
    ) -> None:
        """sources: names of what is added; with other names than before, windows start anew."""
        assert spec.window_ms % spec.step_ms == 0, spec
        self.state = state = state or DemandState(sources)
        if state.sources != sources:
            state.sources = sources
            state.pending.clear()
            state.recent.clear()
        self._calendar = calendar
        self._step_ms = spec.step_ms
        self._steps = spec.window_ms // spec.step_ms
        self._day = (0, 0)
        self._step = Step(0, 0, covered_ms=NEVER)
        self._full_ms = 0

    def add(self, interval: Interval) -> tuple[Peak, ...]:
        """Enter an interval of one source; return the usable window it completes, if any."""
        start_ms = interval.start_ms
        end_ms = interval.end_ms
        step = self._step
        if start_ms < step.start_ms or end_ms > step.end_ms:
            self._step = step = self._turn(start_ms, end_ms)
        if interval.quantity == REACTIVE:
            step.reactive += interval.amount
        else:
            step.amount += interval.amount
        if interval.gap_to_ms:
            step.gap_from_ms = min(step.gap_from_ms or interval.gap_from_ms, interval.gap_from_ms)
            step.gap_to_ms = max(step.gap_to_ms, interval.gap_to_ms)
        step.covered_ms += end_ms - start_ms - interval.missing_ms
        return self._complete(step) if step.covered_ms == self._full_ms else _NONE

    def _turn(self, start_ms: int, end_ms: int) -> Step:
        """The step that holds an interval; as `Calendar.interval`, with the day remembered."""
        if not self._day[0] <= start_ms < self._day[1]:
            self._day = self._calendar.day(start_ms)
        day_start_ms, day_end_ms = self._day
        from_ms = start_ms - (start_ms - day_start_ms) % self._step_ms
        to_ms = min(from_ms + self._step_ms, day_end_ms)
        assert end_ms <= to_ms, "the sampling interval does not divide the demand step"
        self._full_ms = (to_ms - from_ms) * len(self.state.sources)
        pending = self.state.pending
        step = pending.get(from_ms)
        if step is not None:
            return step
        if pending and from_ms < next(reversed(pending)):
            # The source of a later step has passed this one without filling it.
            return Step(from_ms, to_ms, covered_ms=NEVER)
        step = pending[from_ms] = Step(from_ms, to_ms)
        if len(pending) > PENDING_MAX:
            pending.pop(next(iter(pending))).covered_ms = NEVER
            self.state.dropped += 1
        return step

    def _complete(self, step: Step) -> tuple[Peak, ...]:
        """A step that all sources have filled: they have all passed the older ones."""
        pending = self.state.pending
        while pending.pop(next(iter(pending))) is not step:
            continue
        recent = self.state.recent
        whole = step.end_ms - step.start_ms == self._step_ms  # not at the end of an odd day
        if not whole or (recent and recent[-1].end_ms != step.start_ms):
            recent.clear()
        if whole:
            recent.append(step)
        if len(recent) < self._steps:
            return _NONE
        window = self._window(recent)
        del recent[0]
        return window

    def _window(self, steps: list[Step]) -> tuple[Peak, ...]:
        start_ms, end_ms = steps[0].start_ms, steps[-1].end_ms
        amount = reactive = 0
        for step in steps:
            if step.gap_to_ms and not start_ms <= step.gap_from_ms <= step.gap_to_ms <= end_ms:
                return _NONE
            amount += step.amount
            reactive += step.reactive
        peak = Peak(start_ms, end_ms, amount, reactive)
        best = self.state.peak
        if best is None or peak.above(best):
            self.state.peak = peak
        return (peak,)
