"""Meters made through the API, beside a file: checked like it, and never able to break it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.config.written import HALL, SITE, sound

from meterd.config.objects import Merged, with_objects
from meterd.config.stored import body_of, encoded
from meterd.orders import StoredObject

FILE = (
    SITE
    + HALL
    + """
meters:
  - {name: main, connection: hall, address: 1, profile: abb/b23, building: a, serial_number: '1'}
bills: [{name: b, sources: [{meter: main, kind: energy}]}]
places: {buildings: {a: {}}}
definitions: {POWERMETER: {add: {tenant: {}, tier: {type: number}}, require: [serialNumber]}}
"""
)
POINT = {"table": "holding", "address": 0, "type": "uint32", "unit": "kWh"}


def made(name: str, **body: Any) -> StoredObject:
    return StoredObject("0" * 26, "POWERMETER", name, encoded({"name": name, **body}), 1, "anna")


def merged(folder: Path, *objects: StoredObject) -> Merged:
    return with_objects(sound(folder, FILE), objects, folder)


def wrong(result: Merged) -> dict[str, list[str]]:
    """Meter -> what is wrong with it, a path and a sentence each."""
    return {
        name: [f"{each.path}: {each.message}" for each in found]
        for name, found in result.left_out.items()
    }


def test_a_meter_of_the_store_stands_after_the_files(tmp_path: Path) -> None:
    solar = made("solar", connection="hall", address=2, profile="abb/b23", parent="main",
                 rated_capacity_kw=22.5, custom={"tenant": "ACME"}, every="5s",
                 points={"energy_import": POINT | {"scale": Decimal("0.01")}})  # fmt: skip
    result = merged(tmp_path, solar)
    main, ours = result.config.meters
    assert (main.name, ours.name, ours.parent, ours.every) == ("main", "solar", "main", 5000)
    assert ours.rated_capacity_kw == Decimal("22.5")
    assert (ours.manufacturer, ours.custom) == ("ABB", {"tenant": "ACME"})
    assert ours.points["energy_import"].scale == Decimal("0.01")
    assert "active_power" in ours.points, "the profile is laid under it"
    assert (result.left_out, result.hidden) == ({}, frozenset())
    assert main == sound(tmp_path, FILE).meters[0]


def test_a_virtual_meter_is_made_of_the_files_and_of_the_stores(tmp_path: Path) -> None:
    parts = {"active_power": {"expression": "main.active_power - solar.active_power"}}
    result = merged(
        tmp_path,
        made("rest", protocol="virtual", points=parts),
        made("solar", connection="hall", address=2, profile="abb/b23"),
    )
    assert result.left_out == {}
    assert [meter.name for meter in result.config.meters] == ["main", "rest", "solar"]


def test_what_the_definition_requires_is_asked_when_it_is_written_not_when_it_is_read(
    tmp_path: Path,
) -> None:
    assert merged(tmp_path, made("solar")).left_out == {}


def test_the_file_wins_over_a_meter_of_the_same_name(tmp_path: Path) -> None:
    result = merged(tmp_path, made("main", connection="nowhere"), made("solar"))
    assert [meter.name for meter in result.config.meters] == ["main", "solar"]
    assert result.config.meters[0].connection == "hall"
    assert (set(result.hidden), result.left_out) == ({"main"}, {})
    assert merged(tmp_path, made("main")).hidden == {"main"}


MISFITS: list[tuple[dict[str, Any], list[str]]] = [
    ({"connection": "hell"}, ['connection: no connection "hell"']),
    ({"connection": "hall", "address": 300, "profile": "abb/b23"},
     ['address: "300" is no Modbus unit id']),
    ({"connection": "hall", "address": 2}, [": there is nothing to read"]),
    ({"warning_threshold_percent": 300},
     ["warning_threshold_percent: 300 is out of range"]),
    ({"building": "b"}, ['building: no building "b"']),
    ({"custom": {"tenant": "A", "tenat": "B"}}, ['custom.tenat: no field "tenat"']),
    ({"custom": {"tier": "x"}}, ["custom.tier: the value is not a number"]),
    ({"colour": "red"}, ['colour: no key "colour" belongs here']),
    ({"parent": "solar"}, ["parent: a loop: solar below solar"]),
    ({"points": {"energy_import": POINT | {"unit": "parsec"}}},
     ['points.energy_import.unit: energy_import cannot be in "parsec"']),
    ({"profile": "eastron/unheard"}, ['profile: no packaged profile "eastron/unheard"']),
    ({"profile": "profile.yaml"}, ['profile: no packaged profile "profile.yaml"']),
    ({"points": {"flow": {"path": "/proc/uptime"}}},
     ["points.flow.path: files cannot be named through the API"]),
    ({"protocol": "virtual", "points": {"active_power": {"expression": "mian.active_power"}}},
     ['points.active_power.expression: column 1: no meter "mian"']),
    ({"status": ["active"]}, ["status: a list stands where a single value belongs"]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "told"), MISFITS)
def test_a_meter_that_does_not_fit_is_left_out_and_the_rest_goes_on(
    body: dict[str, Any], told: list[str], tmp_path: Path
) -> None:
    (tmp_path / "profile.yaml").write_text("make: Nobody\n", "utf-8")
    result = merged(tmp_path, made("solar", **body), made("wind", parent="main"))
    assert wrong(result) == {"solar": told}
    assert [meter.name for meter in result.config.meters] == ["main", "wind"]


def test_who_is_below_a_meter_that_is_left_out_is_left_out_too(tmp_path: Path) -> None:
    result = merged(
        tmp_path,
        made("roof", parent="solar"),
        made("solar", parent="plant"),
        made("plant", connection="hell"),
        made("wind"),
    )
    assert wrong(result) == {
        "plant": ['connection: no connection "hell"'],
        "solar": ['parent: no meter "plant"'],
        "roof": ['parent: no meter "solar"'],
    }
    assert [meter.name for meter in result.config.meters] == ["main", "wind"]


def test_two_meters_that_are_below_each_other_do_not_both_stay(tmp_path: Path) -> None:
    result = merged(tmp_path, made("a", parent="b"), made("b", parent="a"))
    assert result.left_out.keys() == {"a", "b"}


def test_what_looks_like_a_reference_is_text(tmp_path: Path) -> None:
    secret = "${file:/etc/hostname} ${env:HOME}"
    solar = made("solar", notes=secret, custom={"tenant": secret})
    config = sound(tmp_path, FILE, {"HOME": "secret"})
    ours = with_objects(config, [solar], tmp_path).config.meters[1]
    assert (ours.notes, ours.custom["tenant"]) == (secret, secret)


def test_exact_numbers_stay_exact(tmp_path: Path) -> None:
    number = Decimal("42949672.961234567890123")
    solar = made("solar", cost_per_kwh=number, points={"energy_import": {"modulus": number}})
    assert body_of(solar)["cost_per_kwh"] == number
    ours = merged(tmp_path, solar).config.meters[1]
    assert (ours.cost_per_kwh, ours.points["energy_import"].modulus) == (number, number)
    assert msgspec.json.decode(solar.body)["cost_per_kwh"] == float(number)


def test_without_any_the_configuration_is_the_files(tmp_path: Path) -> None:
    config = sound(tmp_path, FILE)
    assert with_objects(config, [], tmp_path) == Merged(config)
