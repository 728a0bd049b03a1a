"""The pipeline: what one input causes, and what is written down."""

from decimal import Decimal

import msgspec
import pytest

from meterd.events import (
    AvailabilityChanged,
    Event,
    Interval,
    PollFailed,
    Reading,
    RecordRow,
    Sample,
    Tick,
)
from meterd.orders import RecordOrdered
from meterd.pipeline import Origin
from meterd.specs import MeterSpec, SiteSpec
from tests.running import ENERGY, HOUR, KWH, MINUTE, NOON, SITE, House, kinds, only

# -- one reading's day ---------------------------------------------------------------------


def test_a_reading_is_metered_then_recorded_then_billed() -> None:
    house = House()
    house.read("a", 0, 500)
    house.read("a", 5, 505)
    outputs = house.take()
    said = [type(output).__name__ for output in outputs if not isinstance(output, RecordRow)]
    assert said == ["Event", "AvailabilityChanged", "Event", "Interval", "Sample"]
    assert kinds(outputs) == ["baseline_set", "online"]
    assert isinstance(outputs[-1], RecordRow)  # as it stands after all that
    assert only(RecordRow, outputs)[-1].usage == 5 * KWH
    assert only(RecordRow, outputs)[-1].cost == "2.5"
    (sample,) = only(Sample, outputs)
    assert sample.interval == only(Interval, outputs)[0]
    assert house.bill()["energy_kwh"] == "5"


def test_a_meter_nobody_bills_or_records_is_metered_all_the_same() -> None:
    house = House(SiteSpec("hq", "UTC", meters=(MeterSpec("a", registers=(ENERGY,)),)))
    house.read("a", 0, 500)
    house.read("a", 5, 505)
    assert len(only(Interval, house.take())) == 1
    assert house.pipeline.meter_view("a").totals == {"energy_import": 505 * KWH}


@pytest.mark.parametrize("meter", ["later", "gone"])
def test_a_meter_that_is_not_followed_changes_nothing_and_is_counted(meter: str) -> None:
    house = House(msgspec.structs.replace(SITE, records=()))
    house.read(meter, 0, 500)
    house.feed(PollFailed(meter, NOON, "no answer", True))
    assert house.take() == []
    assert house.pipeline.metering.unknown == 2
    assert house.states == {}


def test_only_the_counter_it_follows_moves_a_record() -> None:
    house = House()
    house.feed(Reading("a", NOON, {"volume": 7}, {}))
    assert "RUNNING" not in [row.status for row in only(RecordRow, house.take())]
    house.read("a", 1, 500)
    assert only(RecordRow, house.take())[-1].status == "RUNNING"


def test_power_is_billed_by_its_intervals() -> None:
    house = House()
    house.read("p", 0, active_power=6.0)
    house.read("p", 10, active_power=6.0)
    assert house.bill()["energy_kwh"] == "1"
    assert house.bill()["accuracy"] == "integrated"


def test_what_strict_does_not_bill_is_told_on_the_bill() -> None:
    house = House()
    for minute, kwh in [(0, 500), (5, 501), (10, 3), (15, 509), (20, 511)]:
        house.read("b", minute, kwh)
    assert (house.bill()["energy_kwh"], house.bill()["unbilled_kwh"]) == ("3", "8")


def test_what_is_above_the_bills_own_ceiling_is_told_and_not_billed() -> None:
    bill = msgspec.structs.replace(SITE.bills[0], max_source_kw=Decimal(50))
    house = House(msgspec.structs.replace(SITE, bills=(bill,)))
    for minute, kwh in [(0, 500), (5, 505), (10, 506)]:
        house.read("a", minute, kwh)
    outputs = house.take()
    assert [sample.discarded for sample in only(Sample, outputs)] == [True, False]
    assert kinds(outputs) == ["baseline_set", "online", "anomaly_ceiling"]
    assert (house.bill()["energy_kwh"], house.bill()["unbilled_kwh"]) == ("1", "5")


def test_a_register_that_is_refused_again_and_again_faults_its_record() -> None:
    house = House()
    house.read("a", 0, 500)
    statuses = []
    for minute, kwh in [(1, 9000), (2, 19000), (3, 29000), (4, 501)]:
        house.read("a", minute, kwh)
        statuses.append(only(RecordRow, house.take())[-1].status)
        health = house.health()["a"]
    assert statuses == ["RUNNING", "RUNNING", "FAULTED", "RUNNING"]
    assert health == "ok"


