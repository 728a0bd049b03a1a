"""Places: buildings, floors, rooms and racks that meters refer to, if a site lists them.

places:
  buildings: {a: {name: Building A}}
  floors: {a-1: {building: a}}
  rooms: {a-101: {floor: a-1}}
  racks: {r12: {room: a-101}}

A kind that lists nothing is not checked: any text names a place of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

KINDS: Final = {"building": "buildings", "floor": "floors", "room": "rooms", "rack": "racks"}
"""What a meter says, from the outside in -> where such places are listed."""


class BuildingConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A building."""

    name: str | None = None
    description: str | None = None


class FloorConfig(BuildingConfig, frozen=True, forbid_unknown_fields=True):
    """A floor, and where it is."""

    building: str | None = None


class RoomConfig(FloorConfig, frozen=True, forbid_unknown_fields=True):
    """A room, and where it is."""

    floor: str | None = None


class RackConfig(RoomConfig, frozen=True, forbid_unknown_fields=True):
    """A rack, and where it stands."""

    room: str | None = None


class PlacesConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every place that is listed, by kind."""

    buildings: dict[str, BuildingConfig] = {}
    floors: dict[str, FloorConfig] = {}
    rooms: dict[str, RoomConfig] = {}
    racks: dict[str, RackConfig] = {}

    def of(self, kind: str) -> Mapping[str, BuildingConfig]:
        """The places of a kind: building, floor, room or rack."""
        found: Mapping[str, BuildingConfig] = getattr(self, KINDS[kind])
        return found


def said(what: object) -> dict[str, str]:
    """Kind -> the place that a meter or a place says it is in."""
    named = {kind: getattr(what, kind, None) for kind in KINDS}
    return {kind: name for kind, name in named.items() if name is not None}


def around(places: PlacesConfig, kind: str, name: str) -> dict[str, str]:
    """Kind -> the place that holds this one, as far as it is listed."""
    place = places.of(kind).get(name)
    found: dict[str, str] = {}
    for outer, where in reversed(said(place).items()):
        found = {**around(places, outer, where), outer: where, **found}
    return found


def clash(places: PlacesConfig, where: Mapping[str, str]) -> tuple[str, str, str] | None:
    """Where two of these places contradict each other: (inner kind, outer kind, its place)."""
    for kind, name in where.items():
        for outer, place in around(places, kind, name).items():
            if where.get(outer, place) != place:
                return kind, outer, place
    return None
