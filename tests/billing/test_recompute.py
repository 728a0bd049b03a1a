"""A period computed again from what was told of it: the same, whatever its life was."""

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.billing.closed import evidence, january, wrong
from tests.billing.site import (
    BERLIN,
    DAY,
    FEBRUARY,
    FIVE,
    HOUR,
    JANUARY,
    KEY,
    KWH,
    MARCH,
    feed,
    only,
    rate,
    restarted,
    span,
    spec,
    used,
    world,
)
from tests.billing.tariffs.written import tariff

from meterd.billing.bill import Bill
from meterd.billing.closing import sealed
from meterd.billing.figures import CLOSED, figures, usage
from meterd.billing.period import Stint
from meterd.billing.proof import differences
from meterd.billing.recompute import (
    Evidence,
    at_rate,
    carried,
    priced_as,
    recomputed,
)
from meterd.billing.tariffs.tally import EXPORT
from meterd.events import Adjusted, Interval, Output, PeriodClosed, Sample
from meterd.metering.demand import REACTIVE
from meterd.specs import DemandSpec, SourceSpec
from meterd.tariff import Export

SOURCES = (
    SourceSpec("a", **rate("0.30")),
    SourceSpec("b", **rate("0.25")),
    SourceSpec("c", "power", **rate("0.30")),
)
METHODS = {"a": "measured", "b": "measured", "c": "integrated"}


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


@settings(max_examples=40, deadline=None)
@given(
    lives=LIVES,
    changes=CHANGES,
    lags=st.lists(st.integers(0, 40 * DAY), min_size=8, max_size=8),
    kva=st.booleans(),
    gaps=st.booleans(),
)
def test_every_closed_bill_is_computed_again_from_its_samples(
    lives: list[Any], changes: dict[int, set[str]], lags: list[int], kva: bool, gaps: bool
) -> None:
    """Sources come and go, data is late, some samples are not believed, some are gaps."""
    rows: dict[tuple[str, int], Interval] = {}
    for meter, first, amounts in lives:
        for n, amount in enumerate(amounts):
            start = JANUARY + 20 * DAY + (first + n) * FIVE
            hull = {"gap": amount, "gap_from_ms": start, "gap_to_ms": start + 2 * HOUR}
            more = hull if gaps and n % 4 == 3 else {}
            rows[meter, start] = used(start, amount, meter, method=METHODS[meter], **more)
    demand = DemandSpec(3 * FIVE, FIVE, "kva" if kva else "kw")
    shape: dict[str, Any] = {"demand": demand, "max_source_kw": Decimal(18), "grace_ms": DAY}
    out: list[Output] = []
    reactive: list[Interval] = []
    bill, now = Bill(spec(*SOURCES, **shape), world()), 0
    for n, row in enumerate(sorted(rows.values(), key=lambda row: (row.start_ms, row.meter))):
        if n in changes:
            sources = [msgspec.structs.replace(s, enabled=s.meter in changes[n]) for s in SOURCES]
            bill = restarted(bill, spec(*sources, **shape))
        now = max(now, row.end_ms + lags[n % 8])
        for part in (row, quadrature(row)):
            if (part.meter, part.quantity, part.method, part.phase) in bill.wants():
                bill.take(part, now, out)
        reactive.append(quadrature(row))
        bill.advance(now, out)
    bill.advance(now + 100 * DAY, out)
    assert wrong(out, reactive) == []


def quadrature(row: Interval) -> Interval:
    """The reactive energy beside an interval."""
    return msgspec.structs.replace(
        row, quantity=REACTIVE, method="measured", amount=row.amount // 3
    )


def test_adjustments_are_priced_by_the_closed_periods_terms() -> None:
    told = Adjusted("a", "tenant", JANUARY, FEBRUARY, 1, "late_data", "m", "measured", KWH, 0, KWH)
    later = msgspec.structs.replace(told, at_ms=2, before=KWH, after=3 * KWH, amount=2 * KWH)
    terms = {JANUARY: spec(SourceSpec("x"), SourceSpec("m", **rate("0.30")))}
    entry = carried([told, later], terms)[JANUARY]
    assert (entry.amount, entry.before, entry.after, entry.at_ms) == (3 * KWH, 0, 3 * KWH, 2)
    assert entry.rates == {"0.3": 3 * KWH}
    assert carried([told], {})[JANUARY].rates == {}
    assert carried([told], {JANUARY: spec()})[JANUARY].rates == {}
    assert carried([told], {JANUARY: spec(SourceSpec("x"))})[JANUARY].rates == {}


def test_a_running_period_is_computed_as_it_stands() -> None:
    """What came before its sources changed, and what came since."""
    bill = Bill(spec(SourceSpec("m"), SourceSpec("n")), world())
    feed(bill, [used(JANUARY, KWH), used(JANUARY, KWH, "n"), used(JANUARY + FIVE, KWH)])
    bill = restarted(bill, spec(SourceSpec("m"), SourceSpec("n", enabled=False)))
    feed(bill, [used(JANUARY + 2 * FIVE, KWH)])
    (state,) = bill.state.periods
    assert state.stints == [
        Stint([(KEY, JANUARY + 2 * FIVE), (("n", *KEY[1:]), JANUARY + FIVE)], [])
    ]
    rows = [
        used(JANUARY, KWH),
        used(JANUARY, KWH, "n"),
        *span(JANUARY + FIVE, JANUARY + 3 * FIVE, KWH),
    ]
    samples = [Sample("tenant", "energy", JANUARY, row) for row in rows]
    known = Evidence(state.start_ms, state.end_ms, samples, state.stints, unbilled=7)
    period = recomputed(known, bill.state.terms[state.terms], world())
    assert usage(period, BERLIN).energy_j == {KEY: 3 * KWH, ("n", *KEY[1:]): KWH}
    assert period.state.totals == state.totals
    assert period.state.unbilled == 7


