"""Changed terms: who is sampled at once, all else from the next period."""

import json
from decimal import Decimal

import pytest
from tests.billing.site import (
    DAY,
    FEBRUARY,
    FIVE,
    HOUR,
    JANUARY,
    KWH,
    MARCH,
    TWO,
    at,
    feed,
    only,
    rate,
    restarted,
    shown,
    spans,
    spec,
    used,
    world,
)

from meterd.billing.bill import Bill
from meterd.billing.state import decode
from meterd.events import PeriodClosed
from meterd.metering.calendar import Calendar
from meterd.specs import SourceSpec


def test_a_changed_allowance_or_rate_waits_for_the_next_period() -> None:
    old = spec(SourceSpec("m", **rate("0.10")), allowance=Decimal(10))
    new = spec(SourceSpec("m", **rate("0.99")), allowance=Decimal(99), type="demand")
    bill = Bill(old, world())
    feed(bill, [used(JANUARY, KWH)])
    bill = restarted(bill, new)
    out = feed(bill, [used(JANUARY + FIVE, KWH), used(FEBRUARY - FIVE, 0), used(FEBRUARY, KWH)])
    (row,) = only(PeriodClosed, out)
    figures = json.loads(row.body)["figures"]
    assert (figures["allowance"], figures["used"], figures["cost"]["total"]) == ("10", "2", "0.20")
    (february,) = shown(bill, FEBRUARY + HOUR)
    assert (february["allowance"], february["cost"]["total"]) == ("99", "0.99")
    assert february["used"] is None
    view = bill.view(FEBRUARY + HOUR, lambda _source: ("ok", None))
    assert (view["type"], view["unit"]) == ("demand", "kW")


def test_the_bill_is_of_its_old_type_until_the_next_period() -> None:
    bill = Bill(spec(), world())
    feed(bill, [used(JANUARY, KWH)])
    view = restarted(bill, spec(type="demand")).view(JANUARY + HOUR, lambda _source: ("ok", None))
    assert (view["type"], view["unit"]) == ("energy", "kWh")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [(1, 15, ["01-31", "02-14", "03-14"]), (15, 1, ["01-14", "01-31", "02-28"])],
)
def test_after_a_change_of_billing_day_the_open_period_ends_where_it_would_have(
    before: int, after: int, expected: list[str]
) -> None:
    bill = Bill(spec(billing_day=before, grace_ms=360 * DAY), world())
    feed(bill, [used(at("01-10"), KWH)])
    bill = restarted(bill, spec(billing_day=after, grace_ms=360 * DAY))
    bill.advance(at("02-28"), [])
    ends = [end for _start, end, _status, _used in spans(bill, at("02-28"))]
    assert [end[5:] for end in ends] == expected


def test_a_source_is_added_disabled_and_removed_at_once() -> None:
    bill = Bill(spec(SourceSpec("a"), SourceSpec("b")), world())
    feed(bill, [used(JANUARY, KWH, "a"), used(JANUARY, KWH, "b")])
    bill = restarted(bill, spec(SourceSpec("b", enabled=False), SourceSpec("c")))
    assert [key[0] for key in bill.wants()] == ["c"]
    feed(bill, [used(JANUARY + FIVE, KWH, name) for name in "abc"])
    (january,) = shown(bill, JANUARY + HOUR)
    assert january["used"] == "3"
    bill = restarted(bill, spec(SourceSpec("b")))
    feed(bill, [used(JANUARY + 2 * FIVE, KWH, "b")])
    assert shown(bill, JANUARY + HOUR)[0]["used"] == "4"
    assert bill.state.reached == {("b", "energy_import", "measured", ""): JANUARY + 3 * FIVE}


def test_a_source_removed_after_the_end_is_still_waited_for() -> None:
    bill = Bill(spec(*TWO), world())
    feed(bill, [used(JANUARY, KWH, "a"), used(FEBRUARY, KWH, "a")])
    bill = restarted(bill, spec(SourceSpec("a")))
    assert {key[0] for key in bill.wants()} == {"a", "b"}
    out = feed(bill, [used(FEBRUARY - FIVE, KWH, "b")], FEBRUARY + HOUR)
    (row,) = only(PeriodClosed, out)
    assert json.loads(row.body)["figures"]["used"] == "2"


def test_periods_tile_also_when_the_site_moves_to_another_zone() -> None:
    bill = Bill(spec(*TWO, grace_ms=90 * DAY), world())
    feed(bill, [used(FEBRUARY, KWH, "a")])
    bill = Bill(bill.spec, world(Calendar("America/New_York")), decode(bill.encode()))
    feed(bill, [used(at("01-20"), KWH, "b")], FEBRUARY + HOUR)
    edges = [(period.start_ms, period.end_ms) for period in bill.state.periods]
    assert edges == [(JANUARY + 6 * HOUR, FEBRUARY), (FEBRUARY, MARCH)]
