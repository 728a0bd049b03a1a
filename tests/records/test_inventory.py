"""What a configuration lists for its records to refer to."""

from __future__ import annotations

from meterd.records.inventory import Equipment, Inventory, MeterType, Place


def test_nothing_need_be_listed() -> None:
    assert Inventory() == Inventory((), (), ())


def test_what_is_listed_goes_by_its_tag() -> None:
    place, machine = Place("line-1", "Line 1"), Equipment("c-1", "Conveyor", location="line-1")
    water = MeterType("water", "Water", "m3", "EUR")
    listed = Inventory((place,), (machine,), (water,))
    assert [one.tag for kind in (listed.locations, listed.equipment, listed.meter_types)
            for one in kind] == ["line-1", "c-1", "water"]  # fmt: skip
    assert machine.location == place.tag
