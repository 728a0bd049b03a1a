"""Nothing is lost between the dial, the records and the bills, whatever happens."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from tests.laws.lives import ENERGY, KWH
from tests.laws.site import COUNTERS, FEWER, Life, Run, lives, only, records, run

from meterd.billing.closing import broken
from meterd.events import Adjusted, Interval, PeriodClosed, Sample
from meterd.metering.demand import Peak

pytestmark = pytest.mark.law


@FEWER
@given(lives())
def test_records_and_what_was_not_recorded_are_what_was_booked(life: Life) -> None:
    lived = run(life)
    for recorder in lived.pipeline.recorders.values():
        spec, state = recorder.spec, recorder.state
        rows = [row for row in records(lived.outputs).values() if row.configuration == spec.name]
        assert sum(row.usage for row in rows) == state.recorded
        method = "measured" if spec.meter in COUNTERS else "integrated"
        track = lived.pipeline.meters[spec.meter].state.tracks[f"{ENERGY}/{method}/"]
        assert state.recorded + state.not_recorded == track.total
        if spec.meter in COUNTERS:
            register = lived.pipeline.meters[spec.meter].state.registers[ENERGY]
            lifetime = lived.pipeline.meters[spec.meter].totals().get(ENERGY, 0)
            assert track.total == register.booked == lifetime - (register.first or 0)


@FEWER
@given(lives())
def test_a_bill_has_all_that_its_sources_used_and_did_not_bill(life: Life) -> None:
    lived = run(life)
    for name, bill in lived.pipeline.bills.items():
        used = unbilled = 0
        for meter, quantity, method, phase in bill.wants():
            state = lived.pipeline.meters[meter].state
            track = state.tracks[f"{quantity}/{method}/{phase}"]
            used += track.total - track.amount
            unbilled += state.registers[ENERGY].unbilled if method == "measured" else 0
        assert told(lived, name) == used + unbilled


def told(lived: Run, name: str) -> int:
    """Joules of a bill: closed and open periods, adjustments, late, known and not billed."""
    joules = 0
    for row in only(PeriodClosed, lived.outputs):
        if row.bill == name:
            body = json.loads(row.body)
            joules += sum(source["energy_j"] for source in body["inputs"])
            joules += round(Decimal(body["figures"]["unbilled_kwh"]) * KWH)
    state = lived.pipeline.bills[name].state
    for period in state.periods:
        joules += sum(totals.amount for totals in period.totals.values()) + period.unbilled
    joules += sum(state.late.values())
    return joules + sum(row.amount for row in only(Adjusted, lived.outputs) if row.bill == name)


@FEWER
@given(lives())
def test_every_interval_of_a_source_is_sampled_once(life: Life) -> None:
    lived = run(life)
    for name, bill in lived.pipeline.bills.items():
        wants = set(bill.wants())
        intervals = [
            row
            for row in only(Interval, lived.outputs)
            if (row.meter, row.quantity, row.method, row.phase) in wants
        ]
        samples = [row.interval for row in only(Sample, lived.outputs) if row.bill == name]
        assert samples == intervals


@FEWER
@given(lives())
def test_closed_periods_are_a_chain_and_a_peak_is_never_above_the_ceiling(life: Life) -> None:
    lived = run(life)
    for name in lived.pipeline.bills:
        rows = [row for row in only(PeriodClosed, lived.outputs) if row.bill == name]
        assert broken(rows) == []
    for meter in lived.pipeline.meters.values():
        peak = meter.peaks.state.ever
        if peak is not None:
            assert peak.end_ms - peak.start_ms == meter.spec.demand.window_ms
            assert peak == meter.demand.state.peak or isinstance(peak, Peak)
