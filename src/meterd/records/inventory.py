"""What a configuration lists for its records to refer to: places, equipment, meter types.

Each goes by its tag, which is its name in the configuration; `name` is what people read.
"""

from __future__ import annotations

import msgspec


class Place(msgspec.Struct, frozen=True):
    """A location that records are at. tag: as the configuration refers to it."""

    tag: str
    name: str
    description: str | None = None


class Equipment(msgspec.Struct, frozen=True):
    """A piece of equipment that records are for. location: the tag of where it stands."""

    tag: str
    name: str
    description: str | None = None
    location: str | None = None


class MeterType(msgspec.Struct, frozen=True):
    """A meter type of records: in which units its usage and its cost are."""

    tag: str
    name: str
    usage_unit: str
    cost_unit: str
    description: str | None = None


class Inventory(msgspec.Struct, frozen=True):
    """What the configuration lists for records to refer to, by tag."""

    locations: tuple[Place, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    meter_types: tuple[MeterType, ...] = ()
