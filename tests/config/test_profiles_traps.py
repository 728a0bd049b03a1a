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
