"""Seed 001's table of meter records, as people query it.

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
from meterd.orders import EDITABLE, RecordEdit
from meterd.records.cost import printed
from meterd.records.inventory import Inventory
from meterd.records.life import Status
from meterd.records.ulid import dashed, undashed
from meterd.specs import RecordSpec
from meterd.stores import StoreError
from meterd.stores.connection import Connection
from meterd.stores.inventory import enter, equipment_of, id_of, type_of
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
"""And `kept`, which says that the nights may not mark the record."""
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


class RecordColumns(msgspec.Struct, frozen=True):
    """What every record of one configuration has in common. unit: of usage_value."""

    spec: RecordSpec
    unit: Unit
    equipment_id: str
    type_id: str
    usage_unit_id: str
    cost_unit_id: str


def columns_of(spec: RecordSpec) -> RecordColumns:
    """The static columns of a configuration."""
    unit = spec.usage_unit if spec.usage_unit in UNITS else canonical_unit(spec.quantity) or "1"
    return RecordColumns(
        spec,
        UNITS[unit],
        id_of("equipment", equipment_of(spec)),
        id_of("meter_type", type_of(spec)),
        id_of("unit_of_measure", spec.usage_unit),
        id_of("unit_of_measure", spec.cost_unit),
    )


def register(
    connection: Connection, specs: Sequence[RecordSpec], listed: Inventory
) -> dict[str, RecordColumns]:
    """Enter what the configurations refer to; the columns of their records, by name."""
    enter(connection, specs, listed)
    return {spec.name: columns_of(spec) for spec in specs}


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
    until_ms = row.end_ms or row.as_of_ms or row.start_ms
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
    """A record from a row of _COLUMNS and its location's tag."""
    own = dict(zip((*_COLUMNS, "location"), values, strict=True))
    lasted_ms = round(own["total_duration_sec"] * 1000)
    waits = own["end_ms"] is not None or own["status"] == Status.IDLE
    row = RecordRow(
        undashed(own["id"]), own["configuration"], own["run"], own["status"], own["start_ms"],
        own["end_ms"], own["usage_amount"], own["cost_exact"], parse_iso(own["created_date"]),
        None if own["modified_date"] is None else parse_iso(own["modified_date"]),
        own["modified_by"], own["location"], own["cut_by"],
        None if waits else own["start_ms"] + lasted_ms,
    )  # fmt: skip
    return Recorded(row, seed_columns(values))


SELECT_RECORDS: Final = (
    f"SELECT {', '.join(f'r.{column}' for column in _COLUMNS)}, l.tag "
    "FROM meter_records r LEFT JOIN locations l ON l.id = r.location_id "
)

_BOOK_PRUNED: Final = """
INSERT INTO pruned_records AS old
SELECT configuration, count(*), sum(usage_amount) FROM meter_records
WHERE to_be_pruned = 1 AND end_ms IS NOT NULL GROUP BY configuration
ON CONFLICT (configuration) DO UPDATE SET
    records = old.records + excluded.records,
    usage_amount = old.usage_amount + excluded.usage_amount
"""
_DELETE_PRUNED: Final = "DELETE FROM meter_records WHERE to_be_pruned = 1 AND end_ms IS NOT NULL"
_MARK: Final = """
UPDATE meter_records SET to_be_pruned = 1
WHERE configuration = ? AND end_ms <= ? AND to_be_pruned = 0 AND kept = 0
"""


def edit_statement(edit: RecordEdit) -> tuple[str, tuple[Any, ...]]:
    """How an operator's edit is written. A mark that is taken off is not set again by itself."""
    columns = {name: value for name, value in edit.columns.items() if name in EDITABLE}
    if "to_be_pruned" in columns:
        columns["kept"] = not columns["to_be_pruned"]
    columns |= {"modified_date": iso(edit.modified_ms), "modified_by": edit.modified_by}
    sets = ", ".join(f"{name} = ?" for name in columns)
    sql = f"UPDATE meter_records SET {sets} WHERE id = ?"
    return sql, (*columns.values(), dashed(edit.id))


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
