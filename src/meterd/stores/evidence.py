"""What a store has of a billing period, to compute it again (`billing/recompute.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from meterd.billing.closing import Sealed
from meterd.billing.period import PeriodState
from meterd.billing.recompute import Evidence, carried
from meterd.events import Adjusted, Interval, PeriodClosed, Sample
from meterd.metering.demand import REACTIVE
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
        _reactive(reader, sealed.terms, span),
        closed=True,
        adjustments=carried(_adjusted(reader, period), terms_of),
    )


def of_running(reader: Reader, bill: str, state: PeriodState, terms: BillSpec) -> Evidence:
    """One's that is not closed yet, of the instant the state is of."""
    span = (state.start_ms, state.end_ms)
    return Evidence(
        *span,
        _samples(reader, bill, span),
        state.stints,
        _reactive(reader, terms, span),
        unbilled=state.unbilled,
        adjustments=state.adjustments,
    )


def _samples(reader: Reader, bill: str, span: tuple[int, int]) -> list[Sample]:
    """The period's own; what came late for another one stands in the same list."""
    samples = walk(partial(reader.samples, bill), Page(*span))
    return [sample for sample in samples if sample.period_start_ms == span[0]]


def _reactive(reader: Reader, terms: BillSpec, span: tuple[int, int]) -> list[Interval]:
    if terms.demand.quantity != "kva":
        return []
    found: list[Interval] = []
    for meter in sorted({source.meter for source in terms.sources}):
        found += walk(partial(reader.intervals, meter, quantity=REACTIVE), Page(*span))
    return found


def _adjusted(reader: Reader, carrier: PeriodClosed) -> Sequence[Adjusted]:
    """What came to light while the carrier was open, by when it did."""
    rows = walk(partial(reader.adjustments, carrier.bill), Page(carrier.start_ms))
    return [row for row in rows if row.open_period_start_ms == carrier.start_ms]
