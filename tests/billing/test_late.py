"""Late data: carried to the open period, judged and priced by the closed one's terms."""

from decimal import Decimal
from typing import Any

import pytest
from tests.billing.site import (
    FIVE,
    KWH,
    at,
    event,
    feed,
    only,
    period,
    rate,
    shown,
    spec,
    used,
    world,
)

from meterd.billing import state as kept
from meterd.billing.bill import Bill
from meterd.billing.late import LateData
from meterd.billing.period import Adjustment
from meterd.billing.state import BillState, ClosedPeriod
from meterd.events import Adjusted, Event, Output, PeriodClosed, Sample
from meterd.specs import DemandSpec, SourceSpec

JANUARY, FEBRUARY, MARCH = at("01-01"), at("02-01"), at("03-01")
NOW = at("02-03", "12:00")
KEY = ("m", "energy_import", "measured", "")


def books(**more: Any) -> tuple[LateData, BillState]:
    """A bill that closed January with 10 kWh."""
    terms = spec(SourceSpec("m", **rate("0.10")), SourceSpec("off", enabled=False), **more)
    state = BillState(closed=[ClosedPeriod(JANUARY, FEBRUARY, 10 * KWH, 1)], terms={1: terms})
    return LateData("tenant", state, world()), state


def take(late: LateData, *rows: Any) -> tuple[list[Output], Any]:
    """What is told, and February, which carries it."""
    carrier = period(spec(SourceSpec("m", **rate("0.50")), SourceSpec("off")), FEBRUARY)
    out: list[Output] = []
    for row in rows:
        late.take(row, carrier, NOW, out)
    late.carry(carrier, NOW, out)
    return out, carrier


def test_all_that_a_source_brings_at_once_is_one_adjustment() -> None:
    late, state = books()
    rows = [used(JANUARY, KWH), used(JANUARY + FIVE, 2 * KWH)]
    out, february = take(late, *rows)
    assert only(Sample, out) == [Sample("tenant", "energy", FEBRUARY, row) for row in rows]
    assert only(Adjusted, out) == [
        Adjusted(
            f"a{NOW}", "tenant", JANUARY, FEBRUARY, NOW, "late_data", "m", "measured",
            3 * KWH, 10 * KWH, 13 * KWH, {"0.1": 3 * KWH},
        )
    ]  # fmt: skip
    assert february.state.adjustments == {
        JANUARY: Adjustment(JANUARY, NOW, 3 * KWH, 10 * KWH, 13 * KWH, {"0.1": 3 * KWH})
    }
    assert (february.energy_j(), state.late) == (0, {})
    again, _ = take(late, used(JANUARY, KWH))
    assert [(row.before, row.after) for row in only(Adjusted, again)] == [(13 * KWH, 14 * KWH)]


def test_late_energy_without_a_rate_has_no_price() -> None:
    late, state = books()
    state.terms[1] = spec()
    _, february = take(late, used(JANUARY, KWH))
    assert february.state.adjustments[JANUARY].rates == {}


def test_nothing_used_adjusts_nothing() -> None:
    late, _ = books()
    out, february = take(late, used(JANUARY, 0))
    assert (len(out), len(only(Sample, out)), february.state.adjustments) == (1, 1, {})


def test_a_source_that_was_disabled_then_stays_out() -> None:
    late, _ = books()
    assert take(late, used(JANUARY, KWH, "off"))[0] == []


def test_the_ceiling_of_then_holds() -> None:
    late, state = books(max_source_kw=Decimal(1))
    row = used(JANUARY, KWH)
    out, february = take(late, row)
    assert [told.kind for told in only(Event, out)] == ["anomaly_ceiling"]
    assert only(Sample, out) == [Sample("tenant", "energy", FEBRUARY, row, True)]
    assert (february.state.unbilled, state.late) == (KWH, {})


def test_what_no_book_remembers_is_unbilled_and_told_once() -> None:
    late, _ = books()
    rows = [used(JANUARY - FIVE, KWH), used(JANUARY - 2 * FIVE, KWH)]
    out, february = take(late, *rows)
    assert [sample.discarded for sample in only(Sample, out)] == [True, True]
    numbers = {"bill": "tenant", "kwh": "2"}
    assert only(Event, out) == [event(NOW, "late_data_refused", "m", KEY[1], numbers)]
    assert (february.state.unbilled, february.state.adjustments) == (2 * KWH, {})


# -- within a bill's life -------------------------------------------------------------------


def closed_january(**more: Any) -> tuple[Bill, list[Output]]:
    """A bill of two sources; b was silent, and January was closed at the end of its grace."""
    sources = (SourceSpec("a", **rate("0.10")), SourceSpec("b", **rate("0.20")))
    bill = Bill(spec(*sources, **more), world())
    out = feed(bill, [used(JANUARY, 4 * KWH, "a"), used(FEBRUARY, KWH, "a")])
    bill.advance(at("02-02"), out)
    return bill, out


def test_a_source_that_returns_after_the_grace_changes_nothing_that_is_closed() -> None:
    bill, out = closed_january()
    (row,) = only(PeriodClosed, out)
    head = bill.state.sha256
    told = feed(bill, [used(JANUARY, 3 * KWH, "b"), used(FEBRUARY, 2 * KWH, "b")], NOW)
    assert only(PeriodClosed, told) == []
    assert (row.sha256, bill.state.sha256) == (head, head)
    (february,) = shown(bill, NOW)
    assert (february["used"], february["energy_kwh"]) == ("3", "3")
    (adjustment,) = february["adjustments"]
    assert (adjustment["kwh"], adjustment["before"], adjustment["after"]) == ("3", "4", "7")
    lines = [(line["name"], line["amount"]) for line in february["cost"]["lines"]]
    assert lines == [("energy", "0.10"), ("energy", "0.40"), ("adjustment 2026-01-01", "0.60")]


def test_late_data_that_waits_is_due_and_survives_a_restart() -> None:
    bill, out = closed_january()
    bill.take(used(JANUARY, KWH, "b"), NOW, out)
    assert bill.due_ms() <= NOW
    again = Bill(bill.spec, world(), kept.decode(bill.encode()))
    told: list[Output] = []
    again.advance(NOW, told)
    assert [row.amount for row in only(Adjusted, told)] == [KWH]
    again.advance(NOW, told)
    assert len(told) == 1
    assert again.due_ms() == MARCH


def test_late_reactive_energy_is_of_no_use() -> None:
    bill, out = closed_january(demand=DemandSpec(quantity="kva"))
    count = len(out)
    bill.take(used(JANUARY, KWH, "b", quantity="reactive_energy_import"), NOW, out)
    assert len(out) == count


def test_late_data_beyond_what_is_remembered_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "CLOSED_KEPT", 1)
    bill, out = closed_january()
    bill.advance(at("04-03"), out)
    now = at("04-03")
    told = feed(bill, [used(JANUARY, KWH, "b"), used(MARCH, KWH, "b")], now)
    assert [row.period_start_ms for row in only(Adjusted, told)] == [MARCH]
    assert [row.kind for row in only(Event, told)] == ["late_data_refused"]
    assert shown(bill, now)[0]["unbilled_kwh"] == "1"
