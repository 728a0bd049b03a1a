"""A bill's life, month by month."""

import json
from decimal import Decimal
from typing import Any

import pytest
from tests.billing.site import (
    DAY,
    FEBRUARY,
    FIVE,
    HOUR,
    JANUARY,
    KEY,
    KWH,
    MARCH,
    MINUTE,
    TWO,
    at,
    feed,
    only,
    shown,
    span,
    spans,
    spec,
    used,
    world,
)

from meterd.billing import bill as module
from meterd.billing.bill import NOTHING_DUE_MS, Bill
from meterd.billing.closing import broken
from meterd.events import Event, Output, PeriodClosed, Sample
from meterd.metering.calendar import iso
from meterd.specs import DemandSpec, SourceSpec


def test_without_a_sample_there_is_no_period() -> None:
    bill = Bill(spec(), world())
    out: list[Output] = []
    bill.advance(at("12-31"), out)
    assert (out, shown(bill, at("12-31")), bill.due_ms()) == ([], [], NOTHING_DUE_MS)


def test_the_first_period_is_the_calendar_period_of_the_first_sample() -> None:
    bill = Bill(spec(billing_day=31), world())
    feed(bill, [used(at("02-10"), KWH)])
    assert spans(bill, at("02-10", "00:05")) == [("2026-01-30", "2026-02-27", "open", "1")]
    assert bill.due_ms() == at("02-28")


def test_a_sample_is_told_as_the_bill_saw_it() -> None:
    bill = Bill(spec(SourceSpec("p", "power", "l2")), world())
    row = used(JANUARY, KWH, "p", method="integrated", phase="l2")
    assert feed(bill, [row]) == [Sample("tenant", "power", JANUARY, row)]


def test_a_source_that_is_not_the_bills_own_is_not_sampled() -> None:
    bill = Bill(spec(SourceSpec("m"), SourceSpec("off", enabled=False)), world())
    rows = [used(JANUARY, KWH, "off"), used(JANUARY, KWH, method="integrated")]
    assert feed(bill, rows) == []
    assert bill.wants() == (KEY,)


def test_a_period_closes_when_every_source_has_data_to_its_end() -> None:
    bill = Bill(spec(*TWO), world())
    ends = FEBRUARY - FIVE
    assert only(PeriodClosed, feed(bill, [used(ends, KWH, "a"), used(ends - FIVE, KWH, "b")])) == []
    assert spans(bill, FEBRUARY)[0] == ("2025-12-31", "2026-01-31", "closing", "2")
    assert spans(bill, FEBRUARY)[1] == ("2026-01-31", "2026-02-28", "open", "0")
    assert bill.due_ms() == FEBRUARY + DAY
    (row,) = only(PeriodClosed, feed(bill, [used(ends, KWH, "b")], FEBRUARY + MINUTE))
    assert (row.start_ms, row.end_ms, row.closed_ms) == (JANUARY, FEBRUARY, FEBRUARY + MINUTE)
    assert json.loads(row.body)["figures"]["used"] == "3"
    assert bill.due_ms() == MARCH


def test_a_word_that_data_reaches_the_end_is_enough() -> None:
    bill = Bill(spec(), world())
    out = feed(bill, [used(JANUARY, KWH)])
    bill.reached(KEY, FEBRUARY + 1)
    bill.reached(KEY, FEBRUARY - 1)
    bill.advance(FEBRUARY - 1, out)
    assert only(PeriodClosed, out) == []
    assert bill.due_ms() == FEBRUARY
    bill.advance(FEBRUARY, out)
    assert len(only(PeriodClosed, out)) == 1


def test_a_silent_source_delays_the_close_by_the_grace_and_no_longer() -> None:
    bill = Bill(spec(*TWO, grace_ms=2 * HOUR), world())
    out = feed(bill, span(JANUARY, JANUARY + HOUR, KWH, "a"))
    bill.advance(FEBRUARY + 2 * HOUR - 1, out)
    assert only(PeriodClosed, out) == []
    bill.advance(FEBRUARY + 2 * HOUR, out)
    assert len(only(PeriodClosed, out)) == 1
    bill.advance(FEBRUARY + 2 * HOUR, out)
    assert len(only(PeriodClosed, out)) == 1


