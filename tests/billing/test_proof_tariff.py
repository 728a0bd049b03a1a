"""Closed periods with a tariff, made again from samples and intervals; what is forged is found."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.billing.closed import evidence, wrong
from tests.billing.site import (
    BERLIN,
    DAY,
    FEBRUARY,
    FIVE,
    HOUR,
    JANUARY,
    KWH,
    event,
    feed,
    only,
    spec,
    used,
    world,
)
from tests.billing.tariffs.written import demand_rate, hours, rate, tariff

from meterd.billing.bill import Bill
from meterd.billing.closing import Sealed, sealed
from meterd.billing.proof import differences
from meterd.billing.sources import key_of_interval
from meterd.billing.state import decode
from meterd.billing.tariffs.metered import Metered
from meterd.billing.world import World
from meterd.events import Interval, Output, PeriodClosed
from meterd.metering.demand import REACTIVE
from meterd.specs import BillSpec, DemandSpec, SourceSpec
from meterd.tariff import Amount, Export, PowerFactor, PriceSeries, Ratchet, TariffSpec

TWO = hours({"hours": "8-20"}, None)
RATCHET = Ratchet((Decimal(80),) * 12, 11)
OFFICE = tariff(
    rate("0.30"), rate("4 0.20", "0.10"), schedule=TWO, fixed=(Amount(Decimal("9.9")),),
    minimum=(Amount(Decimal(100), "year"),),
    demand=(
        demand_rate("2", quantity="kva"), demand_rate("3", ratchet=RATCHET),
        demand_rate("1", quantity="kvar"), demand_rate("0.5", daily=True),
    ),
    power_factor=PowerFactor("excess_reactive", Decimal("0.9"), Decimal("0.1"), Decimal("0.1")),
)  # fmt: skip
NET = tariff(rate("0.25"), export=Export(Decimal("0.08"), "hour"))
SPOT = tariff(series="spot", export=Export(Decimal("-0.01")))
LATER = msgspec.structs.replace(OFFICE, valid_from=date(2026, 1, 24), chronological=True)
SPOTS = PriceSeries(
    tuple(range(JANUARY, JANUARY + 60 * DAY, HOUR)),
    tuple(Decimal(n % 7 - 2) / 10 for n in range(60 * 24)),
    JANUARY + 60 * DAY,
)
ALSO = ("energy_export", REACTIVE)
SOURCES = (SourceSpec("a", also=ALSO), SourceSpec("b", also=(REACTIVE,)), SourceSpec("c", "power"))
METHODS = {"a": "measured", "b": "measured", "c": "integrated"}


def priced(prices: PriceSeries | None) -> World:
    known = {} if prices is None else {"spot": prices}
    return World(BERLIN, "2026a", event, lambda at_ms: f"a{at_ms}", prices=known)


def beside(row: Interval, quantity: str) -> Interval:
    """Reactive or exported energy of the same five minutes."""
    return msgspec.structs.replace(
        row, quantity=quantity, method="measured", amount=row.amount // 3 + 1000
    )


def taken(bill: Bill, row: Interval, now: int, out: list[Output]) -> list[Interval]:
    """Give the bill what it wants of a meter's five minutes; return what stands beside it."""
    other = [beside(row, REACTIVE), beside(row, "energy_export")]
    for part in (row, *other):
        if key_of_interval(part) in bill.wants():
            bill.take(part, now, out)
    return other


LIVES = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.integers(0, 80).map(lambda n: n * 250),
        st.lists(st.integers(0, 2 * KWH), min_size=1, max_size=9),
    ),
    min_size=1,
    max_size=10,
)
CHANGES = st.dictionaries(
    st.integers(0, 60), st.sets(st.sampled_from("abc"), min_size=1), max_size=5
)


@settings(max_examples=60, deadline=None)
@given(
    lives=LIVES,
    changes=CHANGES,
    lags=st.lists(st.integers(0, 40 * DAY), min_size=8, max_size=8),
    versions=st.sampled_from([(OFFICE,), (NET,), (SPOT,), (NET, LATER), (SPOT, LATER)]),
    learnt=st.integers(0, 60),
)
def test_a_bill_with_a_tariff_is_made_again(
    lives: list[Any],
    changes: dict[int, set[str]],
    lags: list[int],
    versions: tuple[TariffSpec, ...],
    learnt: int,
) -> None:
    """Sources come and go, data is late, prices become known, the daemon starts again."""
    rows: dict[tuple[str, int], Interval] = {}
    for meter, first, amounts in lives:
        for n, amount in enumerate(amounts):
            start = JANUARY + 20 * DAY + (first + n) * FIVE
            rows[meter, start] = used(start, amount, meter, method=METHODS[meter])
    shape: dict[str, Any] = {"max_source_kw": Decimal(18), "grace_ms": DAY, "tariff": versions}
    shape["demand"] = DemandSpec(3 * FIVE, FIVE)
    out: list[Output] = []
    stored: list[Interval] = []
    there = priced(None)
    bill, now = Bill(spec(*SOURCES, **shape), there), 0
    for n, row in enumerate(sorted(rows.values(), key=lambda row: (row.start_ms, row.meter))):
        if n == learnt:
            there = priced(SPOTS)
            bill = Bill(bill.spec, there, decode(bill.encode()))
        if n in changes:
            some = [msgspec.structs.replace(s, enabled=s.meter in changes[n]) for s in SOURCES]
            bill = Bill(spec(*some, **shape), there, decode(bill.encode()))
        now = max(now, row.end_ms + lags[n % 8])
        stored += taken(bill, row, now, out)
        bill.advance(now, out)
    bill.advance(now + 100 * DAY, out)
    assert wrong(out, stored) == []


