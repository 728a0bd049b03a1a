"""Power usage effectiveness: energy of the whole facility over that of its IT, same time.

Source: ISO/IEC 30134-2; contract, "PUE". Windows end where all meters are known to, and begin
with the local day, month or year, or twelve months before. It is shown only where both
sides cover COVERED of the window; below 1 it is an error of the data and not shown. A side
covers an instant if all its meters do. Energy that arrives late still counts; energy whose
shape is not known counts too, for a day is long enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Final

import msgspec

from meterd.events import Interval
from meterd.metering.calendar import Calendar
from meterd.metering.hierarchy import topmost
from meterd.metering.maintenance import months_after
from meterd.specs import ChainMeter
from meterd.views import PueFigure

FACILITY_POINTS: Final = frozenset({"utility_entrance", "generator_output"})
IT_POINTS: Final = {
    1: frozenset({"ups_output"}),
    2: frozenset({"floor_distribution_board", "room_panel_board"}),
    3: frozenset({"it_load", "rack_pdu"}),
}
"""Where a category measures IT."""
WINDOWS: Final = ("day", "month", "year", "12m")
COVERED: Final = Fraction(99, 100)
DAYS_MAX: Final = 368
"""Days kept: twelve months, a leap day, and the open one."""
PENDING_MAX: Final = 288
"""Intervals that wait for a late meter: a day of five minutes. Beyond, they count as they
are, and what comes later is added to its day."""

INCOMPLETE: Final = "incomplete"
NO_IT: Final = "no_it_energy"
BELOW_ONE: Final = "below_one"


class Side(msgspec.Struct, array_like=True, gc=False):
    """Facility or IT. lacking_ms: time not covered, summed over its meters."""

    energy_j: int = 0
    lacking_ms: int = 0


class Cell(msgspec.Struct, array_like=True, gc=False):
    """One interval of both sides, while it waits. left: meters of each side not yet heard."""

    end_ms: int
    left: list[int]
    sides: tuple[Side, Side] = msgspec.field(default_factory=lambda: (Side(), Side()))


class Day(msgspec.Struct, array_like=True, gc=False):
    """A local day. seen_ms: length of its intervals so far."""

    seen_ms: int = 0
    sides: tuple[Side, Side] = msgspec.field(default_factory=lambda: (Side(), Side()))


class PueState(msgspec.Struct, gc=False):
    """What a category resumes from. done_ms, until_ms: the latest interval entered.

    days, pending: by start. dropped: late intervals of days that are not kept.
    """

    meters: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    done_ms: int = 0
    until_ms: int = 0
    pending: dict[int, Cell] = {}
    days: dict[int, Day] = {}
    dropped: int = 0


def sides(
    chain: Sequence[ChainMeter], category: int
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Names of the facility's and the IT's meters, or None where one side has none."""
    meters = {meter.name: meter for meter in chain}
    facility = topmost(chain, FACILITY_POINTS, meters)
    it = topmost(chain, IT_POINTS[category], meters)
    if not (facility and it):
        return None
    return tuple(meter.name for meter in facility), tuple(meter.name for meter in it)


class Pue:
    """PUE of one category. Each meter's intervals come in time order."""

    def __init__(
        self,
        category: int,
        meters: tuple[tuple[str, ...], tuple[str, ...]],
        calendar: Calendar,
        state: PueState,
    ) -> None:
        """meters: as `sides` gives them; with others than before, what waits is entered."""
        self.category = category
        self.meters = meters
        self.state = state
        self._calendar = calendar
        self._side = {name: side for side, names in enumerate(meters) for name in names}
        if state.meters != meters:
            for start_ms in sorted(state.pending):
                self._enter(start_ms)
            state.meters = meters

    def take(self, interval: Interval) -> None:
        """A closed interval of one of the meters."""
        state, start_ms = self.state, interval.start_ms
        side = self._side[interval.meter]
        cell = state.pending.get(start_ms)
        if cell is None and start_ms > state.done_ms:
            cell = state.pending[start_ms] = Cell(interval.end_ms, [*map(len, self.meters)])
        if cell is None or cell.end_ms != interval.end_ms:
            self._late(interval, side)
            return
        cell.sides[side].energy_j += interval.amount
        cell.sides[side].lacking_ms += interval.missing_ms
        cell.left[side] -= 1
        if not any(cell.left):
            for passed in sorted(start for start in state.pending if start <= start_ms):
                self._enter(passed)
        elif len(state.pending) > PENDING_MAX:
            self._enter(min(state.pending))

    def _enter(self, start_ms: int) -> None:
        """Add a pending interval to its day, with what it has."""
        state = self.state
        cell = state.pending.pop(start_ms)
        length_ms = cell.end_ms - start_ms
        day = state.days.setdefault(self._calendar.day(start_ms)[0], Day())
        day.seen_ms += length_ms
        for total, part, left in zip(day.sides, cell.sides, cell.left, strict=True):
            total.energy_j += part.energy_j
            total.lacking_ms += part.lacking_ms + left * length_ms
        state.done_ms, state.until_ms = start_ms, cell.end_ms
        while len(state.days) > DAYS_MAX:
            del state.days[min(state.days)]

    def _late(self, interval: Interval, side: int) -> None:
        """The interval was entered without this meter: make that good."""
        day = self.state.days.get(self._calendar.day(interval.start_ms)[0])
        if day is None:
            self.state.dropped += 1
            return
        covered_ms = interval.end_ms - interval.start_ms - interval.missing_ms
        day.sides[side].energy_j += interval.amount
        day.sides[side].lacking_ms = max(0, day.sides[side].lacking_ms - covered_ms)

    # -- what is shown --------------------------------------------------------------------

    def figures(self) -> list[PueFigure]:
        """PUE of every window, none before the first interval that all meters have passed."""
        end_ms = self.state.until_ms
        return [self._figure(window, end_ms) for window in WINDOWS] if end_ms else []

    def _figure(self, window: str, end_ms: int) -> PueFigure:
        start_ms = self._start(window, end_ms - 1)
        days = [day for at_ms, day in self.state.days.items() if at_ms >= start_ms]
        seen_ms = sum(day.seen_ms for day in days)
        energy = [sum(day.sides[side].energy_j for day in days) for side in (0, 1)]
        lacking = [sum(day.sides[side].lacking_ms for day in days) for side in (0, 1)]
        covered = [Fraction(max(0, seen_ms - lack), end_ms - start_ms) for lack in lacking]
        ratio, reason = _ratio(energy, min(covered))
        return PueFigure(
            self.category, window, start_ms, end_ms, energy[0], energy[1],
            float(covered[0]), float(covered[1]), ratio, reason,
        )  # fmt: skip

    def _start(self, window: str, at_ms: int) -> int:
        """Where a window begins that holds an instant and ends after it."""
        if window == "12m":
            tomorrow = self._calendar.date_of(at_ms) + timedelta(days=1)
            return self._calendar.day_start(months_after(tomorrow, -12))
        spans = {"day": self._calendar.day, "month": self._calendar.month}
        return spans.get(window, self._calendar.year)(at_ms)[0]


def _ratio(energy: Sequence[int], covered: Fraction) -> tuple[float | None, str]:
    facility_j, it_j = energy
    if covered < COVERED:
        return None, INCOMPLETE
    if not it_j:
        return None, NO_IT
    ratio = Fraction(facility_j, it_j)
    return (None, BELOW_ONE) if ratio < 1 else (round(float(ratio), 6), "")
