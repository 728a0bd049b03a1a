"""What is proposed for what was found."""

from __future__ import annotations

import pytest
import yaml

from meterd.readers.found import Found, FoundPoint, proposed, quantity, slug


@pytest.mark.parametrize(
    ("title", "unit", "taken", "name"),
    [
        ("Main Energy", "kWh", [], "energy_import"),
        ("Main Energy", "kWh", ["energy_import"], "main_energy"),
        ("Energy export", "kWh", [], "energy_export"),
        ("Power L2", "kW", [], "active_power_l2"),
        ("I_L3", "A", [], "current_l3"),
        ("Cos phi", "", [], "power_factor"),
        ("Room", "degC", ["temperature"], "room"),
        ("energy_import", "kWh", ["energy_import"], "energy_import_2"),
        ("17", "kWh", ["energy_import"], "energy_import_17"),
        ("17", "", [], "value_17"),
        ("Zähler", "", [], "z_hler"),
        ("", "", [], "value"),
    ],
)
def test_a_point_is_called_after_its_unit_or_its_name(
    title: str, unit: str, taken: list[str], name: str
) -> None:
    assert quantity(title, unit, taken) == name


KEYS = {"object": "accumulator,1", "n": 3, "cov": True}


def test_a_proposal_by_a_profile_says_what_it_reads_now() -> None:
    points = (FoundPoint("active_power", {}, "", 1.5, "kW"),)
    found = Found("a", "10.1.0.20", "a PDU", points, "apc/rpdu2")
    lines = proposed("pdus", found)
    assert yaml.safe_load("meters:\n" + "\n".join(lines)) == {
        "meters": [
            {"name": "a", "connection": "pdus", "address": "10.1.0.20", "profile": "apc/rpdu2"}
        ]
    }
    assert lines[-1] == "    # active_power: 1.5 kW"


def test_what_no_meter_can_be_made_of_is_only_told() -> None:
    assert proposed("pdus", Found("a", "10.1.0.20", "a router", ())) == ["  # a router"]


def test_a_proposal_is_yaml_that_says_what_was_found() -> None:
    points = (
        FoundPoint("energy_import", KEYS, "E\n1", 1.5, "kWh"),
        FoundPoint("room", {"object": 'a"b'}, "Room"),
    )  # fmt: skip
    found = Found("hq-1", "10.1.0.20:1", "device 7: a\nb", points)
    text = "meters:\n" + "\n".join(proposed("bms", found))
    assert yaml.safe_load(text) == {
        "meters": [
            {
                "name": "hq-1",
                "connection": "bms",
                "address": "10.1.0.20:1",
                "points": {
                    "energy_import": KEYS,
                    "room": {"object": 'a"b'},
                },
            }
        ]
    }
    assert "  # E 1: 1.5 kWh" in text
    assert slug("A b/C", "-") == "a-b-c"
