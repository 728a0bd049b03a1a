"""A record as the table `meter_records` shows it (seed 001), ours after the seed's columns."""

from __future__ import annotations

from typing import Any

from meterd.events import RecordRow
from meterd.metering.calendar import iso
from meterd.records.cost import printed
from meterd.records.record import ENGINE
from meterd.records.ulid import dashed, named_ulid
from meterd.specs import RecordSpec
from meterd.units import UNITS, from_amount


def columns(
    row: RecordRow, spec: RecordSpec, now_ms: int, *, to_be_pruned: bool = False
) -> dict[str, Any]:
    """The columns in their order, JSON-ready; doubles as numbers, ids dashed.

    now_ms: until when the duration of an open record is counted.
    """
    return {
        "id": dashed(row.id),
        "enabled": spec.enabled,
        "created_date": iso(row.created_ms),
        "created_by": ENGINE,
        "modified_date": _iso(row.modified_ms),
        "modified_by": row.modified_by,
        "notes": spec.notes,
        **{f"spare{place}": text for place, text in enumerate(spec.spares, 1)},
        "name": f"{row.configuration} Run {row.run}",
        "description": spec.description,
        "location_id": id_of("location", row.location),
        "equipment_id": id_of("equipment", equipment_of(spec)),
        "meter_type_id": id_of("meter_type", meter_type_of(spec)),
        "status": row.status,
        "start_date": iso(row.start_ms),
        "end_date": _iso(row.end_ms),
        "total_duration_sec": max(0, (row.end_ms or now_ms) - row.start_ms) / 1000,
        "usage_value": float(from_amount(row.usage, UNITS[spec.usage_unit])),
        "cost": printed(row.cost, spec.cost_unit),
        "usage_unit_of_measure_id": id_of("unit_of_measure", spec.usage_unit),
        "cost_unit_of_measure_id": id_of("unit_of_measure", spec.cost_unit),
        "to_be_pruned": to_be_pruned,
        "configuration": row.configuration,
        "run": row.run,
        "cut_by": row.cut_by,
    }


def id_of(kind: str, name: str | None) -> str | None:
    """The printed id of a thing the configuration names, by the column: kind + `_id`."""
    return None if name is None else dashed(named_ulid(kind, name))


def equipment_of(spec: RecordSpec) -> str:
    """The equipment, which is required: without one, what the meter measures stands for it."""
    return spec.equipment or spec.meter


def meter_type_of(spec: RecordSpec) -> str:
    """The meter type, which is required: without one, the quantity."""
    return spec.meter_type or spec.quantity


def _iso(at_ms: int | None) -> str | None:
    return None if at_ms is None else iso(at_ms)
