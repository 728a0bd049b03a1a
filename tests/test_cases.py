"""Every folder of tests/cases: a configuration and readings, replayed, give what is expected.

`expected.json` holds a part of what `meterd replay --json` prints: what it names must be
there, what it leaves out may be anything. Lists are compared whole.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from meterd.__main__ import main
from tests.stores.cluster import Cluster

CASES = Path(__file__).parent / "cases"
FOLDERS = sorted(path.parent for path in CASES.glob("*/expected.json"))


def part_of(expected: Any, found: Any, where: str = "") -> None:
    if isinstance(expected, dict):
        assert isinstance(found, dict), where
        for name, value in expected.items():
            assert name in found, f"{where}.{name} is missing"
            part_of(value, found[name], f"{where}.{name}")
    elif isinstance(expected, list):
        assert len(expected) == len(found), f"{where}: {found}"
        for index, value in enumerate(expected):
            part_of(value, found[index], f"{where}[{index}]")
    else:
        assert expected == found, where


def replayed(folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    options = json.loads((folder / "expected.json").read_text()).get("options", [])
    readings = next(folder.glob("readings.*"))
    words = ["replay", "-c", str(folder / "config.yaml"), "--readings", str(readings), "--json"]
    assert main([*words, *options, *more]) == 0
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_case(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = replayed(folder, capsys)
    expected = json.loads((folder / "expected.json").read_text())
    expected.pop("options", None)
    if "events" in expected:  # only decisions: coming on line and cuts by time are told elsewhere
        found["events"] = [e for e in found["events"] if e["kind"] not in {"online", "offline"}]
    part_of(expected, found)
    assert found["audit"]["ok"]


@pytest.mark.parametrize(
    "name",
    [
        "a_demand_bill_adds_its_sources_window_by_window",
        "a_gap_over_the_end_of_a_period_is_split_by_time",
        "a_rollover_cuts_the_record_and_books_both_halves",
        "a_tariff_that_changes_within_a_period_splits_it_by_measured_energy",
        "late_energy_of_a_closed_period_is_an_adjustment",
        "water_is_recorded_by_the_shift",
    ],
)
def test_a_store_at_postgresql_says_the_same(
    name: str, cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = replayed(CASES / name, capsys, "--store", cluster.place())
    assert kept == replayed(CASES / name, capsys)
