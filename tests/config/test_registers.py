"""Registers: counts, ceilings and moduli, in integers of base units."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.config.written import SITE, sound

from meterd.config.registers import registers
from meterd.specs import RegisterSpec

KWH = 3_600_000
KW = 3_600_000

POINTS: dict[str, dict[str, Any]] = {
    "energy_import: {}": {"unit": "kWh", "count": 1, "per_hour": 1000 * KW, "modulus": None},
    "energy_import: {resolution: 0.01}": {"count": 36_000},
    "energy_import: {scale: 0.01}": {"count": 36_000},
    "energy_import: {scale: 0.01, resolution: 0.1}": {"count": 360_000},
    "energy_import: {table: input, address: 1, type: uint32}": {
        "count": KWH, "torn": True, "float32": 0,
    },
    "energy_import: {table: input, address: 1, type: int32, scale: -0.1, unit: Wh}": {
        "count": 360, "torn": True,
    },
    "energy_import: {table: input, address: 1, type: uint64, scale: 0.01}": {
        "count": 36_000, "torn": False,
    },
    "energy_import: {table: input, address: 1, type: float32, unit: Wh}": {
        "count": 1, "torn": False, "float32": 3600,
    },
    "energy_import: {table: input, address: 1, type: float32, scale: 1000}": {
        "count": 1, "float32": 1000 * KWH,
    },
    "energy_import: {table: input, address: 1, type: float64, scale: 0.001}": {
        "count": 1, "float32": 0,
    },
    "energy_import: {table: input, address: 1, type: uint32, scale_point: x}, "
    "x: {table: input, address: 3, type: int16}": {"count": 1},
    "energy_import: {line: 1, pulses_per_unit: 800}": {"count": 4500},
    "energy_import: {max_kw: 50}": {"per_hour": 50 * KW},
    "energy_import: {max_per_hour: 5000, unit: Wh}": {"per_hour": 5 * KW},
    "reactive_energy_import: {max_kw: 50}": {"per_hour": 50 * KW, "unit": "kvarh"},
    "energy_import: {modulus: 42949672.96}": {"modulus": 154_618_822_656_000},
    "energy_import: {modulus: 1000, unit: MWh}": {"modulus": 1_000_000 * KWH, "unit": "MWh"},
    "energy_import: {nonvolatile: true, jitter: 0.02, on_decrease: strict, stale_after: 1h}": {
        "nonvolatile": True, "jitter": 72_000, "on_decrease": "strict",
        "stale_after_ms": 3_600_000,
    },
    "energy_import: {stale_after: 0s}": {"stale_after_ms": 0},
    "volume: {scale: 0.001}": {"unit": "m3", "count": 1000, "per_hour": None},
    "volume: {unit: L, max_per_hour: 60}": {"unit": "L", "per_hour": 60_000},
    "heat_energy: {unit: GJ, max_kw: 10}": {"unit": "GJ", "per_hour": 10 * KW},
    "energy_night: {unit: Wh, resolution: 1}": {"unit": "Wh", "count": 3600},
    "strokes: {unit: '1', max_per_hour: 500}": {"unit": "1", "per_hour": 500_000_000},
}  # fmt: skip


def only(folder: Path, points: str, more: str = "", site: str = SITE) -> RegisterSpec:
    config = sound(folder, f"{site}meters: [{{name: m, points: {{{points}}}{more}}}]\n")
    (register,) = registers(config.meters[0], config.site, {})
    return register


@pytest.mark.parametrize("points", POINTS)
def test_a_register(points: str, tmp_path: Path) -> None:
    register = only(tmp_path, points)
    assert {key: getattr(register, key) for key in POINTS[points]} == POINTS[points]


def test_a_ceiling_is_the_points_else_the_rated_capacitys_else_the_sites(tmp_path: Path) -> None:
    rated, site = ", rated_capacity_kw: 250", SITE.replace("}", ", max_source_kw: 77}")
    assert only(tmp_path, "energy_import: {max_kw: 9}", rated, site).per_hour == 9 * KW
    assert only(tmp_path, "energy_import: {}", rated, site).per_hour == 312_500 * KW // 1000
    assert only(tmp_path, "energy_import: {}", "", site).per_hour == 77 * KW


def test_a_policy_is_the_points_else_the_sites(tmp_path: Path) -> None:
    site = SITE.replace("}", ", on_decrease: strict}")
    assert only(tmp_path, "energy_import: {}").on_decrease == "reconcile"
    assert only(tmp_path, "energy_import: {}", "", site).on_decrease == "strict"
    assert only(tmp_path, "energy_import: {on_decrease: reconcile}", "", site).on_decrease == (
        "reconcile"
    )


OVERFLOWS: dict[str, tuple[str, str, int]] = {
    "volume: {scale: 0.01, max_per_hour: 1}": ("999999.99", "m3", 10**12),
    "volume: {max_per_hour: 1}": ("999999.99", "m3", 10**12),
    "volume: {max_per_hour: 2}": ("999999", "m3", 10**12),
    "volume: {scale: 0.01, max_per_hour: 3}": ("999999990", "L", 10**12),
    "volume: {modulus: 500, max_per_hour: 1}": ("999999.99", "m3", 500 * 10**6),
}


@pytest.mark.parametrize("points", OVERFLOWS)
def test_a_modulus_is_the_points_else_the_overflow_and_one_count(
    points: str, tmp_path: Path
) -> None:
    largest, unit, modulus = OVERFLOWS[points]
    config = sound(tmp_path, f"{SITE}meters: [{{name: m, points: {{{points}}}}}]\n")
    overflow = {"volume": (Decimal(largest), unit)}
    (register,) = registers(config.meters[0], config.site, overflow)
    assert register.modulus == modulus


def test_applied_transformers_multiply_the_register_and_not_its_ceiling(tmp_path: Path) -> None:
    ratios = ", ct_ratio: '400:5', pt_ratio: '20000:100'"
    points = "energy_import: {scale: 0.01, modulus: 1000, max_kw: 50, jitter: 0.01}"
    bare = only(tmp_path, points, ratios)
    both = only(tmp_path, points, f"{ratios}, apply_ct_ratio: true, apply_pt_ratio: true")
    assert both.count == 16_000 * bare.count
    assert both.modulus == 16_000 * 1000 * KWH
    assert both.jitter == 16_000 * bare.jitter
    assert both.per_hour == bare.per_hour == 50 * KW
    heat = only(tmp_path, "heat_energy: {scale: 1}", f"{ratios}, apply_ct_ratio: true")
    assert heat.count == KWH


def test_a_meter_that_declares_nothing_has_every_register(tmp_path: Path) -> None:
    config = sound(tmp_path, f"{SITE}meters: [{{name: m}}]\n")
    found = registers(config.meters[0], config.site, {})
    assert {register.quantity: register.unit for register in found} == {
        "energy_import": "kWh", "energy_export": "kWh", "reactive_energy_import": "kvarh",
        "reactive_energy_export": "kvarh", "apparent_energy": "kVAh", "volume": "m3",
        "heat_energy": "kWh", "gas_energy": "kWh", "count": "1",
    }  # fmt: skip
    assert {register.count for register in found} == {1}
