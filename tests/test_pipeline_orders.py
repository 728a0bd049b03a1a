"""Orders to the pipeline, and the records before and after anything is read."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from meterd.events import Event, Output, RecordRow, Sample, Tick
from meterd.orders import Administered, RecordEdit, RecordOrdered, ReplacementOrdered
from meterd.pipeline import Origin
from meterd.specs import SiteSpec
from tests.running import HOUR, KWH, MINUTE, NOON, SITE, House, kinds, only


def replacement(minute: float, meter: str = "a", **fields: Any) -> ReplacementOrdered:
    at_ms = NOON + round(minute * MINUTE)
    return ReplacementOrdered(meter, at_ms, "ann", "energy_import", **fields)


def statuses(outputs: list[Output]) -> list[str]:
    return [row.status for row in only(RecordRow, outputs)]


def read() -> House:
    house = House()
    house.read("a", 0, 500)
    house.read("a", 5, 505)
    house.take()
    return house


# -- before the first reading, after a restart, through a reload -----------------------------------


def test_from_the_first_input_on_there_is_a_record() -> None:
    house = House()
    house.feed(Tick(NOON))
    assert statuses(house.take())[-1] == "IDLE"
    house.feed(Tick(NOON + HOUR))
    assert house.take() == []
    house.read("a", 90, 500)
    (row, *_), last = only(RecordRow, house.outputs), only(RecordRow, house.take())[-1]
    assert (last.id, last.run, last.status) == (row.id, 1, "RUNNING")
    assert (row.start_ms, last.start_ms) == (NOON, NOON + 90 * MINUTE)


def test_a_late_first_input_does_not_make_a_record_of_the_past() -> None:
    house = read()
    house.resume()
    with_more = msgspec.structs.replace(SITE.records[0], name="more")
    site = msgspec.structs.replace(SITE, records=(*SITE.records, with_more))
    heir = house.pipeline.reconfigured(site, house.states)
    heir.feed(Tick(NOON))
    (row,) = [row for row in only(RecordRow, heir.take()[0]) if row.configuration == "more"][-1:]
    assert (row.status, row.start_ms) == ("IDLE", NOON + 5 * MINUTE)


def test_a_restart_is_seen_until_the_next_reading() -> None:
    house = House(origin=Origin(7))
    house.read("a", 0, 500)
    house.take()
    house.resume(Origin(7, NOON + HOUR))
    house.feed(Tick(NOON + HOUR))
    assert statuses(house.take()) == ["UNKNOWN"]
    house.read("a", 61, 501)
    assert statuses(house.take())[-1] == "RUNNING"


def test_a_reload_is_not_seen() -> None:
    house = read()
    heir = house.pipeline.reconfigured(SITE, house.states)
    heir.feed(Tick(NOON + 6 * MINUTE))
    assert set(statuses(heir.take()[0])) == {"RUNNING"}


def test_a_reload_does_not_hurry_what_waits_since_a_restart() -> None:
    record = msgspec.structs.replace(SITE.records[0], max_duration_ms=10 * MINUTE)
    site = msgspec.structs.replace(SITE, records=(record,))
    house = House(site)
    house.read("a", 0, 500)
    house.take()
    house.resume(Origin(0, NOON + HOUR))
    heir = house.pipeline.reconfigured(site, house.states)
    heir.feed(Tick(NOON + HOUR + 14 * MINUTE))
    assert only(RecordRow, heir.take()[0])[-1].run == 1


# -- orders -------------------------------------------------------------------------------


def test_who_orders_hears_what_came_of_it_and_of_nothing_before() -> None:
    house = read()
    at_ms = NOON + 6 * MINUTE
    assert house.pipeline.answer(RecordOrdered("line", at_ms, "ann", "pause")) == []
    (refused,) = house.pipeline.answer(RecordOrdered("line", at_ms, "ann", "pause"))
    assert isinstance(refused, Event)
    assert (refused.kind, refused.numbers["why"]) == (
        "record_order_refused", "line: its record is PAUSED",
    )  # fmt: skip
    house.read("a", 10, 510)
    assert statuses(house.take())[-1] == "PAUSED"


def test_a_replacement_cuts_the_record_and_is_billed() -> None:
    house = read()
    house.feed(replacement(6, old_final=506 * KWH, new_initial=2 * KWH))
    house.read("a", 10, 5)
    outputs = house.take()
    rows = {row.run: row for row in only(RecordRow, outputs)}
    assert (rows[1].usage, rows[1].cut_by, rows[1].end_ms) == (
        6 * KWH, "replacement", NOON + 6 * MINUTE,
    )  # fmt: skip
    assert rows[2].usage == 3 * KWH
    assert [sample.interval.amount for sample in only(Sample, outputs)] == [4 * KWH]
    assert house.bill()["energy_kwh"] == "9"
    assert house.pipeline.meter_view("a").totals["energy_import"] == 509 * KWH


def test_a_replacement_that_is_refused_changes_nothing() -> None:
    house = read()
    house.feed(replacement(6, old_final=504 * KWH))
    outputs = house.take()
    assert kinds(outputs) == ["replacement_refused"]
    assert house.pipeline.meter_view("a").totals["energy_import"] == 505 * KWH


@pytest.mark.parametrize("meter", ["later", "gone"])
def test_a_meter_that_is_not_followed_is_not_replaced(meter: str) -> None:
    house = House(msgspec.structs.replace(SITE, records=()))
    assert house.pipeline.answer(replacement(6, meter)) == []
    assert house.pipeline.metering.unknown == 1


# -- what people write into a record ----------------------------------------------------------


def edit(record_id: str, at_ms: int) -> Administered:
    row = RecordEdit(record_id, {"notes": "seen"}, at_ms, "ann")
    return Administered(at_ms, "ann", "record_edited", row, numbers={"record_id": record_id})


def test_an_edit_is_written_told_and_remembered_by_the_open_record() -> None:
    house = read()
    open_id = house.pipeline.recorders["line"].state.id
    at_ms = NOON + 6 * MINUTE
    house.feed(edit(open_id, at_ms), edit("another", at_ms))
    outputs = house.take()
    assert kinds(outputs) == ["record_edited"] * 2
    assert [change.id for change in only(RecordEdit, outputs)] == [open_id, "another"]
    (row,) = only(RecordRow, outputs)
    assert (row.modified_ms, row.modified_by) == (at_ms, "ann")


# -- how old a row may be ---------------------------------------------------------------------


def flushing() -> SiteSpec:
    record = msgspec.structs.replace(SITE.records[0], max_flush_ms=30_000)
    return msgspec.structs.replace(SITE, records=(record,))


def test_a_row_is_written_again_before_it_is_too_old() -> None:
    house = House(flushing())
    house.read("a", 0, 500)
    house.take()
    written = []
    for second in range(1, 91):
        house.feed(Tick(NOON + second * 1000))
        written += [second for _row in only(RecordRow, house.take())]
    assert written == [30, 60, 90]
    assert only(RecordRow, house.outputs)[-1].as_of_ms == NOON + 90_000
