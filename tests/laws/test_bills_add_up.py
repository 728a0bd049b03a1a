"""Bills through the whole pipeline: however readings are batched, however the meters come in
turn, wherever a period is split, the same energy is billed, and no more than was counted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterd.events import Input, Output, PeriodClosed, Reading, Sample, Tick
from meterd.metering.calendar import DAY_MS, Calendar
from meterd.pipeline import Pipeline
from meterd.specs import BillSpec, DemandSpec, MeterSpec, RegisterSpec, SiteSpec, SourceSpec

pytestmark = pytest.mark.law

MINUTE_MS = 60_000
FIVE_MS = 5 * MINUTE_MS
QUARTER_MS = 15 * MINUTE_MS
WH = 3_600
PLACE = Fraction(1, 10**9)
"""Of what is printed."""
NAMES = ("a", "b", "c")
ZONES = st.sampled_from(sorted(zone for zone in available_timezones() if "/" in zone))
ODD = st.sampled_from(
    ["Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Cairo"]
)
DAYS = st.integers(1, 31)
NIGHTS = st.dates(date(2016, 1, 1), date(2028, 12, 1))
"""Readings are around a midnight: there the days, the periods and the clocks change."""
USES = st.lists(
    st.tuples(st.integers(1, 40), st.tuples(*[st.integers(0, 900)] * 3)), min_size=2, max_size=25
)
"""Minutes to the next reading, and what each meter uses until then (Wh)."""
STEADY = USES.map(lambda uses: [(min(minutes, 15), used) for minutes, used in uses])
"""Without a gap: one inside a long window may set its peak, and no shorter one's."""


def site(zone: str, *bills: BillSpec) -> SiteSpec:
    registers = (RegisterSpec("energy_import", "Wh", WH),)
    units = {"energy_import": "Wh"}
    meters = tuple(MeterSpec(name, units=units, registers=registers) for name in NAMES)
    return SiteSpec("hq", zone, meters=meters, bills=bills)


def bill(name: str = "t", meters: Iterable[str] = NAMES, **more: Any) -> BillSpec:
    return BillSpec(name, sources=tuple(SourceSpec(meter) for meter in meters), **more)


def rounds(zone: str, night: date, uses: Sequence[Any]) -> list[list[Input]]:
    """Each round all three meters are read; it begins an hour before the midnight."""
    at_ms = Calendar(zone).day_start(night) - 60 * MINUTE_MS
    dials = [0, 0, 0]
    heard = []
    for minutes, used in [(0, (0, 0, 0)), *uses]:
        at_ms += minutes * MINUTE_MS
        dials = [dial + wh * WH for dial, wh in zip(dials, used, strict=True)]
        heard.append([
            Reading(name, at_ms, {"energy_import": dial}, {})
            for name, dial in zip(NAMES, dials, strict=True)
        ])  # fmt: skip
    return [list[Input](turn) for turn in heard]


def live(
    spec: SiteSpec, heard: Iterable[Sequence[Input]], batch: int = 1, days: int = 0
) -> tuple[Pipeline, list[Output]]:
    """A pipeline that has heard it all, written down after so many rounds; then days pass."""
    pipeline, out, last_ms = Pipeline(spec, {}), [], 0
    for n, turn in enumerate(heard):
        for item in turn:
            pipeline.feed(item)
            last_ms = item.at_ms
        if n % batch == 0:
            out += pipeline.take()[0]
    pipeline.feed(Tick(last_ms + days * DAY_MS))
    return pipeline, out + pipeline.take()[0]


def periods(pipeline: Pipeline, out: Iterable[Output], name: str = "t") -> list[dict[str, Any]]:
    """Every period of a bill as it is printed, oldest first."""
    closed = [row for row in out if isinstance(row, PeriodClosed) and row.bill == name]
    shown = [json.loads(row.body)["figures"] for row in closed]
    return shown + list(pipeline.bill_view(name).body["periods"])


def joules(rows: Iterable[dict[str, Any]]) -> int:
    return round(sum(Fraction(row["energy_kwh"]) for row in rows) * 1000 * WH)


def counted(pipeline: Pipeline) -> int:
    """What all counters have counted, but for what is in intervals that are still open."""
    tracks = [meter.state.tracks["energy_import/measured/"] for meter in pipeline.meters.values()]
    return sum(track.total - track.amount for track in tracks)


@settings(max_examples=40, deadline=None)
@given(ODD, NIGHTS, USES, st.integers(1, 9), st.randoms(use_true_random=False))
def test_batches_and_the_order_of_meters_and_sources_do_not_matter(
    zone: str, night: date, uses: Any, batch: int, chance: Any
) -> None:
    demand = DemandSpec(15 * MINUTE_MS, FIVE_MS)
    heard = rounds(zone, night, uses)
    mixed = [chance.sample(turn, len(turn)) for turn in heard]
    turned = chance.sample(NAMES, len(NAMES))
    one = live(site(zone, bill(demand=demand)), heard, days=70)
    other = live(site(zone, bill(meters=turned, demand=demand)), mixed, batch, days=70)
    assert periods(*other) == periods(*one)


