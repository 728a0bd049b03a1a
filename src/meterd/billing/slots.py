"""What a bill's sources used together in each interval: the rows that graphs are drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from meterd.events import Interval
from meterd.metering.calendar import Calendar
from meterd.metering.demand import Demand, Peak
from meterd.specs import DemandSpec


class Slot(msgspec.Struct, frozen=True, gc=False):
    """[start_ms, end_ms) of all sources of a bill together. Amounts are joules.

    sources: how many have a row here. covered_ms: the time their rows cover, added up. gap,
    questionable: parts of `amount`. gap_from_ms, gap_to_ms: hull of the gaps, both 0 if none.
    """

    start_ms: int
    end_ms: int
    amount: int
    sources: int
    covered_ms: int
    gap: int = 0
    questionable: int = 0
    gap_from_ms: int = 0
    gap_to_ms: int = 0


def sources_of(slots: Iterable[Slot], enabled: int = 0) -> int:
    """How many sources take part: those that should, or more where more did; at least one."""
    return max([1, enabled, *(slot.sources for slot in slots)])


def windows(
    slots: Sequence[Slot], demand: DemandSpec, calendar: Calendar, sources: int
) -> list[Peak]:
    """Every complete demand window, in kW: as the bill's own peak is found (contract section 2).

    A window that not all sources cover is none, nor is one that a longer gap reaches into.
    """
    found: list[Peak] = []
    running = Demand(demand, calendar)
    for slot in slots:
        whole_ms = (slot.end_ms - slot.start_ms) * sources
        inside = calendar.interval(slot.start_ms, demand.step_ms)[1] >= slot.end_ms
        if slot.covered_ms == whole_ms and inside:
            found += running.add(_as_one(slot))
    return found


def _as_one(slot: Slot) -> Interval:
    return Interval(
        "", "energy_import", "", "", slot.start_ms, slot.end_ms, slot.amount,
        gap_from_ms=slot.gap_from_ms, gap_to_ms=slot.gap_to_ms,
    )  # fmt: skip
