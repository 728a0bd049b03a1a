"""Where public register lists lead to wrong bills, and what these profiles do instead."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from meterd.config.points import PointConfig
from meterd.config.profiles import profile_names, read_profile

TRAPS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "the total and not the partial counter": (
        "carlo-gavazzi/em24-din", "energy_import", {"address": 0x003E},
    ),
    "hertz where two lists have it": ("siemens/pac2200", "frequency", {"address": 55}),
    "watt-hours and not tenths": ("peacefair/pzem-004t", "energy_import", {"unit": "Wh"}),
    "a power factor and not a demand": ("eastron/sdm630", "power_factor", {"address": 0x003E}),
    "integers at an Eastron's addresses": (
        "eltako/dsz15", "active_power", {"address": 0x0034, "type": "int32"},
    ),
    "import and not the sum": ("eastron/sdm630", "energy_import", {"address": 0x0048}),
    "addresses on the wire and not of the manual": (
        "schneider/iem3155", "energy_import", {"address": 3203, "type": "int64", "unit": "Wh"},
    ),
    "the exact counter and not its copy": (
        "schneider/pm5110", "energy_import", {"address": 3203, "type": "int64"},
    ),
    "the plain power factor": ("schneider/pm5110", "power_factor", {"address": 3191}),
    "all ones are no energy": ("abb/b23", "energy_import", {"invalid": (2**64 - 1,)}),
    "the sensor of watts and not its neighbour of volt-amperes": (
        "raritan/px3", "active_power", {"oid": "1.3.6.1.4.1.13742.6.5.2.3.1.4.1.1.5"},
    ),
    "digits of the device and not of a list": (
        "raritan/px3", "energy_import",
        {"scale": None, "scale_point": "energy_import_digits"},
    ),
    "tenths of kWh of a cord": (
        "server-technology/sentry4", "energy_import", {"scale": Decimal("0.1"), "unit": "kWh"},
    ),
    "kilowatt-hours of a text that says both": ("panduit/g5", "energy_import", {"unit": "kWh"}),
    "no wrap where the text only ends its range": (
        "vertiv/geist-v5", "energy_import", {"unit": "Wh", "modulus": None},
    ),
    "24 bits of whole kWh": (
        "schleifenbauer/hpdu", "energy_import", {"unit": "kWh", "modulus": Decimal(2**24)},
    ),
    "the lifetime counter and not the copy that can be reset": (
        "enlogic/en2000", "energy_import", {"oid": "1.3.6.1.4.1.38446.1.2.4.1.9.1"},
    ),
    "not supported, and not a kilowatt-hour less": (
        "apc/rpdu2", "energy_import", {"invalid": (-1,)},
    ),
    "a zero that is a zero": ("apc/pmm", "energy_branch_1", {"invalid": (-1,)}),
    "tenths of a watt": ("chint/dtsu666", "active_power", {"scale": Decimal("0.1"), "unit": "W"}),
}  # fmt: skip


def points(name: str) -> dict[str, PointConfig]:
    profile, findings = read_profile(name, Path())
    assert profile is not None, findings
    return profile.points


@pytest.mark.parametrize(("name", "quantity", "facts"), TRAPS.values(), ids=TRAPS.keys())
def test_a_trap_is_avoided(name: str, quantity: str, facts: dict[str, Any]) -> None:
    point = points(name)[quantity]
    assert {key: getattr(point, key) for key in facts} == facts


@pytest.mark.parametrize("name", ["apc/rpdu2", "eaton/epdu", "hpe/g2-pdu"])
def test_a_counter_that_can_be_reset_is_read_with_the_time_of_its_last_reset(name: str) -> None:
    assert "last_reset" in points(name)


@pytest.mark.parametrize(
    "name", ["rfc1628/ups", "eaton/powerware-ups", "cyberpower/ups", "rfc3433/sensor"]
)
def test_a_device_without_a_counter_pretends_none(name: str) -> None:
    assert "energy_import" not in points(name)
    assert "active_power" in points(name)


@pytest.mark.parametrize("name", ["rfc1628/ups", "eaton/powerware-ups"])
def test_the_first_of_three_phases_is_not_the_power_of_a_ups(name: str) -> None:
    lines = points(name)["output_lines"]
    assert points(name)["active_power"].scale_point == "output_lines"
    assert lines.invalid is not None
    assert 3 in lines.invalid


@pytest.mark.parametrize("name", ["janitza/umg", "finder/7m.38", "shelly/pro-3em"])
def test_a_counter_of_floats_says_how_coarse_it_grows(name: str) -> None:
    profile, _ = read_profile(name, Path())
    assert profile is not None
    assert profile.points["energy_import"].type == "float32"
    assert any("float32" in note for note in profile.notes), profile.notes


def test_a_counter_whose_address_looks_like_a_misprint_is_left_out() -> None:
    assert "energy_export" not in points("b-g-e-tech/ds100")


@pytest.mark.parametrize("name", profile_names())
def test_no_sum_of_import_and_export_passes_for_import(name: str) -> None:
    energies = [points(name).get(quantity) for quantity in ("energy_import", "energy_sum")]
    assert None in energies or energies[0] is None


@pytest.mark.parametrize("name", profile_names())
def test_a_register_of_32_bits_that_counts_up_says_where_it_wraps(name: str) -> None:
    for quantity, point in points(name).items():
        if quantity in ("energy_import", "energy_export") and point.type == "uint32":
            assert point.modulus == 2**32 * (point.scale or 1), quantity
