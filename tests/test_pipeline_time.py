"""The pipeline as time passes: what falls due, and in which order."""

import json
from datetime import date
from decimal import Decimal
from itertools import pairwise

import msgspec

from meterd.events import AvailabilityChanged, Event, PeriodClosed, Tick
from meterd.metering.calendar import parse_iso
from meterd.orders import Acknowledged
from meterd.specs import BillSpec, RecordSpec, SourceSpec, ThresholdSpec
from meterd.views import BillView
from tests.running import HOUR, MINUTE, NOON, SITE, House, only


def test_silence_falls_due_at_its_own_instant() -> None:
    house = House()
    house.read("a", 0, 500)
    house.take()
    house.feed(Tick(NOON + 15 * MINUTE))
    assert house.take() == []
    house.feed(Tick(NOON + HOUR))
    (change,) = only(AvailabilityChanged, house.take())
    assert (change.at_ms, change.online) == (NOON + 15 * MINUTE, False)


def test_an_alarm_of_a_meter_that_says_nothing_is_seen_in_its_view() -> None:
    watched = ThresholdSpec(stale_after_ms=30 * MINUTE)
    silent = msgspec.structs.replace(SITE.meters[0], thresholds=watched)
    house = House(msgspec.structs.replace(SITE, meters=(silent, *SITE.meters[1:])))
    house.read("a", 0, 500)
    house.feed(Tick(NOON + 20 * MINUTE))
    house.take()
    house.feed(Tick(NOON + HOUR))
    _outputs, snapshot = house.pipeline.take()
    assert [view.alarms["stale/warning"] is not None for view in snapshot.meters] == [True]
    house.feed(Acknowledged("a", NOON + 2 * HOUR, "ann"))
    _outputs, snapshot = house.pipeline.take()
    (alarm,) = [view.alarms["stale/warning"] for view in snapshot.meters]
    assert alarm is not None
    assert alarm["acknowledged_by"] == "ann"


def test_what_falls_due_happens_in_order_of_time_whatever_comes_first() -> None:
    site = msgspec.structs.replace(
        SITE, records=(RecordSpec("line", "a", "energy_import", schedule="10 13 * * *"),)
    )
    house = House(site)
    house.read("a", 0, 500)
    house.read("b", 1, 500)
    house.take()
    house.feed(Tick(NOON + 2 * HOUR))
    assert [(event.kind, event.meter, (event.at_ms - NOON) // MINUTE)
            for event in only(Event, house.take())] == [
        ("offline", "a", 15), ("offline", "b", 16), ("cutover", "a", 10),
    ]  # fmt: skip


def test_a_calibration_that_ran_out_long_ago_is_told_now_and_taken_back_now() -> None:
    due = ThresholdSpec(calibration_due=date(2020, 2, 29))
    meters = tuple(msgspec.structs.replace(meter, thresholds=due) for meter in SITE.meters[:1])
    house = House(msgspec.structs.replace(SITE, meters=meters, records=(), bills=()))
    house.feed(Tick(NOON))
    house.feed(Tick(NOON + MINUTE))
    (raised,) = only(Event, house.take())
    assert (raised.kind, raised.at_ms) == ("alarm_raised", NOON)
    gone = msgspec.structs.replace(SITE, meters=(), records=(), bills=())
    house.pipeline = house.pipeline.reconfigured(gone, {})
    house.feed(Tick(NOON + HOUR))
    (cleared,) = only(Event, house.take())
    assert (cleared.kind, cleared.at_ms) == ("alarm_cleared", NOON + MINUTE)


def test_several_missed_periods_close_one_by_one() -> None:
    house = House()
    house.read("a", 0, 500)
    house.read("a", 5, 505)
    house.take()
    house.feed(Tick(parse_iso("2026-04-20T00:00:00Z")))
    rows = only(PeriodClosed, house.take())
    assert [json.loads(row.body)["figures"]["used"] for row in rows] == ["5", "0", "0"]
    assert all(one.end_ms == two.start_ms for one, two in pairwise(rows))
    assert rows[1].previous_sha256 == rows[0].sha256


def test_late_data_is_carried_when_time_goes_on() -> None:
    house = House()
    for meter in ("a", "b"):
        house.read(meter, 0, 500)
    house.read("a", 5, 505)
    house.feed(Tick(parse_iso("2026-02-03T00:00:00Z")))
    house.read("a", 33_000, 600)
    assert house.bill()["adjustments"] == []
    house.feed(Tick(parse_iso("2026-02-03T00:00:01Z")))
    (adjustment,) = house.bill()["adjustments"]
    assert Decimal(adjustment["kwh"]) + Decimal(house.bill()["energy_kwh"]) == Decimal(95)


def test_a_source_says_how_it_is() -> None:
    sources = (SourceSpec("a"), SourceSpec("b"), SourceSpec("p", "power", enabled=False))
    bill = BillSpec("hall", sources=(*sources, SourceSpec("later")))
    house = House(msgspec.structs.replace(SITE, bills=(bill,)))
    house.read("a", 0, 500)
    house.read("b", 20, 500)
    house.read("p", 20, active_power=1.0)
    assert house.health() == {"a": "stale", "b": "ok", "p": "disabled", "later": "never"}
    for minute in (21, 22, 23):
        house.read("b", minute, 500 + minute * 1000)
    assert house.health()["b"] == "faulted"


def test_views_are_shown_at_any_time() -> None:
    house = House()
    assert house.pipeline.meter_view("a").fields["kwhLifetime"] is None
    view = house.pipeline.bill_view("hall")
    assert isinstance(view, BillView)
    assert view.body["periods"] == []
