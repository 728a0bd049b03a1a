"""A bill that has ended: it closes what is open at its end, and may go on one day."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.billing.site import (
    DAY,
    FEBRUARY,
    FIVE,
    HOUR,
    JANUARY,
    KWH,
    MARCH,
    METER,
    at,
    feed,
    only,
    restarted,
    span,
    spans,
    spec,
    used,
    world,
)

from meterd.billing.bill import NOTHING_DUE_MS, Bill
from meterd.events import Output, PeriodClosed
from meterd.specs import BillSpec

OFF = msgspec.structs.replace(METER, enabled=False)


def ended(**more: Any) -> BillSpec:
    return spec(OFF, ended=True, **more)


@pytest.fixture
def over() -> Bill:
    """A kilowatt-hour in January, and then the tenant has moved out."""
    bill = Bill(spec(), world())
    feed(bill, [used(JANUARY, KWH)])
    return restarted(bill, ended())


def test_its_open_period_closes_at_its_end_and_no_other_begins(over: Bill) -> None:
    out: list[Output] = []
    over.advance(FEBRUARY - 1, out)
    assert (out, over.due_ms(), over.wants()) == ([], FEBRUARY, ())
    over.advance(FEBRUARY, out)
    (row,) = only(PeriodClosed, out)
    assert json.loads(row.body)["figures"]["used"] == "1"
    assert (over.due_ms(), spans(over, MARCH)) == (NOTHING_DUE_MS, [])
    over.advance(MARCH, out)
    assert only(PeriodClosed, out) == [row]


def test_several_that_were_missed_close_one_by_one() -> None:
    bill = Bill(spec(grace_ms=90 * DAY), world())
    out = feed(bill, [used(JANUARY, KWH), used(FEBRUARY, KWH)], now_ms=JANUARY)
    bill = restarted(bill, ended(grace_ms=90 * DAY))
    bill.advance(at("06-01"), out)
    assert [row.start_ms for row in only(PeriodClosed, out)] == [JANUARY, FEBRUARY]


def test_one_that_goes_on_before_its_end_has_lost_no_period(over: Bill) -> None:
    bill = restarted(over, spec())
    feed(bill, [used(JANUARY + HOUR, KWH), used(FEBRUARY, KWH)])
    assert spans(bill, FEBRUARY + HOUR)[-1][3] == "1"


@pytest.mark.parametrize(
    ("billing_day", "back", "begins"),
    [(1, "03-10", "2026-02-28"), (15, "02-03", "2026-01-31"), (15, "03-20", "2026-03-14")],
)
def test_one_that_goes_on_later_never_opens_what_is_closed(
    billing_day: int, back: str, begins: str, over: Bill
) -> None:
    out: list[Output] = []
    over.advance(FEBRUARY, out)
    bill = restarted(over, spec(billing_day=billing_day))
    feed(bill, span(at(back), at(back) + 2 * FIVE, KWH))
    assert [(start, used) for start, _end, _status, used in spans(bill, at(back) + FIVE)] == [
        (begins, "2")
    ]


def test_what_comes_late_for_the_time_it_was_over_is_not_billed(over: Bill) -> None:
    over.advance(FEBRUARY, [])
    bill = restarted(over, spec())
    feed(bill, [used(JANUARY + HOUR, KWH)], now_ms=FEBRUARY + HOUR)
    (period,) = bill.view(FEBRUARY + HOUR, lambda _source: ("ok", None))["periods"]
    assert (period["start"], period["used"]) == ("2026-01-31T23:00:00Z", "0")
    assert period["adjustments"] == []
