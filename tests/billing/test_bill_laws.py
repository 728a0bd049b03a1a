"""What holds of every bill: periods tile time, energy is conserved, order does not matter."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.billing.site import DAY, FIVE, HOUR, KWH, at, only, spec, used, world

from meterd.billing.bill import Bill
from meterd.billing.closing import broken
from meterd.billing.state import decode
from meterd.events import Adjusted, Interval, Output, PeriodClosed, Sample
from meterd.metering.calendar import Calendar
from meterd.specs import BillSpec, DemandSpec, SourceSpec

pytestmark = pytest.mark.law

ZONES = sorted(zone for zone in available_timezones() if "/" in zone)
START = at("01-25")
GRACE = 2 * DAY
SOURCES = (SourceSpec("a"), SourceSpec("b"), SourceSpec("c", "power"))
METHODS = {"a": "measured", "b": "measured", "c": "integrated"}


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    day=st.integers(1, 31),
    other=st.integers(1, 31),
    first=st.integers(0, 2_000_000_000_000),
    waits=st.lists(st.integers(0, 100 * DAY), min_size=1, max_size=6),
)
def test_periods_tile_time(zone: str, day: int, other: int, first: int, waits: list[int]) -> None:
    calendar = Calendar(zone)
    bill = Bill(spec(billing_day=day, grace_ms=0), world(calendar))
    out: list[Output] = []
    now = first - first % FIVE
    bill.take(used(now, 1), now, out)
    for n, wait in enumerate(waits):
        now += wait
        bill.advance(now, out)
        if n == len(waits) // 2:
            changed = spec(billing_day=other, grace_ms=0)
            bill = Bill(changed, world(calendar), decode(bill.encode()))
    rows = only(PeriodClosed, out)
    spans = [(row.start_ms, row.end_ms) for row in rows]
    spans += [(period.start_ms, period.end_ms) for period in bill.state.periods]
    assert spans[0][0] <= first
    assert spans[-1][0] <= max(now, first) < spans[-1][1]
    assert all(before[1] == after[0] for before, after in pairwise(spans))
    assert all(start < end for start, end in spans)
    for start, _end in spans:
        local = calendar.local(start)
        assert local.day in {day, other} or is_last_of_month(local.date()) or zone_skips(local)
    assert broken(rows) == []


def is_last_of_month(day: date) -> bool:
    return date.fromordinal(day.toordinal() + 1).day == 1


def zone_skips(local: object) -> bool:
    """A billing day that a zone left out altogether (Apia and Fakaofo, Manila, Kwajalein)."""
    return str(local)[:10] in {"2011-12-31", "1993-08-22", "1994-12-31", "1995-01-01"}


# -- lives of three sources over three months -------------------------------------------------

Batch = tuple[str, int, list[int]]
"""(source, five minutes since START at which it begins, amounts)."""
batches = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.integers(0, 500).map(lambda n: n * 40),
        st.lists(st.integers(0, 2 * KWH), min_size=1, max_size=8),
    ),
    min_size=1,
    max_size=12,
)


def rows_of(lives: Sequence[Batch]) -> list[Interval]:
    """Each source's intervals in time order, no five minutes twice."""
    found: dict[tuple[str, int], Interval] = {}
    for meter, first, amounts in lives:
        for n, amount in enumerate(amounts):
            start = START + (first + n) * FIVE
            row = used(start, amount, meter, method=METHODS[meter])
            found.setdefault((meter, start), row)
    return [found[place] for place in sorted(found)]


def terms(**more: object) -> BillSpec:
    ceiling = Decimal(18)  # 1.5 kWh in five minutes
    return spec(*SOURCES, grace_ms=GRACE, max_source_kw=ceiling, **more)


def energy_told(bill: Bill, out: list[Output]) -> int:
    """Everything billed or known not to be: closed, open, adjusted, unbilled."""
    closed = 0
    for row in only(PeriodClosed, out):
        body = json.loads(row.body)
        closed += sum(source["energy_j"] for source in body["inputs"])
        closed += round(Decimal(body["figures"]["unbilled_kwh"]) * KWH)
    running = sum(
        totals.amount for period in bill.state.periods for totals in period.totals.values()
    )
    unbilled = sum(period.unbilled for period in bill.state.periods)
    return closed + running + unbilled + sum(row.amount for row in only(Adjusted, out))


