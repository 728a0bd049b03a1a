"""The law of demand, recomputed with nothing but sets."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from meterd.events import Interval
from meterd.metering.calendar import Calendar, parse_iso
from meterd.metering.demand import REACTIVE, Demand
from meterd.specs import DemandSpec

MINUTE = 60_000
FIVE = 5 * MINUTE
BERLIN = Calendar("Europe/Berlin")
NOON = parse_iso("2026-01-10T12:00:00+01:00")


def used(start_ms: int, amount: int, meter: str = "m", **more: Any) -> Interval:
    """Five minutes of a meter."""
    row = Interval(meter, "energy_import", "measured", "", start_ms, start_ms + FIVE, amount)
    return msgspec.structs.replace(row, **more)


def windows(minutes: int, step: int = 0, quantity: str = "kw") -> DemandSpec:
    return DemandSpec(minutes * MINUTE, (step or minutes) * MINUTE, quantity)


def peak_of(spec: DemandSpec, rows: list[Interval], sources: tuple[str, ...] = ("m",)) -> Any:
    """(minutes after noon of start and end, amount) of the peak, or None."""
    counted = Demand(spec, BERLIN, None, sources)
    for row in rows:
        counted.add(row)
    peak = counted.state.peak
    return peak and ((peak.start_ms - NOON) // MINUTE, (peak.end_ms - NOON) // MINUTE, peak.amount)


Cell = tuple[int, int, int, bool]
"""(active, reactive, missing ms, with a gap of the whole five minutes before and itself)"""
cells = st.tuples(
    st.integers(0, 5), st.integers(0, 5), st.sampled_from([0, 0, 0, 0, 1]), st.integers(0, 9)
).map(lambda cell: (cell[0], cell[1], cell[2] * MINUTE, cell[3] == 9))
tables = st.integers(1, 3).flatmap(
    lambda sources: st.lists(
        st.lists(cells | st.none(), min_size=12, max_size=24), min_size=sources, max_size=sources
    )
)


def naive(spec: DemandSpec, table: list[list[Cell | None]]) -> tuple[int, int, int] | None:
    """(first five minutes, amount) of the peak, by looking at every window whole."""
    width, stride = spec.window_ms // FIVE, spec.step_ms // FIVE
    best = None
    for first in range(0, min(map(len, table)) - width + 1, stride):
        seen = [row[n] for row in table for n in range(first, first + width)]
        if any(cell is None or cell[2] for cell in seen):
            continue
        if any((row[first] or (0, 0, 0, False))[3] for row in table):
            continue  # its gap reaches out of the window on the left
        active = sum(cell[0] for cell in seen if cell)
        reactive = sum(cell[1] for cell in seen if cell)
        reactive *= spec.quantity == "kva"
        if best is None or active**2 + reactive**2 > best[1] ** 2 + best[2] ** 2:
            best = (first, active, reactive)
    return best


def rows_of(table: list[list[Cell | None]], *, kva: bool) -> list[list[Interval]]:
    """One list of intervals per row of the table, and one per reactive counter."""
    rows: list[list[Interval]] = []
    for source in table:
        active, reactive = [], []
        for n, cell in enumerate(source):
            if cell is None:
                continue
            at = NOON + n * FIVE
            gap: dict[str, Any] = {"gap_from_ms": at - FIVE, "gap_to_ms": at + FIVE}
            gap = gap if cell[3] else {}
            active.append(used(at, cell[0], missing_ms=cell[2], **gap))
            reactive.append(used(at, cell[1], quantity=REACTIVE))
        rows += [active, reactive] if kva else [active]
    return rows


@settings(max_examples=150, deadline=None)
@given(
    table=tables,
    shape=st.sampled_from([(5, 5), (15, 15), (15, 5), (30, 10), (20, 5)]),
    kva=st.booleans(),
    data=st.data(),
)
def test_the_peak_is_that_of_looking_at_every_window(
    table: list[list[Cell | None]], shape: tuple[int, int], kva: bool, data: st.DataObject
) -> None:
    spec = windows(*shape, quantity="kva" if kva else "kw")
    rows = rows_of(table, kva=kva)
    turns = data.draw(st.permutations([n for n, row in enumerate(rows) for _ in row]))
    waiting = [iter(row) for row in rows]
    counted = Demand(spec, BERLIN, None, tuple(map(str, range(len(rows)))))
    for turn in turns:
        counted.add(next(waiting[turn]))
    peak = counted.state.peak
    expected = naive(spec, table)
    found = peak and ((peak.start_ms - NOON) // FIVE, peak.amount, peak.reactive)
    assert found == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | st.integers(0, 9), min_size=12, max_size=60))
def test_block_is_at_most_rolling_and_finer_steps_find_at_least_as_much(
    amounts: list[int | None],
) -> None:
    rows = [used(NOON + n * FIVE, amount) for n, amount in enumerate(amounts) if amount is not None]
    found = [peak_of(windows(30, step), rows) for step in (30, 15, 10, 5)]
    block, _, _, finest = [-1 if peak is None else peak[2] for peak in found]
    assert all((-1 if peak is None else peak[2]) <= finest for peak in found)
    assert all((-1 if peak is None else peak[2]) >= block for peak in found)
