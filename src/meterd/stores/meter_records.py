"""Seed 001's tables: meter_records as people query them, and the small tables beside it.

A row's ids follow from names, its static columns from the configuration, and its doubles and
dates are for people; the exact figures stand in our own columns. Once written, what belongs
to the operator (enabled, notes, spares, description, location, pruning) is never overwritten.
Source: seed 001, "Table Structure"; contract section 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from meterd.events import RecordRow
from meterd.metering.calendar import iso, parse_iso
from meterd.records.cost import printed
from meterd.records.ulid import dashed, named_ulid, undashed
from meterd.specs import RecordSpec
from meterd.stores import StoreError
from meterd.stores.connection import Connection
from meterd.units import UNITS, Unit, canonical_unit, from_amount

CREATED_BY: Final = "meterd"

SEED_COLUMNS: Final = (
    "id", "enabled", "created_date", "created_by", "modified_date", "modified_by", "notes",
    "spare1", "spare2", "spare3", "name", "description", "location_id", "equipment_id",
    "meter_type_id", "status", "start_date", "end_date", "total_duration_sec", "usage_value",
    "cost", "usage_unit_of_measure_id", "cost_unit_of_measure_id", "to_be_pruned",
)  # fmt: skip
OUR_COLUMNS: Final = (
    "configuration", "run", "cut_by", "usage_amount", "cost_exact", "start_ms", "end_ms",
)  # fmt: skip
_BOOLEANS: Final = ("enabled", "to_be_pruned")
_OF_THE_ENGINE: Final = (
    "modified_date", "modified_by", "status", "start_date", "end_date", "total_duration_sec",
    "usage_value", "cost", "cut_by", "usage_amount", "cost_exact", "start_ms", "end_ms",
)  # fmt: skip

_COLUMNS: Final = (*SEED_COLUMNS, *OUR_COLUMNS)
UPSERT_RECORD: Final = (
    f"INSERT INTO meter_records ({', '.join(_COLUMNS)}) "
    f"VALUES ({', '.join('?' * len(_COLUMNS))}) ON CONFLICT (id) DO UPDATE SET "
    + ", ".join(f"{column} = excluded.{column}" for column in _OF_THE_ENGINE)
)
INSERT_LOCATION: Final = "INSERT INTO locations VALUES (?, ?) ON CONFLICT DO NOTHING"

_INSERT_UNIT: Final = "INSERT INTO unit_of_measures VALUES (?, ?) ON CONFLICT DO NOTHING"
_UPSERT_EQUIPMENT: Final = (
    "INSERT INTO equipment VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
    "name = excluded.name, location_id = excluded.location_id"
)
_UPSERT_TYPE: Final = (
    "INSERT INTO meter_types VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
    "usage_unit_of_measure_id = excluded.usage_unit_of_measure_id, "
    "cost_unit_of_measure_id = excluded.cost_unit_of_measure_id"
)


class RecordColumns(msgspec.Struct, frozen=True):
    """What every record of one configuration has in common. unit: of usage_value."""

    spec: RecordSpec
    unit: Unit
    equipment_id: str
    type_id: str
    usage_unit_id: str
    cost_unit_id: str


def id_of(kind: str, name: str) -> str:
    """The id of a named thing as the tables show it."""
    return dashed(named_ulid(kind, name))


def location_row(name: str) -> tuple[str, str]:
    """A row of `locations`."""
    return id_of("location", name), name


def columns_of(spec: RecordSpec) -> RecordColumns:
    """The static columns of a configuration."""
    unit = spec.usage_unit if spec.usage_unit in UNITS else canonical_unit(spec.quantity) or "1"
    return RecordColumns(
        spec,
        UNITS[unit],
        id_of("equipment", _equipment(spec)),
        id_of("meter_type", _type(spec)),
        id_of("unit_of_measure", spec.usage_unit),
        id_of("unit_of_measure", spec.cost_unit),
    )


def register(
    connection: Connection, specs: Sequence[RecordSpec], equipment_names: dict[str, str]
) -> dict[str, RecordColumns]:
    """Enter what the configurations name into the small tables; their columns by name."""
    known = {spec.name: columns_of(spec) for spec in specs}
    for columns in known.values():
        spec = columns.spec
        units = ((columns.usage_unit_id, spec.usage_unit), (columns.cost_unit_id, spec.cost_unit))
        connection.executemany(_INSERT_UNIT, units)
        place = None if spec.location is None else location_row(spec.location)
        if place is not None:
            connection.execute(INSERT_LOCATION, place)
        tag = _equipment(spec)
        where = place and place[0]
        equipment = (columns.equipment_id, tag, equipment_names.get(tag, tag), where)
        connection.execute(_UPSERT_EQUIPMENT, equipment)
        kind = (columns.type_id, _type(spec), columns.usage_unit_id, columns.cost_unit_id)
        connection.execute(_UPSERT_TYPE, kind)
    return known


def known_columns(row: RecordRow, known: Mapping[str, RecordColumns]) -> RecordColumns:
    """The static columns of a record's configuration. StoreError if it was not registered."""
    columns = known.get(row.configuration)
    if columns is None:
        raise StoreError(
            f"record configuration {row.configuration!r} was not registered with the store; "
            "register_configurations() comes before the first commit"
        )
    return columns


