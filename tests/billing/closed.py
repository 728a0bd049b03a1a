"""A closed period and what a store would have kept of it, to be computed again."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tests.billing.site import (
    FEBRUARY,
    FIVE,
    HOUR,
    JANUARY,
    KWH,
    feed,
    only,
    rate,
    span,
    spec,
    used,
    world,
)

from meterd.billing.bill import Bill
from meterd.billing.closing import Sealed, sealed
from meterd.billing.late_again import books_of, unlike
from meterd.billing.proof import differences
from meterd.billing.recompute import Evidence, carried
from meterd.billing.tariffs.metered import Past
from meterd.events import Adjusted, Interval, Output, PeriodClosed, Sample
from meterd.specs import SourceSpec


def evidence(
    row: PeriodClosed, body: Sealed, out: Sequence[Output], reactive: Sequence[Interval] = ()
) -> Evidence:
    """What a store would have kept of a closed period."""
    own = [
        sample
        for sample in only(Sample, out)
        if sample.period_start_ms == row.start_ms and row.start_ms <= sample.interval.start_ms
    ]
    beside = [part for part in reactive if row.start_ms <= part.start_ms < row.end_ms]
    terms = {
        closed.start_ms: sealed(closed.body).terms
        for closed in only(PeriodClosed, out)
        if closed.start_ms < row.start_ms
    }
    told = [a for a in only(Adjusted, out) if a.open_period_start_ms == row.start_ms]
    return Evidence(
        row.start_ms, row.end_ms, sorted(own, key=lambda sample: sample.interval.start_ms),
        body.stints, beside, adjustments=carried(told, terms),
    )  # fmt: skip


def wrong(out: Sequence[Output], reactive: Sequence[Interval] = ()) -> list[tuple[str, Any, Any]]:
    """What of all closed periods cannot be computed again."""
    found = []
    past: list[Past] = []
    before: list[PeriodClosed] = []
    for row in only(PeriodClosed, out):
        body = sealed(row.body)
        found += differences(body, evidence(row, body, out, reactive), world(), past)
        rates = [late_rates(row, earlier, out) for earlier in before]
        found += [("rates", *pair) for pair in rates if pair is not None]
        before.append(row)
    return found


def late_rates(
    carrier: PeriodClosed, earlier: PeriodClosed, out: Sequence[Output]
) -> tuple[Any, Any] | None:
    """What is wrong with the rates of what one period carries of another."""
    rows = [
        one
        for one in only(Adjusted, out)
        if (one.open_period_start_ms, one.period_start_ms) == (carrier.start_ms, earlier.start_ms)
    ]
    samples = [
        one
        for one in only(Sample, out)
        if one.period_start_ms == carrier.start_ms
        and earlier.start_ms <= one.interval.start_ms < earlier.end_ms
    ]
    body = sealed(earlier.body)
    books = books_of(body, (earlier.start_ms, earlier.end_ms))
    return unlike(rows, samples, books, world()) if body.terms.tariff else None


def january(**terms: Any) -> tuple[list[Output], PeriodClosed]:
    """A month of one source, closed; a kilowatt-hour every five minutes of its first day."""
    shape: dict[str, Any] = {"allowance": Decimal(100), **terms}
    bill = Bill(spec(SourceSpec("m", **rate("0.30")), **shape), world())
    rows = [*span(JANUARY, JANUARY + HOUR, KWH), used(FEBRUARY - FIVE, 0), used(FEBRUARY, 0)]
    out = feed(bill, rows)
    (row,) = only(PeriodClosed, out)
    return out, row
