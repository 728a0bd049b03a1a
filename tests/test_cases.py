"""Every folder of tests/cases: a configuration and readings, replayed, give what is expected.

`expected.json` holds a part of what `meterd replay --json` prints: what it names must be
there, what it leaves out may be anything. Lists are compared whole. Bills, records and the
audit are, to the last digit, those of every release (tests/releases).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.releases import freeze
from tests.releases.freeze import CASES, FOLDERS, bound, replayed
from tests.stores.cluster import Cluster

RELEASES = {path.stem: freeze.frozen(path) for path in freeze.HERE.glob("*.jsonl")}


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


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_b6_a_case_gives_what_is_expected_and_what_every_release_gave(folder: Path) -> None:
    found = replayed(folder)
    for version, cases in RELEASES.items():
        if folder.name in cases:
            part_of(cases[folder.name], bound(found), version)
    expected = json.loads((folder / "expected.json").read_text())
    expected.pop("options", None)
    if "events" in expected:  # only decisions: coming on line and cuts by time are told elsewhere
        found["events"] = [e for e in found["events"] if e["kind"] not in {"online", "offline"}]
    part_of(expected, found)
    assert found["audit"]["ok"]


def test_b6_no_recording_of_a_release_is_gone() -> None:
    names = {folder.name for folder in FOLDERS}
    assert RELEASES
    assert all(cases.keys() <= names for cases in RELEASES.values())


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
def test_a_store_at_postgresql_says_the_same(name: str, cluster: Cluster) -> None:
    kept = replayed(CASES / name, "--store", cluster.place())
    assert kept == replayed(CASES / name)