def test_who_asks_hears_what_the_input_has_caused_and_it_is_written_down_all_the_same() -> None:
    house = House()
    house.read("a", 0, 500)
    reading = Reading("a", NOON + 5 * MINUTE, {"energy_import": 3 * KWH}, {})
    heard = house.pipeline.answer(reading)
    assert kinds(heard) == ["decrease_discarded"]
    assert kinds(house.take()) == ["baseline_set", "online", "decrease_discarded"]


def test_an_operator_cuts_a_record() -> None:
    house = House()
    house.read("a", 0, 500)
    house.read("a", 5, 505)
    house.feed(RecordOrdered("line", NOON + 5 * MINUTE, "ann", "cutover"))
    house.read("a", 6, 506)
    rows = {row.run: row for row in only(RecordRow, house.take())}
    assert (rows[1].usage, rows[1].cut_by, rows[1].modified_by) == (5 * KWH, "command", "ann")
    assert (rows[2].usage, rows[2].status) == (KWH, "RUNNING")


# -- what is written down ------------------------------------------------------------------


def test_nothing_new_is_nothing_to_write() -> None:
    house = House()
    assert house.take() == []
    house.read("a", 0, 500)
    assert house.take()
    assert house.take() == []
    house.feed(Tick(NOON + 1))
    outputs, snapshot = house.pipeline.take()
    assert (outputs, snapshot.saved, snapshot.meters, snapshot.bills) == ([], [], [], [])


def test_what_changed_is_saved_and_shown_and_nothing_else() -> None:
    house = House()
    house.read("a", 0, 500)
    house.pipeline.take()
    house.read("p", 5, active_power=6.0)
    house.feed(PollFailed("b", NOON + 5 * MINUTE, "no answer", False))
    _, snapshot = house.pipeline.take()
    assert {(saved.kind, saved.key) for saved in snapshot.saved} == {
        ("meter", "p"), ("meter", "b"), ("pipeline", ""),
    }  # fmt: skip
    assert [seen.meter for seen in snapshot.meters] == ["p", "b"]
    house.read("p", 10, active_power=6.0)
    _, snapshot = house.pipeline.take()
    assert [seen.bill for seen in snapshot.bills] == ["hall"]
    house.read("p", 15, active_power=6.0)
    _, snapshot = house.pipeline.take(views=False)
    assert (snapshot.meters, snapshot.bills) == ([], [])
    assert len(snapshot.saved) == 3


def test_it_goes_on_where_it_stopped() -> None:
    house = House()
    for minute, kwh in [(0, 500), (5, 505), (10, 3)]:
        house.read("a", minute, kwh)
    house.take()
    house.resume()
    assert only(RecordRow, house.take()) == []
    house.read("a", 15, 508)
    outputs = house.take()
    assert kinds(outputs) == ["flaky_cleared"]
    assert only(RecordRow, outputs)[-1].usage == 8 * KWH
    assert len({output.id for output in only(Event, house.outputs)}) == 4


def test_in_a_live_daemon_a_meter_is_off_line_until_it_is_read_again() -> None:
    house = House(origin=Origin(7))
    house.read("a", 0, 500)
    house.take()
    house.resume(Origin(7, NOON + HOUR))
    assert not house.pipeline.meter_view("a").online
    house.read("a", 60, 501)
    assert [change.online for change in only(AvailabilityChanged, house.take())] == [True]


def test_ids_of_two_stores_differ() -> None:
    one, two = House(origin=Origin(1)), House(origin=Origin(2))
    for house in (one, two):
        house.read("a", 0, 500)
    first, second = only(Event, one.take()), only(Event, two.take())
    assert not {event.id for event in first} & {event.id for event in second}


def test_a_changed_configuration_keeps_every_life_and_writes_it_anew() -> None:
    house = House()
    house.read("a", 0, 500)
    house.read("a", 6, 506)
    without = msgspec.structs.replace(SITE, meters=SITE.meters[:2], bills=())
    heir = house.pipeline.reconfigured(without, {})
    outputs, snapshot = heir.take()
    assert kinds(outputs) == ["baseline_set", "online"]
    assert {(saved.kind, saved.key) for saved in snapshot.saved} == {
        ("meter", "a"), ("meter", "b"), ("record", "line"), ("pipeline", ""),
    }  # fmt: skip
    heir.feed(Reading("a", NOON + 10 * MINUTE, {"energy_import": 510 * KWH}, {}))
    assert heir.meter_view("a").totals == {"energy_import": 510 * KWH}
    old = {(saved.kind, saved.key): saved.body for saved in house.pipeline.take()[1].saved}
    back = heir.reconfigured(SITE, old)
    assert set(back.bills) == {"hall"}