def closed(*versions: TariffSpec) -> tuple[list[Output], Sealed]:
    bill = Bill(spec(SourceSpec("m", also=ALSO), tariff=versions), priced(SPOTS))
    out: list[Output] = []
    for row in (used(JANUARY + 10 * HOUR, 5 * KWH), used(FEBRUARY - FIVE, KWH), used(FEBRUARY, 0)):
        out += feed(bill, [row, beside(row, REACTIVE), beside(row, "energy_export")])
    bill.advance(FEBRUARY + 2 * DAY, out)
    return out, sealed(only(PeriodClosed, out)[0].body)


def judged(out: list[Output], body: Sealed) -> dict[str, tuple[Any, Any]]:
    row = only(PeriodClosed, out)[0]
    rows = [used(JANUARY + 10 * HOUR, 5 * KWH), used(FEBRUARY - FIVE, KWH)]
    stored = [beside(row, quantity) for row in rows for quantity in ALSO]
    found = differences(body, evidence(row, body, out, stored), world(), [])
    return {name: (before, after) for name, before, after in found}


def first(body: Sealed, **change: Any) -> Metered:
    """What was metered, with its first stretch changed."""
    assert body.metered is not None
    (part,) = body.metered.parts
    one, *rest = part.stretches
    changed = (msgspec.structs.replace(one, **change), *rest)
    return msgspec.structs.replace(
        body.metered, parts=(msgspec.structs.replace(part, stretches=changed),)
    )


@pytest.mark.parametrize(
    "change", [{"import_j": KWH}, {"export_j": 7}, {"reactive": 9}, {"zone": 1}, {"month": 2}]
)
def test_a_sum_that_no_sample_bears_out_is_found(change: dict[str, int]) -> None:
    out, body = closed(OFFICE)
    assert judged(out, body) == {}
    forged = msgspec.structs.replace(body, metered=first(body, **change))
    assert "metered part 0 stretch 0" in judged(out, forged)


def test_a_price_that_was_forged_does_not_make_the_cost() -> None:
    out, body = closed(SPOT)
    assert judged(out, body) == {}
    forged = msgspec.structs.replace(body, metered=first(body, price=Decimal(9)))
    assert "cost" in judged(out, forged)
    assert set(judged(out, msgspec.structs.replace(body, metered=None))) >= {"metered month"}


def test_a_peak_that_was_forged_is_found() -> None:
    out, body = closed(OFFICE)
    assert body.metered is not None
    (part,) = body.metered.parts
    more = msgspec.structs.replace(part.reaches[1], kw=Fraction(9))
    forged = msgspec.structs.replace(
        body.metered,
        parts=(msgspec.structs.replace(part, reaches=(part.reaches[0], more, *part.reaches[2:])),),
    )
    found = judged(out, msgspec.structs.replace(body, metered=forged))
    assert set(found) == {"metered part 0 peak 1"}


def test_an_earlier_peak_that_was_forged_is_found() -> None:
    """A ratchet goes by it."""
    out, body = closed(OFFICE)
    bill = spec(SourceSpec("m", also=ALSO), tariff=(OFFICE,))
    assert wrong_past(out, body, bill) == {"metered past"}


def wrong_past(out: list[Output], body: Sealed, bill: BillSpec) -> set[str]:
    row = only(PeriodClosed, out)[0]
    past = Bill(bill, world()).state.past
    rows = [used(JANUARY + 10 * HOUR, 5 * KWH), used(FEBRUARY - FIVE, KWH)]
    stored = [beside(row, quantity) for row in rows for quantity in ALSO]
    known = evidence(row, body, out, stored)
    differences(body, known, world(), past)
    assert len(past) == 1
    return {name for name, *_ in differences(body, known, world(), past)} - {"cost"}


def test_what_an_adjustment_costs_is_what_its_row_says() -> None:
    """February carries a January night at January's price."""
    out: list[Output] = []
    bill = Bill(spec(tariff=(tariff(rate("0.30"), rate("0.20"), schedule=TWO),)), world())
    rows = [used(JANUARY, KWH), used(FEBRUARY - FIVE, 0), used(FEBRUARY, 0)]
    late = used(JANUARY + HOUR, 2 * KWH)
    out += feed(bill, rows)
    out += feed(bill, [late], FEBRUARY + HOUR)
    bill.advance(FEBRUARY + 40 * DAY, out)
    assert wrong(out) == []
    body = sealed(only(PeriodClosed, out)[1].body)
    assert [line["amount"] for line in body.figures["cost"]["lines"]] == ["0.00", "0.40"]
