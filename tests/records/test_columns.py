"""Seed 001's columns."""

from __future__ import annotations

import json
from decimal import Decimal

from meterd.events import RecordRow
from meterd.metering.calendar import parse_iso
from meterd.records.columns import columns
from meterd.records.cost import cost
from meterd.records.ulid import dashed, named_ulid
from meterd.specs import RecordSpec

SPEC = RecordSpec(
    "Conveyor Water Meter", "water_1", "volume", usage_unit="m3", cost_unit="EUR",
    cost_per_unit=Decimal("0.38"), meter_type="water", equipment="conveyor-1",
    location="line-2", description="Water usage on conveyor line 1",
    notes="This entity has these extra notes", spares=("some extra context 1", None, "3"),
)  # fmt: skip
START_MS = parse_iso("2025-12-09T19:48:44Z")
END_MS = parse_iso("2025-12-09T20:24:44Z")
DONE = RecordRow(
    "01JAP8RJBN8ZTPXSGYJ9GSDPE1", "Conveyor Water Meter", 1, "COMPLETED", START_MS, END_MS,
    36_054_000, cost(36_054_000, "m3", Decimal("0.38")), START_MS, END_MS + 250, "meterd",
    "line-1", "schedule",
)  # fmt: skip
OPEN = RecordRow(
    "01JAP8RJBN8ZTPXSGYJ9GSDPE1", "Conveyor Water Meter", 7, "RUNNING", START_MS, None,
    0, None, START_MS, None, None, None,
)  # fmt: skip


def named(kind: str, name: str) -> str:
    return dashed(named_ulid(kind, name))


SHOWN = {
    "id": "01JAP8RJBN-8ZTPXSGY-J9GSDPE1",
    "enabled": True,
    "created_date": "2025-12-09T19:48:44Z",
    "created_by": "meterd",
    "modified_date": "2025-12-09T20:24:44.250Z",
    "modified_by": "meterd",
    "notes": "This entity has these extra notes",
    "spare1": "some extra context 1",
    "spare2": None,
    "spare3": "3",
    "name": "Conveyor Water Meter Run 1",
    "description": "Water usage on conveyor line 1",
    "location_id": named("location", "line-1"),  # where it was, not where it is now
    "equipment_id": named("equipment", "conveyor-1"),
    "meter_type_id": named("meter_type", "water"),
    "status": "COMPLETED",
    "start_date": "2025-12-09T19:48:44Z",
    "end_date": "2025-12-09T20:24:44Z",
    "total_duration_sec": 2160.0,
    "usage_value": 36.054,
    "cost": 13.7,
    "usage_unit_of_measure_id": named("unit_of_measure", "m3"),
    "cost_unit_of_measure_id": named("unit_of_measure", "EUR"),
    "to_be_pruned": False,
    "configuration": "Conveyor Water Meter",
    "run": 1,
    "cut_by": "schedule",
}


def test_the_seed_s_example_in_the_seed_s_order() -> None:
    assert json.dumps(columns(DONE, SPEC, END_MS + 10**9)) == json.dumps(SHOWN)


def test_an_open_record_lasts_until_now_and_has_the_defaults() -> None:
    shown = columns(OPEN, SPEC, START_MS + 1500)
    assert shown["total_duration_sec"] == 1.5
    assert (shown["usage_value"], shown["cost"]) == (0.0, 0.0)
    assert [shown[name] for name in ("end_date", "modified_date", "modified_by")] == [None] * 3
    assert (shown["location_id"], shown["cut_by"]) == (None, "")


def test_a_record_is_never_shorter_than_nothing() -> None:
    assert columns(OPEN, SPEC, START_MS - 60_000)["total_duration_sec"] == 0


def test_a_record_marked_for_pruning_says_so() -> None:
    assert columns(DONE, SPEC, END_MS, to_be_pruned=True)["to_be_pruned"] is True


def test_required_ids_are_never_missing() -> None:
    bare = RecordSpec("c", "main", "energy_import")
    shown = columns(OPEN, bare, START_MS)
    assert shown["equipment_id"] == named("equipment", "main")
    assert shown["meter_type_id"] == named("meter_type", "energy_import")
