"""What a meter's register showed at the edges of a period, derived from its books.

Readings do not fall on midnight. The lifetime counter at an instant is what it is now less
all that was booked since, and energy between two readings is split by time: so the
difference of two edges is, to the joule, what was measured between them. What the device
itself showed is told only where nothing but use has moved its register since.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from meterd.billing.sources import ACTIVE
from meterd.events import MEASURED, Interval
from meterd.metering.calendar import iso
from meterd.metering.register import RegisterState
from meterd.shapes.statement.books import MeterFacts
from meterd.units import kwh

INTERPOLATED: Final = "interpolated"
ACROSS_A_GAP: Final = "across a gap"
FIRST: Final = "first reading"
LAST: Final = "last reading"


class EdgeReading(msgspec.Struct, frozen=True):
    """A register at an instant.

    lifetime_kwh: the meter's clean counter, which never falls. dial_kwh: what its display
    showed, None where that cannot be proved. how: interpolated (between readings minutes
    apart), across a gap (longer ones), first reading (the meter was first read after the
    period began), last reading (it is not over yet).
    """

    time: str
    lifetime_kwh: str
    dial_kwh: str | None
    how: str


def edges(
    facts: MeterFacts, span_ms: tuple[int, int], as_of_ms: int
) -> tuple[EdgeReading | None, EdgeReading | None]:
    """The register at the start and at the end; None for a meter without a counter."""
    state = facts.state
    register = None if state is None else state.registers.get(ACTIVE)
    if state is None or register is None or register.first is None:
        return None, None
    track = state.tracks.get(f"{ACTIVE}/{MEASURED}/")
    open_j = 0 if track is None else track.amount
    start_ms, end_ms = span_ms
    start = _at(register, (start_ms, facts.since_start + open_j), facts.after_start, facts.at_start)
    last = register.prev
    if as_of_ms < end_ms and last is not None:
        lifetime_j = register.first + register.booked
        return start, EdgeReading(iso(last.at_ms), kwh(lifetime_j), kwh(register.dial), LAST)
    return start, _at(register, (end_ms, facts.since_end + open_j), facts.after_end, facts.at_end)


def _at(
    register: RegisterState,
    edge: tuple[int, int],
    moved: int | None,
    around: Sequence[Interval],
) -> EdgeReading:
    """edge: an instant, and what was booked since."""
    at_ms, since_j = edge
    assert register.first is not None, "a register without a reading has no edges"
    lifetime_j = register.first + register.booked - since_j
    still = not (register.unbilled or register.adjusted or register.rolled_over)
    offset_j = register.dial - register.first - register.booked
    dial_j = lifetime_j + offset_j if still or moved == 0 else None
    return EdgeReading(
        iso(at_ms),
        kwh(lifetime_j),
        None if dial_j is None else kwh(dial_j),
        FIRST if lifetime_j == register.first and not around else _how(at_ms, around),
    )


def _how(at_ms: int, around: Sequence[Interval]) -> str:
    gap = any(row.gap_from_ms < at_ms < row.gap_to_ms for row in around)
    return ACROSS_A_GAP if gap else INTERPOLATED