def test_data_within_the_grace_belongs_to_its_own_period() -> None:
    bill = Bill(spec(), world())
    feed(bill, [used(JANUARY, KWH)])
    out = feed(bill, span(FEBRUARY - FIVE, FEBRUARY + 2 * FIVE, KWH), FEBRUARY + HOUR)
    (row,) = only(PeriodClosed, out)
    assert json.loads(row.body)["figures"]["used"] == "2"
    assert spans(bill, FEBRUARY + HOUR) == [("2026-01-31", "2026-02-28", "open", "2")]
    assert [sample.period_start_ms for sample in only(Sample, out)] == [
        JANUARY,
        FEBRUARY,
        FEBRUARY,
    ]


def test_missed_periods_are_closed_one_by_one_and_never_merged() -> None:
    bill = Bill(spec(), world())
    out = feed(bill, [used(JANUARY, KWH)])
    bill.advance(at("05-20"), out)
    rows = only(PeriodClosed, out)
    assert [iso(row.start_ms) for row in rows] == [
        "2025-12-31T23:00:00Z",
        "2026-01-31T23:00:00Z",
        "2026-02-28T23:00:00Z",
        "2026-03-31T22:00:00Z",
    ]
    assert [json.loads(row.body)["figures"]["used"] for row in rows] == ["1", "0", "0", "0"]
    assert broken(rows) == []
    assert spans(bill, at("05-20")) == [("2026-04-30", "2026-05-31", "open", "0")]


def test_a_counter_that_bridges_two_months_is_split_over_them() -> None:
    """A gap: five-minute pieces arrive at once, in time order, before any tick."""
    bill = Bill(spec(grace_ms=90 * DAY), world())
    feed(bill, [used(JANUARY, 0)])
    rows = span(JANUARY + FIVE, MARCH + HOUR, 12, gap=12, gap_to_ms=MARCH + HOUR)
    out: list[Output] = []
    for row in rows:
        bill.take(row, MARCH + HOUR, out)
    bill.advance(MARCH + HOUR, out)
    closed = [json.loads(row.body)["inputs"][0] for row in only(PeriodClosed, out)]
    energy = [row["energy_j"] for row in closed]
    assert energy == [12 * (31 * 288 - 1), 12 * 28 * 288]
    assert [row["gap_j"] for row in closed] == energy
    (march,) = shown(bill, MARCH + HOUR)
    assert (march["shares"]["gap"], march["peak"], march["coverage"]) == ("1", None, "1")


def test_a_source_whose_data_begins_earlier_opens_the_periods_before() -> None:
    bill = Bill(spec(*TWO, grace_ms=90 * DAY), world())
    feed(bill, [used(MARCH, KWH, "a")])
    feed(bill, [used(at("01-20"), KWH, "b")], MARCH + HOUR)
    assert spans(bill, MARCH + HOUR) == [
        ("2025-12-31", "2026-01-31", "closing", "1"),
        ("2026-01-31", "2026-02-28", "closing", "0"),
        ("2026-02-28", "2026-03-31", "open", "1"),
    ]


def test_periods_not_closed_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PERIODS_MAX", 3)
    bill = Bill(spec(), world())
    feed(bill, [used(JANUARY, KWH)])
    with pytest.raises(AssertionError, match="tenant"):
        bill.advance(at("12-01"), [])


# -- anomalies and what is not billed ---------------------------------------------------------


