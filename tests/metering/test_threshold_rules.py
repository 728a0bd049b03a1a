"""What each threshold reads of seed 000's Readings, and when it says nothing."""

from typing import Any

import msgspec
import pytest

from meterd.metering.threshold_rules import RULES, Found, in_force
from meterd.specs import ThresholdSpec

RATED = ThresholdSpec(rated_kw=100.0, rated_amps=200.0)
FULL = {"currentKw": 80.0}
FOUND = {rule.alarm: rule.find for rule in RULES}


@pytest.mark.parametrize(
    ("alarm", "readings", "found"),
    [
        ("load", {"currentKw": 81.5}, Found(81.5, "currentKw")),
        ("load", {"currentKw": -81.5}, Found(81.5, "currentKw")),  # export heats the cable too
        ("load", {"currentKw": None}, None),
        ("load", {}, None),
        ("load_amps", {"currentAmps": 150.0}, Found(75.0, "currentAmps")),
        (
            "load_amps",  # the plain value may be a sum: the phases go before it
            {"currentAmps": 300.0, "ampsPhaseA": 100.0, "ampsPhaseB": -120.0, "ampsPhaseC": 80.0},
            Found(60.0, "ampsPhaseB"),
        ),
        ("load_amps", {"ampsPhaseA": None, "ampsPhaseB": None}, None),
        ("voltage_high", {"voltage": 240.0}, Found(240.0, "voltage")),
        (
            "voltage_high",  # the plain value may be between phases
            {"voltage": 400.0, "voltagePhaseA": 229.0, "voltagePhaseB": 254.0},
            Found(254.0, "voltagePhaseB"),
        ),
        ("voltage_high", {}, None),
        (
            "voltage_low",
            {"voltagePhaseA": 229.0, "voltagePhaseB": 0.0, "voltagePhaseC": 230.0},
            Found(0.0, "voltagePhaseB"),
        ),
        ("voltage_low", {}, None),
        ("power_factor_low", {"powerFactor": -0.8, **FULL}, Found(0.8, "powerFactor")),
        ("power_factor_low", {}, None),
        ("phase_imbalance", {"phaseImbalance": 30.0, **FULL}, Found(30.0, "phaseImbalance")),
        ("phase_imbalance", {}, None),
    ],
)
def test_what_a_rule_reads(alarm: str, readings: dict[str, Any], found: Found | None) -> None:
    assert FOUND[alarm](RATED, readings) == found


NO_RATING = {"rated_kw": None, "rated_amps": None}


@pytest.mark.parametrize(
    ("spec", "readings", "loaded"),
    [
        ({}, {"currentKw": 10.0}, True),
        ({}, {"currentKw": 9.9}, False),
        ({}, {"currentKw": 1.0, "ampsPhaseC": 20.0}, True),  # one phase is loaded
        ({"rated_kw": None}, {"currentKw": 50.0, "currentAmps": 19.0}, False),
        (NO_RATING, {"currentKva": 1.0}, True),
        (NO_RATING, {"currentKva": 0.9, "currentAmps": 4.9}, False),
        (NO_RATING, {"currentKva": 0.9, "currentAmps": 5.0}, True),
        (NO_RATING, {"ampsPhaseA": 0.5, "ampsPhaseB": 0.1, "ampsPhaseC": 0.1}, False),
        (NO_RATING, {}, True),  # nobody knows
        ({}, {"currentKva": 0.1}, False),
        ({}, {}, True),
    ],
)
def test_ratios_of_next_to_no_load_are_in_order(
    spec: dict[str, Any], readings: dict[str, Any], loaded: bool
) -> None:
    spec_ = msgspec.structs.replace(RATED, **spec)
    for alarm, field in (
        ("power_factor_low", "powerFactor"),
        ("phase_imbalance", "phaseImbalance"),
    ):
        found = FOUND[alarm](spec_, {**readings, field: 0.1})
        assert found == Found(0.1, field, loaded)


def test_a_rule_is_in_force_with_all_it_needs() -> None:
    assert in_force(RATED) == {}
    assert in_force(ThresholdSpec(warning_percent=80.0, rated_kw=None)) == {}
    spec = ThresholdSpec(
        rated_kw=100.0, warning_percent=80.0, critical_percent=95.0, voltage_high=253.0,
        voltage_low=207.0, power_factor_min=0.9, imbalance_max_percent=20.0,
    )  # fmt: skip
    assert {name: limit for name, (_rule, limit) in in_force(spec).items()} == {
        "load/warning": 80.0,
        "load/critical": 95.0,
        "voltage_high/warning": 253.0,
        "voltage_low/warning": 207.0,
        "power_factor_low/warning": 0.9,
        "phase_imbalance/warning": 20.0,
    }
    amps = in_force(ThresholdSpec(rated_amps=32.0, warning_percent=80.0, critical_percent=95.0))
    assert list(amps) == ["load_amps/warning", "load_amps/critical"]


def test_every_alarm_has_a_name_and_severity_of_its_own() -> None:
    assert len({(rule.alarm, rule.severity) for rule in RULES}) == len(RULES)
