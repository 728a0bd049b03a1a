"""Places: what is named is listed, and no two places contradict each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.config.written import SITE, found

PLACES = """places:
  buildings: {a: {name: Building A}, b: {}}
  floors: {a-1: {building: a}}
  rooms: {a-101: {floor: a-1}, yard: {building: b}}
  racks: {r12: {room: a-101}, free: {}}
"""
METERS: dict[str, list[str]] = {
    "{name: m}": [],
    "{name: m, building: a}": [],
    "{name: m, rack: r12}": [],
    "{name: m, building: a, floor: a-1, room: a-101, rack: r12}": [],
    "{name: m, rack: free, room: yard, building: b}": [],
    "{name: m, building: c}": [
        'error 7:30: meters.0.building: no building "c". List it under places: buildings:.'
    ],
    "{name: m, room: a-102}": ['error 7:26: meters.0.room: no room "a-102". Did you mean "a-101"?'],
    "{name: m, rack: r12, building: b}": [
        (
            'error 7:41: meters.0.building: the rack "r12" is in the building "a", not "b". '
            "Correct one of them."
        )
    ],
    "{name: m, floor: a-1, room: yard, building: b}": [
        (
            'error 7:54: meters.0.building: the floor "a-1" is in the building "a", not "b". '
            "Correct one of them."
        )
    ],
}


@pytest.mark.parametrize("meter", METERS)
def test_meters_are_somewhere(meter: str, tmp_path: Path) -> None:
    assert found(tmp_path, f"{SITE}{PLACES}meters: [{meter}]\n") == METERS[meter]


def test_a_kind_that_lists_nothing_takes_any_name(tmp_path: Path) -> None:
    meters = "meters: [{name: m, building: anything, room: goes}]\n"
    assert found(tmp_path, SITE + meters) == []
    assert found(tmp_path, f"{SITE}{meters}places: {{racks: {{r12: {{room: goes}}}}}}\n") == []


WRONG: dict[str, list[str]] = {
    "floors: {f: {building: c}}": [
        'error 3:52: places.floors.f.building: no building "c". List it under places: buildings:.'
    ],
    "floors: {f: {building: a}}, rooms: {r: {floor: f, building: b}}": [
        (
            'error 3:90: places.rooms.r.building: the floor "f" is in the building "a", not "b". '
            "Correct one of them."
        )
    ],
    "floors: {f: {room: r}}": [
        (
            'error 3:43: places.floors.f.room: no key "room" belongs here. '
            "Known here: building, description, name."
        )
    ],
}


@pytest.mark.parametrize("places", WRONG)
def test_places_are_somewhere_too(places: str, tmp_path: Path) -> None:
    text = f"{SITE}meters: []\nplaces: {{buildings: {{a: {{}}, b: {{}}}}, {places}}}\n"
    told = [line.split(": ", 1)[1] for line in found(tmp_path, text)]
    assert told == [line.split(": ", 1)[1] for line in WRONG[places]]


def test_a_list_with_a_mistake_makes_no_second_one(tmp_path: Path) -> None:
    text = f"{SITE}places: {{rooms: {{a: 5, b: {{}}}}}}\nmeters: [{{name: m, room: a}}]\n"
    assert len(found(tmp_path, text)) == 1
