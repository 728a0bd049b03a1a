"""Where a place is, as far as it is listed, and where two say otherwise."""

from __future__ import annotations

from meterd.config.places import (
    BuildingConfig,
    FloorConfig,
    PlacesConfig,
    RackConfig,
    RoomConfig,
    around,
    clash,
    said,
)

PLACES = PlacesConfig(
    buildings={"a": BuildingConfig()},
    floors={"a-1": FloorConfig(building="a")},
    rooms={"a-101": RoomConfig(floor="a-1"), "b-7": RoomConfig(building="b")},
    racks={"r12": RackConfig(room="a-101")},
)


def test_a_rack_is_in_all_that_its_room_is_in() -> None:
    assert around(PLACES, "rack", "r12") == {"room": "a-101", "floor": "a-1", "building": "a"}
    assert around(PLACES, "room", "b-7") == {"building": "b"}
    assert around(PLACES, "building", "a") == {}
    assert around(PLACES, "rack", "unlisted") == {}


def test_a_place_says_what_it_is_in() -> None:
    assert said(PLACES.rooms["b-7"]) == {"building": "b"}
    assert said(PLACES.buildings["a"]) == {}
    assert said(None) == {}


def test_two_places_clash_when_they_are_in_different_ones() -> None:
    assert clash(PLACES, {"rack": "r12", "building": "b"}) == ("rack", "building", "a")
    assert clash(PLACES, {"rack": "r12", "room": "b-7"}) == ("rack", "room", "a-101")
    assert clash(PLACES, {"rack": "r12", "building": "a", "floor": "a-1"}) is None
    assert clash(PLACES, {}) is None