@settings(max_examples=60, deadline=None)
@given(lives=batches, lags=st.lists(st.integers(0, 60 * DAY), min_size=12, max_size=12))
def test_energy_is_conserved_however_late_it_comes(lives: list[Batch], lags: list[int]) -> None:
    rows = rows_of(lives)
    bill = Bill(terms(), world())
    out: list[Output] = []
    now = START
    for n, row in enumerate(rows):
        now = max(now, row.end_ms + lags[n % 12])
        bill.take(row, now, out)
        if lags[n % 12] % 2:
            bill.advance(now, out)
    bill.advance(now, out)
    assert energy_told(bill, out) == sum(row.amount for row in rows)
    sampled = [sample.interval for sample in only(Sample, out)]
    assert sampled == rows


@settings(max_examples=40, deadline=None)
@given(lives=batches, data=st.data(), kva=st.booleans())
def test_the_order_of_the_sources_does_not_matter(
    lives: list[Batch], data: st.DataObject, kva: bool
) -> None:
    """Within the grace; what was closed by then is the same to the byte."""
    rows = rows_of(lives)
    shape = terms(demand=DemandSpec(FIVE * 3, FIVE, "kva" if kva else "kw"))
    turns = data.draw(st.permutations([row.meter for row in rows]))
    end = START + 100 * DAY
    lasting = [(START, KWH)]

    def live(order: Sequence[str]) -> tuple[list[bytes], list[object]]:
        bill = Bill(shape, world())
        out: list[Output] = []
        waiting = {meter: iter([row for row in rows if row.meter == meter]) for meter in "abc"}
        for start, amount in lasting:
            bill.take(used(start - FIVE, amount, "a"), start, out)
        for meter in order:
            bill.take(next(waiting[meter]), START, out)
        bill.advance(end, out)
        periods: list[object] = [*bill.state.periods, *bill.state.closed]
        return [row.body for row in only(PeriodClosed, out)], periods

    assert live(turns) == live([row.meter for row in rows])


@settings(max_examples=40, deadline=None)
@given(lives=batches, day=st.integers(1, 31))
def test_splitting_a_period_conserves_what_was_used(lives: list[Batch], day: int) -> None:
    rows = [row for row in rows_of(lives) if row.amount <= KWH]

    def total(billing_day: int) -> int:
        bill = Bill(terms(billing_day=billing_day), world())
        out: list[Output] = []
        for row in rows:
            bill.take(row, START, out)
        bill.advance(START + 100 * DAY, out)
        return energy_told(bill, out)

    assert total(day) == total(1) == sum(row.amount for row in rows)


@settings(max_examples=40, deadline=None)
@given(lives=batches, kills=st.sets(st.integers(0, 95)))
def test_a_bill_may_be_killed_anywhere_and_closing_is_idempotent(
    lives: list[Batch], kills: set[int]
) -> None:
    rows = sorted(rows_of(lives), key=lambda row: row.end_ms)
    whole, cut = Bill(terms(), world()), Bill(terms(), world())
    told: list[Output] = []
    told_cut: list[Output] = []
    for n, row in enumerate(rows):
        whole.take(row, row.end_ms, told)
        whole.advance(row.end_ms, told)
        cut.take(row, row.end_ms, told_cut)
        if n in kills:
            cut = Bill(terms(), world(), decode(cut.encode()))
        for _ in range(2):
            cut.advance(row.end_ms, told_cut)
            assert cut.due_ms() > row.end_ms
    assert told_cut == told
    assert decode(cut.encode()) == decode(whole.encode())
    assert cut.view(START + 90 * DAY, lambda _source: ("ok", None)) == whole.view(
        START + 90 * DAY, lambda _source: ("ok", None)
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 40 * DAY), min_size=1, max_size=8))
def test_nothing_happens_before_it_is_due(waits: list[int]) -> None:
    bill = Bill(terms(), world())
    out: list[Output] = []
    bill.take(used(START, KWH, "a"), START + FIVE, out)
    now = START + FIVE
    for wait in waits:
        now += wait
        due = bill.due_ms()
        before = bill.encode()
        told = len(out)
        bill.advance(now, out)
        assert (bill.encode() != before) == (due <= now)
        assert len(out) == told or due <= now
    assert bill.due_ms() > now
    assert bill.due_ms() - now <= 31 * DAY + HOUR
