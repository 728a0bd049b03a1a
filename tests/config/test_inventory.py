"""What records refer to, how old their rows may be, and who sends readings in."""

from __future__ import annotations

from pathlib import Path

from tests.config.written import SITE, sound

from meterd.config.compile import site_spec
from meterd.config.inventory import inventory
from meterd.records.inventory import Equipment, Inventory, MeterType, Place
from meterd.specs import SiteSpec


def compiled(folder: Path, text: str) -> SiteSpec:
    return site_spec(sound(folder, text))


def test_who_sends_readings_in_is_known(tmp_path: Path) -> None:
    text = (
        SITE + "connections: {clip: {protocol: manual}, api: {protocol: push}}\n"
        "meters: [{name: a, connection: clip}, {name: b, connection: api}, {name: c}]\n"
    )
    pushed = {meter.name: meter.pushed for meter in compiled(tmp_path, text).meters}
    assert pushed == {"a": False, "b": True, "c": False}


def test_the_inventory_has_all_that_is_listed_under_its_name_or_its_tag(tmp_path: Path) -> None:
    text = (
        SITE + "meters: [{name: m}]\n"
        "meter_types:\n"
        "  water: {usage_unit: m3, cost_unit: USD, name: Water, description: cold}\n"
        "  power: {usage_unit: MWh}\n"
        "locations: {yard: {}, line-1: {name: Line 1, description: loud}}\n"
        "equipment: {press: {}, c-1: {name: Conveyor 1, location: line-1, description: long}}\n"
    )
    assert inventory(sound(tmp_path, text)) == Inventory(
        locations=(Place("yard", "yard"), Place("line-1", "Line 1", "loud")),
        equipment=(
            Equipment("press", "press"), Equipment("c-1", "Conveyor 1", "long", "line-1"),
        ),
        meter_types=(
            MeterType("water", "Water", "m3", "USD", "cold"),
            MeterType("power", "power", "MWh", "EUR"),
        ),
    )  # fmt: skip


def test_how_old_a_row_may_be_is_the_records(tmp_path: Path) -> None:
    text = SITE + "meters: [{name: m}]\nrecords: [{name: r, usage: m.energy_import"
    (plain,) = compiled(tmp_path, text + "}]\n").records
    (flushed,) = compiled(tmp_path, text + ", max_flush_interval: 30s}]\n").records
    assert (plain.max_flush_ms, flushed.max_flush_ms) == (None, 30_000)
