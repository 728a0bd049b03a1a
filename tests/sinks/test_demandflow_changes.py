"""What is worth telling, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from meterd.sinks.demandflow_changes import (
    HEARTBEAT_MS,
    Band,
    band_of,
    changes,
    step_kwh,
    worth_telling,
)
from meterd.sinks.demandflow_definition import Target
from meterd.sinks.demandflow_fields import TOLD, plan_of, shipped
from meterd.specs import MeterSpec, RegisterSpec

PLAN = shipped()
NOON = "2026-01-01T12:00:00Z"


@pytest.mark.parametrize(
    ("name", "before", "now", "told"),
    [
        ("currentKw", 100.0, 100.49, False),
        ("currentKw", 100.0, 99.5, True),
        ("currentKw", -100.0, -100.5, True),
        ("currentKw", 0.0, 0.0009, False),
        ("currentKw", 0.0, 0.001, True),
        ("averageDemandKw", 100.0, 100.4, False),
        ("currentAmps", 10.0, 10.04, False),
        ("ampsPhaseB", 0.0, 0.01, True),
        ("voltage", 230.0, 231.1, False),
        ("voltagePhaseC", 230.0, 231.15, True),
        ("voltage", 0.0, 0.09, False),
        ("loadPercent", 10.0, 10.09, False),
        ("phaseImbalance", 10.0, 10.1, True),
        ("powerFactor", 0.95, 0.951, False),
        ("powerFactor", 0.95, 0.955, True),
        ("frequency", 50.0, 50.009, False),
        ("frequency", 50.0, 50.01, True),
        ("kwhLifetime", 1_234_567.89, 1_234_567.90, True),
        ("kwhLifetime", 1_234_567.89, 1_234_567.899, False),
        ("kwhToday", 99.0, 0.0, True),
        ("peakDemandKw", 100.0, 100.001, True),
        ("peakDemandKwMonth", 100.0, 100.0, False),
        ("costThisMonth", 100.0, 100.01, True),
        ("peakDemandDate", "2026-01-01T11:00:00Z", NOON, True),
        ("currentKw", None, 0.0, True),
        ("currentKw", 1.0, None, True),
        ("currentKw", None, None, False),
        ("currentKw", "100", 100.0, True),
        ("currentKw", True, 1.001, True),
    ],
)
def test_a_change_is_told_or_not(name: str, before: Any, now: Any, told: bool) -> None:
    assert worth_telling(before, now, band_of(name, 0.01), 0.005) == told


def test_every_field_that_is_told_has_a_band_or_none() -> None:
    bands = {name: band_of(name, 0.01) for name in TOLD}
    exact = {name for name, band in bands.items() if band == Band()}
    assert exact == {
        "lastReadingTime", "peakDemandKw", "peakDemandDate", "peakDemandKwMonth",
        "costThisMonth", "costLastMonth", "costThisYear",
    }  # fmt: skip
    assert {name for name, band in bands.items() if band == Band(0.01)} == {
        "frequency", *(name for name in TOLD if name.startswith("kwh")),
    }  # fmt: skip


def test_a_step_of_energy_is_a_count_of_the_register() -> None:
    registers = RegisterSpec("volume", count=9), RegisterSpec("energy_import", count=36_000)
    assert step_kwh(MeterSpec("main", registers=registers)) == 0.01
    assert step_kwh(MeterSpec("main")) == 1 / 3_600_000


def test_a_slow_drift_is_told_in_the_end() -> None:
    known = {"currentKw": 100.0}
    told = [
        kw
        for kw in (100.1, 100.2, 100.3, 100.4, 100.5, 100.6)
        if changes({"currentKw": kw}, known, PLAN, (0.005, 0.01))
    ]
    assert told == [100.5, 100.6]


def told(fields: dict[str, Any], known: dict[str, Any], kind: str = "datetime") -> dict[str, Any]:
    names = [Target(name, "number") for name in ("currentKw", "kwhLastYear")]
    plan = plan_of([*names, Target("seen", kind, ("lastReadingTime",))])
    return changes(fields, known, plan, (0.005, 0.01))


def test_an_unknown_reading_is_null_and_an_unknown_total_is_left_alone() -> None:
    known = {"currentKw": 1.0, "kwhLastYear": 9.0}
    assert told({"currentKw": None, "kwhLastYear": None}, known) == {"currentKw": None}
    assert told({}, {}) == {}


def test_what_the_tenant_has_no_field_for_is_not_told() -> None:
    assert told({"voltage": 230.0}, {}) == {}
    assert changes({"lastReadingTime": NOON}, {}, plan_of([]), (0.0, 0.0)) == {}


BEFORE: dict[str, tuple[Any, str, dict[str, Any]]] = {
    "the same": (NOON, "datetime", {}),
    "a little later": ("2026-01-01T11:45:00.001Z", "datetime", {}),
    "a quarter of an hour later": ("2026-01-01T11:45:00Z", "datetime", {"seen": NOON}),
    "the first": (None, "datetime", {"seen": NOON}),
    "after what is no time": ("yesterday", "datetime", {"seen": NOON}),
    "a timestamp a little later": (1_767_268_800_001 - HEARTBEAT_MS, "timestamp", {}),
    "a timestamp": (0, "timestamp", {"seen": 1_767_268_800_000}),
}


@pytest.mark.parametrize(("before", "kind", "news"), BEFORE.values(), ids=BEFORE.keys())
def test_a_new_reading_that_shows_nothing_new(before: Any, kind: str, news: dict[str, Any]) -> None:
    known = {"seen": before, "currentKw": 1.0}
    assert told({"lastReadingTime": NOON, "currentKw": 1.0}, known, kind) == news


def test_with_other_news_the_time_is_told_too() -> None:
    known = {"seen": "2026-01-01T11:59:50Z", "currentKw": 1.0}
    assert told({"lastReadingTime": NOON, "currentKw": 2.0}, known) == {
        "currentKw": 2.0,
        "seen": NOON,
    }
    assert told({"lastReadingTime": None, "currentKw": 2.0}, known) == {"currentKw": 2.0}
