"""The small tables beside the records: what is listed, under which name, and for how long."""

from __future__ import annotations

from typing import Any

from tests.stores.made import NOON_MS, WATER, batch, record

from meterd.records.inventory import Equipment, Inventory, MeterType, Place
from meterd.stores.sqlite import SqliteStore


def table(store: SqliteStore, sql: str) -> list[Any]:
    with store.reader() as reader:
        return reader.rows(sql)


LISTED = Inventory(
    locations=(Place("line-1", "Line", "where it is loud"), Place("line-2", "Line")),
    equipment=(
        Equipment("conveyor-1", "Conveyor 1", "the long one", "line-2"),
        Equipment("press-4", "Press 4", None, "yard"),
    ),
    meter_types=(
        MeterType("water", "Water", "m3", "EUR", "what comes in"),
        MeterType("steam", "Steam", "MWh", "USD"),
    ),
)


def test_what_the_configuration_lists_is_there_used_or_not(store: SqliteStore) -> None:
    store.register_configurations([WATER], LISTED)
    assert table(store, "SELECT tag, name, description FROM locations ORDER BY tag") == [
        ("line-1", "Line", "where it is loud"), ("line-2", "Line", None), ("yard", "yard", None),
    ]  # fmt: skip
    equipment = table(
        store,
        "SELECT e.tag, e.name, e.description, l.tag FROM equipment e "
        "JOIN locations l ON l.id = location_id ORDER BY e.tag",
    )
    assert equipment == [
        ("conveyor-1", "Conveyor 1", "the long one", "line-2"),
        ("press-4", "Press 4", None, "yard"),
    ]  # fmt: skip
    kinds = table(
        store,
        "SELECT t.tag, t.name, t.description, u.name, c.name FROM meter_types t "
        "JOIN unit_of_measures u ON u.id = usage_unit_of_measure_id "
        "JOIN unit_of_measures c ON c.id = cost_unit_of_measure_id ORDER BY t.tag",
    )
    assert kinds == [
        ("steam", "Steam", None, "MWh", "USD"), ("water", "Water", "what comes in", "m3", "EUR"),
    ]  # fmt: skip


def test_a_new_name_is_taken_up_and_the_ids_stay(store: SqliteStore) -> None:
    before = table(store, "SELECT id FROM equipment UNION SELECT id FROM locations ORDER BY id")
    store.register_configurations([WATER], LISTED)
    swapped = Inventory(locations=(Place("line-1", "Line 2"), Place("line-2", "Line 1")))
    store.register_configurations([WATER], swapped)
    assert table(store, "SELECT tag, name FROM locations WHERE tag != 'yard' ORDER BY tag") == [
        ("line-1", "Line 2"), ("line-2", "Line 1"),
    ]  # fmt: skip
    after = table(store, "SELECT id FROM equipment UNION SELECT id FROM locations ORDER BY id")
    assert set(before) <= set(after)


def test_equipment_that_moves_leaves_its_records_where_they_were(store: SqliteStore) -> None:
    store.commit_now(batch(record(1)))
    store.register_configurations([WATER], LISTED)
    store.commit_now(batch(record(1, end_ms=NOON_MS + 120_000, location="line-2")))
    with store.reader() as reader:
        (found,) = reader.records()
    assert found.row.location == "line-1"