def test_reactive_energy_that_came_after_the_closing_is_not_looked_at() -> None:
    demand = DemandSpec(FIVE, FIVE, "kva")
    bill = Bill(spec(demand=demand, grace_ms=0), world())
    out = feed(bill, [used(JANUARY, KWH), used(MARCH, KWH)])
    late = [msgspec.structs.replace(used(JANUARY, KWH), quantity=REACTIVE)]
    assert wrong(out, late) == []


def test_a_stint_of_an_early_release_counts_all_that_it_reached() -> None:
    demand = DemandSpec(FIVE, FIVE, "kva")
    bill = Bill(spec(demand=demand), world())
    row = used(JANUARY, KWH)
    out = feed(bill, [row, quadrature(row), used(FEBRUARY, KWH), used(MARCH, KWH)])
    (closed, *_) = only(PeriodClosed, out)
    body = sealed(closed.body)
    early = msgspec.structs.replace(body, stints=[Stint(body.stints[0].reached)])
    known = evidence(closed, early, out, [quadrature(row)])
    assert differences(early, known, world(), []) == []


def test_a_body_without_stints_is_one_of_one_part() -> None:
    out, row = january()
    body = msgspec.structs.replace(sealed(row.body), stints=[])
    known = msgspec.structs.replace(evidence(row, body, out), stints=[])
    assert differences(body, known, world(), []) == []


def test_a_body_that_is_none_of_ours_is_refused() -> None:
    with pytest.raises(ValueError, match="figures"):
        sealed(json.dumps({"bill": "x"}).encode())


def test_another_rate_is_another_price_and_nothing_else() -> None:
    out, row = january()
    body = sealed(row.body)
    period = recomputed(evidence(row, body, out), at_rate(body.terms, Decimal("0.50")), world())
    found = figures(period, world(), CLOSED, row.end_ms)
    assert found.cost is not None
    assert (found.cost.total, body.figures["cost"]["total"]) == ("6.00", "3.60")
    assert (found.used, found.peak) == (body.figures["used"], body.figures["peak"])


def test_other_terms_change_the_price_and_not_what_was_used() -> None:
    gone = SourceSpec("gone", enabled=False, **rate("0.20"))
    own = spec(SourceSpec("m", **rate("0.30")), gone, allowance=Decimal(5), type="demand")
    other = spec(SourceSpec("m", **rate("0.40")), SourceSpec("new"), currency="CHF", billing_day=9)
    assert priced_as(own, other) == spec(
        SourceSpec("m", **rate("0.40")), gone, allowance=Decimal(5), type="demand", currency="CHF"
    )


def test_a_what_if_counts_what_was_exported_while_its_meter_was_sampled() -> None:
    """Nobody kept it for the bill; what another meter sent out is none of it."""
    bill = Bill(spec(SourceSpec("m"), SourceSpec("gone")), world())
    feed(bill, [used(JANUARY, KWH), used(JANUARY, KWH, "gone")])
    bill = restarted(bill, spec(SourceSpec("m"), SourceSpec("gone", enabled=False)))
    feed(bill, [used(JANUARY + FIVE, KWH)])
    (state,) = bill.state.periods
    rows = [used(JANUARY, KWH), used(JANUARY, KWH, "gone"), used(JANUARY + FIVE, KWH)]
    out = [
        used(at_ms, KWH, meter, quantity=EXPORT)
        for meter in ("m", "gone", "other")
        for at_ms in (JANUARY, JANUARY + FIVE, JANUARY + 2 * FIVE)
    ]
    now = Stint([(KEY, JANUARY + 3 * FIVE)])
    samples = [Sample("tenant", "energy", JANUARY, row) for row in rows]
    known = Evidence(state.start_ms, state.end_ms, samples, [*state.stints, now], out)
    paid = tariff(export=Export(Decimal("0.10")))
    sources = tuple(SourceSpec(meter, also=(EXPORT,)) for meter in ("m", "gone"))
    metered = recomputed(known, spec(*sources, tariff=(paid,)), world()).metered()
    assert metered is not None
    assert sum(stretch.export_j for stretch in metered.parts[0].stretches) == 3 * KWH
    row = ("m", EXPORT, "measured", "")
    kept = Stint([*now.reached, (row, JANUARY + 3 * FIVE)], [(row, JANUARY)])
    known = msgspec.structs.replace(known, stints=[kept])
    plain = recomputed(known, spec(tariff=(paid,)), world()).metered()
    assert plain is not None
    assert sum(stretch.export_j for stretch in plain.parts[0].stretches) == 0


def test_a_rate_takes_the_place_of_a_tariff() -> None:
    assert at_rate(spec(tariff=(tariff(),)), Decimal("0.1")) == spec(SourceSpec("m", **rate("0.1")))