@settings(max_examples=60, deadline=None)
@given(ZONES, NIGHTS, USES, DAYS)
def test_a_period_that_is_split_bills_the_same_and_all_that_was_counted(
    zone: str, night: date, uses: Any, day: int
) -> None:
    """The billing day of one bill is the very night, of the other any day: to the joule."""
    split = bill(billing_day=night.day)
    pipeline, out = live(
        site(zone, split, bill("other", billing_day=day)), rounds(zone, night, uses)
    )
    whole = joules(periods(pipeline, out, "other"))
    assert joules(periods(pipeline, out)) == whole == counted(pipeline)


@settings(max_examples=40, deadline=None)
@given(ODD, NIGHTS, USES)
def test_a_bill_of_all_is_the_sum_of_a_bill_each(zone: str, night: date, uses: Any) -> None:
    """Of energy; the peak of all is never more than the peaks of each together."""
    each = [bill(name, [name]) for name in NAMES]
    pipeline, out = live(site(zone, bill(), *each), rounds(zone, night, uses))
    parts = [periods(pipeline, out, name) for name in NAMES]
    assert joules(periods(pipeline, out)) == sum(joules(rows) for rows in parts)
    for n, row in enumerate(periods(pipeline, out)):
        if row["peak"] is not None:
            together = sum(Fraction(rows[n]["peak"]) for rows in parts)
            assert Fraction(row["peak"]) <= together + len(parts) * PLACE  # each was rounded


@settings(max_examples=40, deadline=None)
@given(ODD, NIGHTS, STEADY)
def test_a_block_is_never_above_a_rolling_window_nor_a_longer_one_above_a_shorter(
    zone: str, night: date, uses: Any
) -> None:
    """Source: reference, "Demand interval": block <= rolling; the 5-minute peak tops them all."""
    shapes = {
        "5/5": (5, 5),
        "15/15": (15, 15),
        "15/5": (15, 5),
        "60/60": (60, 60),
        "60/15": (60, 15),
    }
    bills = [
        bill(name, demand=DemandSpec(window * MINUTE_MS, step * MINUTE_MS))
        for name, (window, step) in shapes.items()
    ]
    pipeline, out = live(site(zone, *bills), rounds(zone, night, uses))
    shown = {name: periods(pipeline, out, name) for name in shapes}
    for low, high in (("15/15", "15/5"), ("15/5", "5/5"), ("60/60", "60/15"), ("60/15", "15/15")):
        for below, above in zip(shown[low], shown[high], strict=True):
            if below["peak"] is not None:
                assert Fraction(below["peak"]) <= Fraction(above["peak"] or 0), (low, high)


@settings(max_examples=40, deadline=None)
@given(ODD, NIGHTS, STEADY)
def test_a_peak_is_the_highest_whole_quarter_of_an_hour_of_all_samples(
    zone: str, night: date, uses: Any
) -> None:
    """Added up here once more, from what was sampled: all sources, and every minute of it."""
    pipeline, out = live(site(zone, bill()), rounds(zone, night, uses))
    amounts: dict[int, int] = {}
    covered: dict[int, int] = {}
    for row in (one.interval for one in out if isinstance(one, Sample)):
        window = row.start_ms // QUARTER_MS
        amounts[window] = amounts.get(window, 0) + row.amount
        whole_ms = row.end_ms - row.start_ms - row.missing_ms
        covered[window] = covered.get(window, 0) + (0 if row.gap_to_ms else whole_ms)
    whole = [n for n, ms in covered.items() if ms == QUARTER_MS * len(NAMES)]
    peaks = [Fraction(one["peak"]) for one in periods(pipeline, out) if one["peak"] is not None]
    highest = max((Fraction(amounts[n], QUARTER_MS) for n in whole), default=Fraction(0))
    assert abs(max(peaks, default=Fraction(0)) - highest) <= PLACE


def test_periods_tile_more_than_a_year_in_every_zone_on_every_billing_day() -> None:
    """Bounded: each zone with one billing day of its own, each billing day with many zones."""
    zones = sorted(zone for zone in available_timezones() if "/" in zone)
    for n, zone in enumerate(zones):
        calendar, day = Calendar(zone), n % 31 + 1
        start_ms, end_ms = calendar.billing_period(1_700_000_000_000, day)
        for _ in range(14):
            first = calendar.date_of(start_ms)
            following = date.fromordinal(first.toordinal() + 1)
            assert first.day == day or (following.day == 1 and first.day < day), (zone, first)
            assert calendar.date_of(start_ms - 1) < first, "it is the first instant of its day"
            assert calendar.billing_period(end_ms - 1, day) == (start_ms, end_ms)
            before_ms = end_ms
            start_ms, end_ms = calendar.billing_period(end_ms, day)
            assert start_ms == before_ms
