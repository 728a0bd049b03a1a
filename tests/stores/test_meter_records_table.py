"""Seed 001's table as people see it who query it with SQL."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from tests.stores.made import NOON_MS, WATER, batch, record

from meterd.orders import RecordEdit
from meterd.specs import RecordSpec
from meterd.stores.places import is_database
from meterd.stores.sqlite import SqliteStore
from meterd.stores.sums import recorded

DAY_MS = 86_400_000
SEED_001 = [
    "id", "enabled", "created_date", "created_by", "modified_date", "modified_by", "notes",
    "spare1", "spare2", "spare3", "name", "description", "location_id", "equipment_id",
    "meter_type_id", "status", "start_date", "end_date", "total_duration_sec", "usage_value",
    "cost", "usage_unit_of_measure_id", "cost_unit_of_measure_id", "to_be_pruned",
]  # fmt: skip
OURS = [
    "configuration", "run", "cut_by", "usage_amount", "cost_exact", "start_ms", "end_ms", "kept",
]  # fmt: skip
DASHED = re.compile(r"[0-9A-Z]{10}-[0-9A-Z]{8}-[0-9A-Z]{8}")

DONE = {"status": "COMPLETED", "cut_by": "duration", "usage": 36_054_000, "cost": "13.70052"}


def table(store: SqliteStore, sql: str) -> list[Any]:
    with store.reader() as reader:
        return reader.rows(sql)


def test_the_columns_are_the_seeds_in_its_order_and_ours_after_them(store: SqliteStore) -> None:
    sql = "SELECT name FROM pragma_table_info('meter_records')"
    if is_database(store._place):
        sql = (
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'meter_records' "
            "AND table_schema = current_schema() ORDER BY ordinal_position"
        )
    assert [name for (name,) in table(store, sql)] == SEED_001 + OURS


def test_a_completed_record_reads_as_the_seed_prints_it(store: SqliteStore) -> None:
    start_ms, end_ms = NOON_MS, NOON_MS + 2_160_000
    row = record(1, start_ms=start_ms, end_ms=end_ms, modified_ms=end_ms, modified_by="anna",
                 created_ms=NOON_MS + 1, **DONE)  # fmt: skip
    store.commit_now(batch(row))
    with store.reader() as reader:
        (found,) = reader.records()
    assert found.row == row
    assert list(found.columns) == SEED_001
    assert found.columns == store.seed_columns(row)
    shown = {name: value for name, value in found.columns.items() if not name.endswith("id")}
    assert shown == {
        "enabled": True, "created_date": "2026-01-01T12:00:00.001Z", "created_by": "meterd",
        "modified_date": "2026-01-01T12:36:00Z", "modified_by": "anna", "notes": "by hand",
        "spare1": "a", "spare2": None, "spare3": "c", "name": "Conveyor water Run 1",
        "description": "Water usage on conveyor line 1", "status": "COMPLETED",
        "start_date": "2026-01-01T12:00:00Z", "end_date": "2026-01-01T12:36:00Z",
        "total_duration_sec": 2160.0, "usage_value": 36.054, "cost": 13.7, "to_be_pruned": False,
    }  # fmt: skip
    assert all(DASHED.fullmatch(found.columns[name]) for name in SEED_001 if name.endswith("id"))
    (exact,) = table(store, "SELECT usage_amount, cost_exact, cut_by FROM meter_records")
    assert exact == (36_054_000, "13.70052", "duration")


def test_a_running_record_has_no_end_and_lasts_until_it_is_known_to(store: SqliteStore) -> None:
    store.commit_now(batch(record(1, cost=None), record(2, as_of_ms=NOON_MS + 150_000)))
    with store.reader() as reader:
        young, older = [found.columns for found in reader.records()]
    assert (young["total_duration_sec"], young["cost"], young["end_date"]) == (0.0, 0.0, None)
    assert older["total_duration_sec"] == 30.0


def test_the_ids_lead_to_the_small_tables(store: SqliteStore) -> None:
    store.commit_now(batch(record(1, location="line-2")))
    (found,) = table(
        store,
        "SELECT l.name, e.tag, e.name, h.name, t.name, u.name, c.name FROM meter_records r "
        "JOIN locations l ON l.id = r.location_id JOIN equipment e ON e.id = equipment_id "
        "JOIN locations h ON h.id = e.location_id JOIN meter_types t ON t.id = meter_type_id "
        "JOIN unit_of_measures u ON u.id = r.usage_unit_of_measure_id "
        "JOIN unit_of_measures c ON c.id = r.cost_unit_of_measure_id",
    )
    assert found == ("line-2", "conveyor-1", "conveyor-1", "line-1", "water", "m3", "EUR")


def test_what_is_not_configured_is_named_after_what_is(store: SqliteStore) -> None:
    bare = RecordSpec("Bare", "main", "energy_import")
    odd = RecordSpec("Odd", "press", "bales", usage_unit="bales", equipment="press-4")
    store.register_configurations([bare, odd])
    names = table(store, "SELECT tag, name, location_id FROM equipment ORDER BY tag")
    assert names[1:] == [("main", "main", None), ("press-4", "press-4", None)]
    store.commit_now(batch(record(1, configuration="Odd", usage=2_500_000, location=None)))
    with store.reader() as reader:
        (found,) = reader.records()
    assert (found.columns["usage_value"], found.columns["location_id"]) == (2.5, None)
    assert table(store, "SELECT name FROM meter_types ORDER BY name") == [
        ("bales",), ("energy_import",), ("water",),
    ]  # fmt: skip


EDITED_MS = NOON_MS + 3_600_000


def edit(run: int, **columns: Any) -> RecordEdit:
    return RecordEdit(record(run).id, columns, EDITED_MS, "anna")


def test_an_edit_writes_what_it_names_and_who_made_it(store: SqliteStore) -> None:
    store.commit_now(batch(record(1), record(2)))
    store.commit_now(batch(edit(1, notes="seen", spare2=None, enabled=False, description="x")))
    with store.reader() as reader:
        changed, other = [found.columns for found in reader.records()]
        one = reader.record(record(1).id)
        assert reader.record(record(9).id) is None
    assert one is not None
    assert one.columns == changed
    names = ("notes", "spare1", "spare2", "enabled", "description", "modified_by", "modified_date")
    assert [changed[name] for name in names] == [
        "seen", "a", None, False, "x", "anna", "2026-01-01T13:00:00Z",
    ]  # fmt: skip
    assert (other["notes"], other["modified_by"]) == ("by hand", None)


def test_edits_and_what_the_engine_writes_are_written_in_their_order(store: SqliteStore) -> None:
    cut = record(1, end_ms=EDITED_MS - 1, modified_ms=EDITED_MS - 1, modified_by="meterd", **DONE)
    store.commit_now(
        batch(record(1), record(2), edit(2, notes="later"), cut, edit(1, notes="late"))
    )
    with store.reader() as reader:
        told = [(one.columns["notes"], one.columns["modified_by"]) for one in reader.records()]
    assert told == [("late", "anna"), ("later", "anna")]


def test_what_belongs_to_the_operator_is_not_overwritten(store: SqliteStore) -> None:
    store.commit_now(batch(record(1)))
    writer = store._connection
    writer.execute("UPDATE meter_records SET notes = 'seen', enabled = 0, spare2 = 'b'")
    changed = RecordSpec("Conveyor water", "water_1", "volume", "m3", cost_per_unit=Decimal(1))
    store.register_configurations([changed])
    store.commit_now(batch(record(1, end_ms=NOON_MS + DAY_MS, location="line-9", **DONE)))
    with store.reader() as reader:
        (found,) = reader.records()
    own = {name: found.columns[name] for name in ("notes", "enabled", "spare2", "status")}
    assert own == {"notes": "seen", "enabled": False, "spare2": "b", "status": "COMPLETED"}
    assert found.row.location == "line-1"


async def test_one_night_marks_and_the_next_deletes_and_the_books_still_add_up(
    store: SqliteStore,
) -> None:
    store.register_configurations([WATER, RecordSpec("Kept", "main", "energy_import")])
    old, edge, young, running, kept = (
        record(1, end_ms=NOON_MS - 1, **DONE), record(2, end_ms=NOON_MS, **DONE),
        record(3, end_ms=NOON_MS + 1, **DONE), record(4, usage=5),
        record(5, configuration="Kept", end_ms=NOON_MS - 1, usage=11),
    )  # fmt: skip
    store.commit_now(batch(old, edge, young, running, kept))
    before = {"Conveyor water": 3 * 36_054_000 + 5, "Kept": 11}
    nights = [await store.maintain(NOON_MS + DAY_MS) for _ in range(3)]
    assert nights == [(0, 2), (2, 0), (0, 0)]
    assert await store.maintain(NOON_MS + DAY_MS + 1) == (0, 1)
    assert await store.maintain(NOON_MS + DAY_MS + 1) == (1, 0)
    with store.reader() as reader:
        assert [found.row.run for found in reader.records()] == [4, 5]
        assert recorded(reader) == before
    assert table(store, "SELECT * FROM pruned_records") == [("Conveyor water", 3, 108_162_000)]


async def test_a_mark_that_is_taken_off_stays_off_until_it_is_set_again(
    store: SqliteStore,
) -> None:
    done = record(1, end_ms=NOON_MS - 1, **DONE)
    store.commit_now(batch(done))
    assert await store.maintain(NOON_MS + DAY_MS) == (0, 1)
    store.commit_now(batch(edit(1, to_be_pruned=False)))
    assert await store.maintain(NOON_MS + 2 * DAY_MS) == (0, 0)
    assert await store.maintain(NOON_MS + 3 * DAY_MS) == (0, 0)
    store.commit_now(batch(edit(1, to_be_pruned=True)))
    assert await store.maintain(NOON_MS + 4 * DAY_MS) == (1, 0)
    with store.reader() as reader:
        assert recorded(reader) == {"Conveyor water": 36_054_000}


async def test_a_running_record_is_never_pruned(store: SqliteStore) -> None:
    store.commit_now(batch(record(1)))
    store._connection.execute("UPDATE meter_records SET to_be_pruned = 1")
    assert await store.maintain(NOON_MS + 9 * DAY_MS) == (0, 0)
