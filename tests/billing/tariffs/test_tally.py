"""What a tariff needs of a period, summed as it comes: any order, any batches, the same sums."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.billing.site import (
    BERLIN,
    FEBRUARY,
    FIVE,
    HOUR,
    JANUARY,
    KEY,
    KWH,
    MINUTE,
    TWO,
    at,
    span,
    spec,
    used,
)
from tests.billing.tariffs.written import QUARTER, day, demand_rate, hours, rate, tariff

from meterd.billing.period import Period, PeriodState
from meterd.billing.tariffs.hours import Hours
from meterd.billing.tariffs.metered import Metered
from meterd.billing.tariffs.tally import Tally, TallyState, demand_names
from meterd.events import Interval
from meterd.specs import BillSpec, DemandSpec, SourceSpec
from meterd.tariff import Export, PriceSeries, TariffSpec

PEAK = hours({"hours": "8-20", "days": "mon-fri"})
BOTH = hours({"hours": "8-20", "days": "mon-fri"}, None)
WHOLE = demand_rate("5", "any-time")
HOURS = demand_rate("9", "peak", schedule=PEAK)
OFFICE = tariff(rate("0.3"), rate("0.1"), schedule=BOTH, demand=(WHOLE, HOURS))
FRIDAY, SATURDAY = at("01-02"), at("01-03")


def period(*versions: TariffSpec, prices: Any = None, **more: Any) -> Period:
    more.setdefault("demand", DemandSpec(QUARTER, QUARTER))
    terms = spec(*more.pop("sources", ()), tariff=versions, **more)
    return Period(PeriodState(JANUARY, FEBRUARY, 1), terms, BERLIN, prices or {})


def booked(running: Period, rows: list[Interval]) -> Metered:
    for row in rows:
        key = (row.meter, row.quantity, row.method, row.phase)
        if key in running.active:
            running.book(key, row)
        else:
            running.support(row)
    found = running.metered()
    assert found is not None
    return found


def test_energy_is_summed_by_stretches_of_one_zone() -> None:
    rows = span(FRIDAY + 7 * HOUR, FRIDAY + 21 * HOUR, KWH)
    (part,) = booked(period(OFFICE), rows).parts
    found = [(s.start_ms, s.zone, s.import_j // KWH, s.month) for s in part.stretches]
    assert found == [
        (FRIDAY, 1, 12, 1),
        (FRIDAY + 8 * HOUR, 0, 144, 1),
        (FRIDAY + 20 * HOUR, 1, 12, 1),
    ]


def test_a_peak_lies_within_its_own_hours_and_the_first_of_equals_counts() -> None:
    rows = [
        *span(FRIDAY + 7 * HOUR, FRIDAY + 7 * HOUR + QUARTER, 3 * KWH),
        *span(FRIDAY + 8 * HOUR, FRIDAY + 8 * HOUR + QUARTER, 2 * KWH),
        *span(FRIDAY + 9 * HOUR, FRIDAY + 9 * HOUR + QUARTER, 2 * KWH),
        *span(SATURDAY + 9 * HOUR, SATURDAY + 9 * HOUR + QUARTER, 4 * KWH),
    ]
    running = period(OFFICE)
    (part,) = booked(running, rows).parts
    assert [reach.kw for reach in part.reaches] == [48, 24]
    assert running.state.tally.peaks[0, 1].start_ms == FRIDAY + 8 * HOUR
    assert running.state.tally.demands == {}


def test_a_window_belongs_to_the_zone_of_its_start() -> None:
    rolling = demand_rate("9", "peak", schedule=PEAK)
    rolling = msgspec.structs.replace(rolling, step_ms=FIVE)
    rows = span(FRIDAY + 8 * HOUR - 10 * MINUTE, FRIDAY + 8 * HOUR + 5 * MINUTE, 3 * KWH)
    rows += span(FRIDAY + 8 * HOUR + 5 * MINUTE, FRIDAY + 8 * HOUR + 15 * MINUTE, KWH)
    running = period(tariff(demand=(rolling,)))
    (part,) = booked(running, rows).parts
    assert part.reaches[0].kw == 20
    assert list(running.state.tally.demands) == [f"{QUARTER}/{FIVE}/kw"]


def test_a_gap_that_reaches_out_of_a_window_sets_no_peak() -> None:
    start = FRIDAY + 9 * HOUR
    rows = span(start, start + QUARTER, KWH, gap=KWH, gap_from_ms=start - 1, gap_to_ms=start + 5)
    (part,) = booked(period(OFFICE), rows).parts
    assert [reach.kw for reach in part.reaches] == [None, None]
    assert sum(s.import_j for s in part.stretches) == 3 * KWH


def test_sources_are_added_window_by_window() -> None:
    start = FRIDAY + 9 * HOUR
    rows = [
        *span(start, start + QUARTER, 2 * KWH, "a"),
        *span(start + QUARTER, start + 2 * QUARTER, KWH, "a"),
        *span(start, start + QUARTER, KWH, "b"),
        *span(start + QUARTER, start + 2 * QUARTER, 5 * KWH, "b"),
    ]
    running = Period(
        PeriodState(JANUARY, FEBRUARY, 1), BillSpec("t", sources=TWO, tariff=(OFFICE,)), BERLIN
    )
    (part,) = booked(running, rows).parts
    assert part.reaches[0].kw == 72


def test_every_version_has_its_own_energy_and_peaks() -> None:
    later = tariff(rate("0.5"), demand=(WHOLE,), valid_from=day("01-03"))
    rows = [
        *span(FRIDAY + 9 * HOUR, FRIDAY + 9 * HOUR + QUARTER, 3 * KWH),
        *span(SATURDAY + 9 * HOUR, SATURDAY + 9 * HOUR + QUARTER, KWH),
    ]
    first, then = booked(period(OFFICE, later), rows).parts
    assert (first.share, then.share) == (Fraction(2, 31), Fraction(29, 31))
    assert [reach.kw for reach in first.reaches] == [36, 36]
    assert [reach.kw for reach in then.reaches] == [12]
    assert [s.import_j for s in then.stretches] == [3 * KWH]


def test_before_the_first_version_energy_is_kept_without_a_zone() -> None:
    late = tariff(rate("1"), valid_from=day("01-11"))
    none, part = booked(period(late), [used(FRIDAY, KWH)]).parts
    assert (none.version, none.reaches, none.stretches[0].import_j) == (-1, (), KWH)
    assert part.stretches == ()


def test_a_rate_of_some_months_has_its_share_of_the_days() -> None:
    summer = demand_rate("5", schedule=hours({"months": "6-9"}))
    may = (at("05-15"), at("06-15"))
    running = Period(PeriodState(*may, 1), spec(tariff=(tariff(demand=(summer, WHOLE)),)), BERLIN)
    found = running.metered()
    assert found is not None
    assert [reach.share for reach in found.parts[0].reaches] == [Fraction(14, 31), 1]


def test_a_period_knows_its_month_and_whether_its_year_ends() -> None:
    for start, end, month, ends in (
        ("01-01", "02-01", 0, False), ("12-15", "12-31", 11, False),
    ):  # fmt: skip
        terms = spec(tariff=(OFFICE,))
        found = Period(PeriodState(at(start), at(end), 1), terms, BERLIN).metered()
        assert found is not None
        assert (found.month, found.year_ends) == (2026 * 12 + month, ends)
    december = PeriodState(at("12-01"), at("12-31") + 24 * HOUR, 1)
    found = Period(december, spec(tariff=(OFFICE,)), BERLIN).metered()
    assert found is not None
    assert found.year_ends


def test_reactive_and_exported_energy() -> None:
    source = SourceSpec("m", also=("energy_export", "reactive_energy_import"))
    kva = demand_rate("5", quantity="kva")
    running = period(tariff(rate("1"), demand=(kva,), export=Export(Decimal(1))),
                     sources=(source,), max_source_kw=Decimal(100))  # fmt: skip
    rows = span(FRIDAY, FRIDAY + QUARTER, 3 * KWH)
    rows += [used(row.start_ms, 4 * KWH, quantity="reactive_energy_import") for row in rows]
    out = used(FRIDAY, 2 * KWH, quantity="energy_export")
    (part,) = booked(running, [*rows, out]).parts
    assert part.reaches[0].kw == 60
    (stretch,) = part.stretches
    assert (stretch.import_j, stretch.export_j) == (9 * KWH, 2 * KWH)
    assert stretch.reactive == 12 * KWH
    assert not running.support(used(FRIDAY, 99 * KWH, quantity="energy_export"))
    assert running.energy_j() == 9 * KWH


def test_reactive_energy_does_not_enter_demand_in_kw() -> None:
    names = ("m/energy_import/measured/", "m/reactive_energy_import/measured/")
    assert demand_names(names, "kw") == names[:1]
    assert demand_names(names, "kva") == names
    assert demand_names(names, "kvar") == names[1:]
    source = SourceSpec("m", also=("reactive_energy_import",))
    hourly = msgspec.structs.replace(WHOLE, window_ms=HOUR, step_ms=HOUR)
    running = period(tariff(rate("1"), demand=(hourly,)), sources=(source,))
    rows = span(FRIDAY, FRIDAY + HOUR, KWH)
    rows += [used(row.start_ms, KWH, quantity="reactive_energy_import") for row in rows]
    (part,) = booked(running, rows).parts
    assert part.reaches[0].kw == 12


def test_export_that_no_tariff_asks_for_is_not_kept() -> None:
    plain = Period(PeriodState(JANUARY, FEBRUARY, 1), spec(), BERLIN)
    assert plain.support(used(FRIDAY, KWH, quantity="energy_export"))
    assert plain.metered() is None


def test_prices_are_those_of_the_time_of_the_energy() -> None:
    series = PriceSeries((JANUARY, JANUARY + HOUR), (Decimal(1), Decimal(2)), JANUARY + 2 * HOUR)
    running = period(tariff(series="spot"), prices={"spot": series})
    (part,) = booked(running, span(JANUARY, JANUARY + 3 * HOUR, 5)).parts
    assert [s.price for s in part.stretches][:3] == [Decimal(1), Decimal(2), None]
    assert len(part.stretches) == 2 + 12
    longer = PriceSeries(
        (*series.times_ms, JANUARY + 2 * HOUR),
        (Decimal(1), Decimal(2), Decimal(3)),
        FEBRUARY,
    )
    told = Period(running.state, running.terms, BERLIN, {"spot": longer}).metered()
    assert told is not None
    assert {s.price for s in told.parts[0].stretches} == {Decimal(1), Decimal(2), Decimal(3)}


def test_a_tally_resumes() -> None:
    rows = span(FRIDAY + 7 * HOUR, FRIDAY + 21 * HOUR, KWH)
    whole = booked(period(OFFICE), rows)
    running = period(OFFICE)
    booked(running, rows[:50])
    state = msgspec.msgpack.decode(msgspec.msgpack.encode(running.state), type=PeriodState)
    assert booked(Period(state, running.terms, BERLIN), rows[50:]) == whole
    assert KEY in running.active


@settings(max_examples=30, deadline=None)
@given(st.permutations(["a", "b", "c"]), st.lists(st.integers(0, KWH), min_size=9, max_size=9))
def test_the_order_of_the_sources_does_not_matter(order: list[str], amounts: list[int]) -> None:
    sources = tuple(SourceSpec(name) for name in "abc")
    start = FRIDAY + 8 * HOUR - QUARTER
    rows = {
        name: [used(start + n * FIVE, amounts[(n + 3 * place) % 9], name) for n in range(9)]
        for place, name in enumerate("abc")
    }
    there = booked(period(OFFICE, sources=sources), [row for name in order for row in rows[name]])
    mixed = [row for trio in zip(*rows.values(), strict=True) for row in trio]
    assert booked(period(OFFICE, sources=sources), mixed) == there


def test_a_tally_alone() -> None:
    terms = spec(tariff=(OFFICE,))
    tally = Tally(TallyState(), terms, Hours(terms.tariff, (JANUARY, FEBRUARY), BERLIN))
    tally.book(used(FRIDAY, KWH))
    assert tally.metered().parts[0].stretches[0].import_j == KWH
