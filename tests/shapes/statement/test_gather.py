"""From a bill's life to the facts of a period: real bills, real meters, no store."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.billing.site import DAY, FEBRUARY, FIVE, JANUARY, KWH, feed, shown, span, spec, world
from tests.shapes.statement.case import LINK, MAIN, changed, interval, slots, state

from meterd.billing.bill import Bill
from meterd.billing.slots import Slot
from meterd.events import Adjusted, Event, Interval, Output, PeriodClosed
from meterd.orders import HISTORY_IMPORTED
from meterd.shapes import bill as listed
from meterd.shapes.periods import NoSuchPeriodError
from meterd.shapes.statement.gather import EVENTS_MAX, Sheet, gather
from meterd.shapes.statement.statement import statement
from meterd.specs import SiteSpec

SITE = SiteSpec("hq", "Europe/Berlin", meters=(MAIN,), bills=(spec(),), chain=(LINK,))


class Store:
    """What the store would answer."""

    def __init__(self, bill: Bill, out: list[Output]) -> None:
        self.bill = bill
        self.closed = [one for one in out if isinstance(one, PeriodClosed)]
        self.late = [one for one in out if isinstance(one, Adjusted)]
        self.told: list[Event] = [changed()]
        self.rows = [interval(JANUARY), interval(JANUARY + FIVE), interval(FEBRUARY)]
        self.states: dict[tuple[str, str], bytes] = {
            ("bill", "tenant"): bill.encode(),
            ("meter", "m"): msgspec.msgpack.encode(state()),
        }

    def periods(self, bill: str, page: Any) -> list[PeriodClosed]:
        return self.closed

    def adjustments(self, bill: str, page: Any) -> list[Adjusted]:
        return [one for one in self.late if one.at_ms >= page.start_ms]

    def events(self, page: Any, *, meter: str | None = None) -> list[Event]:
        return [one for one in self.told if page.start_ms <= one.at_ms < page.end_ms][: page.limit]

    def intervals(self, meter: str, page: Any, quantity: str | None = None) -> list[Interval]:
        return [one for one in self.rows if page.start_ms <= one.start_ms < page.end_ms]

    def slots(self, bill: str, start_ms: int, end_ms: int) -> list[Slot]:
        return slots()

    def state(self, kind: str, key: str) -> bytes | None:
        return self.states.get((kind, key))

    def booked_since(self, meter: str, quantity: str, start_ms: int) -> int:
        return 7 if start_ms < FEBRUARY else 3

    def sheet(self) -> Sheet:
        now_ms = FEBRUARY + 2 * DAY
        body = {"name": "tenant", "type": "energy", "unit": "kWh"}
        row = listed({**body, "periods": shown(self.bill, now_ms)}, self.closed)
        return Sheet(SITE, row, now_ms)


@pytest.fixture
def store() -> Store:
    """January is closed, an hour of it comes late, February runs."""
    bill = Bill(spec(), world())
    out = feed(bill, span(JANUARY, JANUARY + DAY, KWH))
    out += feed(bill, span(FEBRUARY, FEBRUARY + 2 * DAY, KWH))
    out += feed(bill, span(JANUARY + DAY, JANUARY + DAY + 12 * FIVE, KWH), FEBRUARY + 2 * DAY)
    return Store(bill, out)


def test_a_closed_period_is_taken_as_it_was_sealed(store: Store) -> None:
    facts = gather(store, store.sheet(), "2026-01")
    assert facts.closed is store.closed[0]
    assert (facts.position, facts.tz_version, facts.as_of_ms) == (1, "2026a", FEBRUARY)
    assert facts.terms["billing_day"] == 1
    (row,) = facts.inputs
    assert (row["meter"], row["energy_j"], row["samples"]) == ("m", 288 * KWH, 288)
    assert sum(one.amount for one in facts.corrections) == 12 * KWH
    assert statement(facts).energy_kwh == "288"


def test_a_period_that_runs_is_taken_from_the_state(store: Store) -> None:
    facts = gather(store, store.sheet(), None)
    assert (facts.closed, facts.corrections) == (None, ())
    assert facts.as_of_ms == FEBRUARY + 2 * DAY
    assert [row["energy_j"] for row in facts.inputs] == [2 * 288 * KWH]
    assert facts.terms["currency"] == "EUR"
    assert statement(facts).provisional


def test_a_period_that_waits_for_its_grace_is_not_sealed_yet() -> None:
    bill = Bill(spec(), world())
    out = feed(bill, span(JANUARY, JANUARY + DAY, KWH))
    bill.advance(FEBRUARY + FIVE, out)
    store = Store(bill, out)
    facts = gather(store, store.sheet(), "2026-01")
    assert (facts.closed, facts.period["status"]) == (None, "closing")
    assert gather(store, store.sheet(), None).inputs[0]["energy_j"] == 0


def test_the_meter_is_known_with_its_edges_and_its_events(store: Store) -> None:
    store.told = [
        changed("rollover"), changed("stale"), changed("cutover", record="Line 1"),
        msgspec.structs.replace(changed("reset"), at_ms=FEBRUARY + 1),
    ]  # fmt: skip
    store.rows.append(interval(JANUARY - FIVE, event=HISTORY_IMPORTED))
    meter = gather(store, store.sheet(), "2026-01").meters["m"]
    assert meter.state is not None
    assert (meter.since_start, meter.since_end) == (7, 3)
    assert [row.start_ms for row in meter.at_start] == [JANUARY]
    assert [one.kind for one in meter.events] == ["rollover"]
    assert (meter.after_start, meter.after_end) == (2, 1)
    assert (meter.spec, meter.link) == (None, None), "it is m, and m has left the site"


def test_too_many_events_are_not_looked_through(store: Store) -> None:
    store.told = [changed("stale") for _ in range(EVENTS_MAX)]
    meter = gather(store, store.sheet(), "2026-01").meters["m"]
    assert (meter.after_start, meter.after_end) == (None, 0)


def test_a_store_that_has_lost_its_states_says_less(store: Store) -> None:
    sheet = store.sheet()
    store.states.clear()
    facts = gather(store, sheet, None)
    assert (facts.inputs, facts.terms["name"]) == ((), "tenant")
    assert gather(store, sheet, "2026-01").meters["m"].state is None


def test_a_period_that_is_not_there(store: Store) -> None:
    with pytest.raises(NoSuchPeriodError):
        gather(store, store.sheet(), "2025-06")