def test_a_sample_above_the_bills_own_ceiling_is_listed_and_not_billed() -> None:
    bill = Bill(spec(max_source_kw=Decimal(6)), world())
    rows = [used(JANUARY, KWH // 2), used(JANUARY + FIVE, KWH // 2 + 1)]
    out = feed(bill, rows)
    assert [sample.discarded for sample in only(Sample, out)] == [False, True]
    (told,) = only(Event, out)
    assert (told.at_ms, told.kind, told.meter) == (JANUARY + 2 * FIVE, "anomaly_ceiling", "m")
    assert told.numbers["bill"] == "tenant"
    (january,) = shown(bill, JANUARY + 2 * FIVE)
    assert (january["used"], january["unbilled_kwh"]) == ("0.5", "0.500000278")
    assert january["coverage"] == "0.5"


def test_energy_a_counter_lost_is_unbilled_in_the_period_that_holds_it() -> None:
    bill = Bill(spec(SourceSpec("m"), SourceSpec("p", "power")), world())
    bill.unbilled("p", JANUARY, 5)
    bill.unbilled("other", JANUARY, 5)
    assert bill.state.periods == []
    bill.unbilled("m", JANUARY, KWH)
    bill.advance(FEBRUARY, [])
    bill.unbilled("m", FEBRUARY - 1, KWH)
    bill.unbilled("m", FEBRUARY, KWH)
    assert [row["unbilled_kwh"] for row in shown(bill, FEBRUARY)] == ["2", "1"]
    bill.advance(FEBRUARY + DAY, [])
    bill.unbilled("m", FEBRUARY - 1, KWH)
    assert [row["unbilled_kwh"] for row in shown(bill, FEBRUARY + DAY)] == ["2"]


# -- demand, and what is shown ----------------------------------------------------------------


def test_a_bill_in_kva_adds_reactive_energy_as_a_vector() -> None:
    bill = Bill(spec(type="demand", demand=DemandSpec(HOUR, HOUR, "kva")), world())
    reactive = {"quantity": "reactive_energy_import"}
    assert bill.wants() == (KEY, ("m", "reactive_energy_import", "measured", ""))
    out = feed(bill, span(JANUARY, JANUARY + HOUR, KWH // 4))
    assert shown(bill, JANUARY + HOUR)[0]["used"] is None
    out += feed(bill, span(JANUARY, JANUARY + HOUR, KWH // 3, **reactive))
    (january,) = shown(bill, JANUARY + HOUR)
    assert (january["used"], january["peak"], january["energy_kwh"]) == ("5", "5", "3")
    assert len(out) == 12
    assert bill.view(JANUARY, lambda _source: ("ok", None))["unit"] == "kVA"


def test_a_bill_in_kva_waits_for_the_reactive_energy_too() -> None:
    bill = Bill(spec(demand=DemandSpec(quantity="kva")), world())
    out = feed(bill, [used(FEBRUARY - FIVE, KWH)])
    assert only(PeriodClosed, out) == []
    last = used(FEBRUARY - FIVE, KWH, quantity="reactive_energy_import")
    assert len(only(PeriodClosed, feed(bill, [last]))) == 1


def test_the_view_of_a_bill() -> None:
    sources = (
        SourceSpec("m"),
        SourceSpec("p", "power", "l2"),
        SourceSpec("v", "volt_ampere", enabled=False),
    )
    health = {"m": ("ok", "12.1 kWh"), "p": ("stale", "53 W"), "v": ("ok", None)}
    bill = Bill(spec(*sources), world())
    view: dict[str, Any] = bill.view(JANUARY, lambda source: health[source.meter])
    rows = [list(row.items()) for row in view.pop("sources")]
    names = ("meter", "kind", "enabled", "health", "last")
    assert rows[0] == list(zip(names, ("m", "energy", True, "ok", "12.1 kWh"), strict=True))
    assert rows[2] == list(zip(names, ("v", "volt_ampere", False, "disabled", None), strict=True))
    assert dict(rows[1])["phase"] == "l2"
    assert view == {
        "name": "tenant",
        "type": "energy",
        "unit": "kWh",
        "accuracy": "mixed",
        "periods": [],
    }