def record_row(row: RecordRow, columns: RecordColumns) -> tuple[Any, ...]:
    """The row of `meter_records`, in the order of its columns."""
    spec = columns.spec
    until_ms = row.end_ms or row.modified_ms or row.start_ms
    return (
        dashed(undashed(row.id)), spec.enabled, iso(row.created_ms), CREATED_BY,
        _iso(row.modified_ms), row.modified_by, spec.notes, *spec.spares,
        f"{row.configuration} Run {row.run}", spec.description,
        None if row.location is None else id_of("location", row.location),
        columns.equipment_id, columns.type_id, row.status, iso(row.start_ms), _iso(row.end_ms),
        max(0, until_ms - row.start_ms) / 1000, float(from_amount(row.usage, columns.unit)),
        printed(row.cost, spec.cost_unit), columns.usage_unit_id, columns.cost_unit_id, False,
        row.configuration, row.run, row.cut_by, row.usage, row.cost, row.start_ms, row.end_ms,
    )  # fmt: skip


def seed_columns(values: Sequence[Any]) -> dict[str, Any]:
    """A row of `meter_records` by the seed's names, as JSON has them."""
    columns = dict(zip(SEED_COLUMNS, values, strict=False))
    return columns | {name: bool(columns[name]) for name in _BOOLEANS}


class Recorded(msgspec.Struct, frozen=True):
    """A record as it is kept. columns: seed 001's, by name, in its order, as JSON has them."""

    row: RecordRow
    columns: dict[str, Any]


def recorded(values: Sequence[Any]) -> Recorded:
    """A record from a row of _COLUMNS and its location's name."""
    own = dict(zip((*_COLUMNS, "location"), values, strict=True))
    row = RecordRow(
        undashed(own["id"]), own["configuration"], own["run"], own["status"], own["start_ms"],
        own["end_ms"], own["usage_amount"], own["cost_exact"], parse_iso(own["created_date"]),
        None if own["modified_date"] is None else parse_iso(own["modified_date"]),
        own["modified_by"], own["location"], own["cut_by"],
    )  # fmt: skip
    return Recorded(row, seed_columns(values))


SELECT_RECORDS: Final = (
    f"SELECT {', '.join(f'r.{column}' for column in _COLUMNS)}, l.name "
    "FROM meter_records r LEFT JOIN locations l ON l.id = r.location_id "
)

_BOOK_PRUNED: Final = """
INSERT INTO pruned_records
SELECT configuration, count(*), sum(usage_amount) FROM meter_records
WHERE to_be_pruned = 1 AND end_ms IS NOT NULL GROUP BY configuration
ON CONFLICT (configuration) DO UPDATE SET
    records = records + excluded.records, usage_amount = usage_amount + excluded.usage_amount
"""
_DELETE_PRUNED: Final = "DELETE FROM meter_records WHERE to_be_pruned = 1 AND end_ms IS NOT NULL"
_MARK: Final = """
UPDATE meter_records SET to_be_pruned = 1
WHERE configuration = ? AND end_ms <= ? AND to_be_pruned = 0
"""


def prune(connection: Connection, known: dict[str, RecordColumns], now_ms: int) -> tuple[int, int]:
    """One night's pruning: delete what an earlier night marked, then mark; both counts."""
    connection.execute(_BOOK_PRUNED)
    connection.execute(_DELETE_PRUNED)
    deleted = connection.changes()
    marked = 0
    for name, columns in known.items():
        if columns.spec.prune_after_ms is not None:
            connection.execute(_MARK, (name, now_ms - columns.spec.prune_after_ms))
            marked += connection.changes()
    return deleted, marked


def _iso(at_ms: int | None) -> str | None:
    return None if at_ms is None else iso(at_ms)


def _equipment(spec: RecordSpec) -> str:
    return spec.equipment or spec.meter


def _type(spec: RecordSpec) -> str:
    return spec.meter_type or spec.quantity
