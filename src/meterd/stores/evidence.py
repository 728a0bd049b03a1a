"""What a store has of a billing period, to compute it again (`billing/recompute.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import msgspec

from meterd.billing.closing import Sealed
from meterd.billing.period import PeriodState, Stint
from meterd.billing.recompute import Evidence, carried
from meterd.billing.sources import ACTIVE, wanted
from meterd.events import MEASURED, Adjusted, Interval, PeriodClosed, Sample
from meterd.specs import BillSpec
from meterd.stores.pages import Page, walk
from meterd.stores.queries import Reader


def of_closed(
    reader: Reader, period: PeriodClosed, sealed: Sealed, terms_of: Mapping[int, BillSpec]
) -> Evidence:
    """A closed period's. terms_of: start -> terms of the closed periods before it."""
    span = (period.start_ms, period.end_ms)
    return Evidence(
        *span,
        _samples(reader, period.bill, span),
        sealed.stints,
        beside(reader, span, sealed.terms),
        adjustments=carried(adjusted(reader, period), terms_of),
    )


def of_running(reader: Reader, bill: str, state: PeriodState, terms: BillSpec) -> Evidence:
    """One's that is not closed yet, of the instant the state is of."""
    span = (state.start_ms, state.end_ms)
    now = Stint([(key, state.end_ms) for key in wanted(terms)], sorted(state.since.items()))
    return Evidence(
        *span,
        _samples(reader, bill, span),
        [*state.stints, now],
        beside(reader, span, terms),
        unbilled=state.unbilled,
        adjustments=state.adjustments,
    )


def beside(reader: Reader, span: tuple[int, int], terms: BillSpec) -> list[Interval]:
    """The intervals of reactive and exported energy that terms ask for, of all their sources."""
    sources = tuple(msgspec.structs.replace(source, enabled=True) for source in terms.sources)
    keys = wanted(msgspec.structs.replace(terms, sources=sources))
    found: list[Interval] = []
    for meter, quantity in sorted({key[:2] for key in keys if key[1] != ACTIVE}):
        rows = walk(partial(reader.intervals, meter, quantity=quantity), Page(*span))
        found += (row for row in rows if row.method == MEASURED)
    return found


def came_late(reader: Reader, bill: str, span: tuple[int, int], carrier_ms: int) -> list[Sample]:
    """What a later period has carried of the one whose span it is. carrier_ms: its start."""
    return list(walk(partial(reader.samples, bill, carrier_ms=carrier_ms), Page(*span)))


def _samples(reader: Reader, bill: str, span: tuple[int, int]) -> list[Sample]:
    """The period's own; what came late for another one stands in the same list."""
    return came_late(reader, bill, span, span[0])


def adjusted(reader: Reader, carrier: PeriodClosed) -> Sequence[Adjusted]:
    """What came to light while the carrier was open, by when it did."""
    rows = walk(partial(reader.adjustments, carrier.bill), Page(carrier.start_ms))
    return [row for row in rows if row.open_period_start_ms == carrier.start_ms]
