"""The small tables beside seed 001's meter records: places, equipment, meter types, units.

Each row's id follows from its tag, which is its name in the configuration. Rows are brought
up to date when the configuration is taken up, and never deleted: old records refer to them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from meterd.records.inventory import Equipment, Inventory, MeterType, Place
from meterd.records.ulid import dashed, named_ulid
from meterd.specs import RecordSpec
from meterd.stores.connection import Connection

INSERT_LOCATION: Final = "INSERT INTO locations VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"

_INSERT_UNIT: Final = "INSERT INTO unit_of_measures VALUES (?, ?) ON CONFLICT DO NOTHING"
_UPSERT_LOCATION: Final = (
    "INSERT INTO locations VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
    "name = excluded.name, description = excluded.description"
)
_UPSERT_EQUIPMENT: Final = (
    "INSERT INTO equipment (id, tag, name, description, location_id) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
    "description = excluded.description, location_id = excluded.location_id"
)
_UPSERT_TYPE: Final = (
    "INSERT INTO meter_types VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
    "name = excluded.name, description = excluded.description, "
    "usage_unit_of_measure_id = excluded.usage_unit_of_measure_id, "
    "cost_unit_of_measure_id = excluded.cost_unit_of_measure_id"
)


def id_of(kind: str, name: str) -> str:
    """The id of a named thing as the tables show it."""
    return dashed(named_ulid(kind, name))


def location_row(tag: str) -> tuple[Any, ...]:
    """A row of `locations` for a place that the configuration does not list."""
    return _location_row(Place(tag, tag))


def _location_row(place: Place) -> tuple[Any, ...]:
    return id_of("location", place.tag), place.tag, place.name, place.description


def equipment_of(spec: RecordSpec) -> str:
    """The tag of the equipment that a record is for, the meter's name where none is given."""
    return spec.equipment or spec.meter


def type_of(spec: RecordSpec) -> str:
    """The tag of a record's meter type, its quantity where none is given."""
    return spec.meter_type or spec.quantity


def enter(connection: Connection, specs: Iterable[RecordSpec], listed: Inventory) -> None:
    """Enter what the configuration lists, and what its records refer to.

    What is referred to and not listed is entered under its tag.
    """
    places = {place.tag: place for place in listed.locations}
    things = {thing.tag: thing for thing in listed.equipment}
    kinds = {kind.tag: kind for kind in listed.meter_types}
    for spec in specs:
        tag, type_tag = equipment_of(spec), type_of(spec)
        things.setdefault(tag, Equipment(tag, tag, None, spec.location))
        kinds.setdefault(type_tag, MeterType(type_tag, type_tag, spec.usage_unit, spec.cost_unit))
        _list_place(places, spec.location)
        _enter_units(connection, spec.usage_unit, spec.cost_unit)
    for thing in things.values():
        _list_place(places, thing.location)
    for kind in kinds.values():
        _enter_units(connection, kind.usage_unit, kind.cost_unit)
    connection.executemany(_UPSERT_LOCATION, [_location_row(place) for place in places.values()])
    connection.executemany(_UPSERT_EQUIPMENT, [_equipment_row(thing) for thing in things.values()])
    connection.executemany(_UPSERT_TYPE, [_type_row(kind) for kind in kinds.values()])


def _list_place(places: dict[str, Place], tag: str | None) -> None:
    if tag is not None:
        places.setdefault(tag, Place(tag, tag))


def _enter_units(connection: Connection, *names: str) -> None:
    connection.executemany(_INSERT_UNIT, [(id_of("unit_of_measure", n), n) for n in names])


def _equipment_row(thing: Equipment) -> tuple[Any, ...]:
    where = None if thing.location is None else id_of("location", thing.location)
    return id_of("equipment", thing.tag), thing.tag, thing.name, thing.description, where


def _type_row(kind: MeterType) -> tuple[Any, ...]:
    units = (id_of("unit_of_measure", unit) for unit in (kind.usage_unit, kind.cost_unit))
    return id_of("meter_type", kind.tag), kind.tag, kind.name, kind.description, *units
