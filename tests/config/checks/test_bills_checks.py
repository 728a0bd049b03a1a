"""Bills: sources that exist, once, and can give what is asked of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.config.written import SITE, found

from meterd.config.bills import SourceConfig
from meterd.config.checks.bills import kind_of
from meterd.config.meters import MeterConfig
from meterd.config.points import PointConfig

HEAD = (
    SITE
    + """meters:
  - name: full
    points: {energy_import: {}, active_power: {}, active_power_l1: {}, voltage: {}, current: {}}
  - {name: power, points: {active_power: {}}}
  - {name: phases, points: {voltage_l1: {}, current_l1: {}, voltage_l2: {}}}
  - {name: water, points: {volume: {max_per_hour: 1}}}
  - {name: bare}
tariffs: {office: {fixed: {per_day: 1}}}
"""
)

SOURCES: dict[str, list[str]] = {
    "{meter: full, kind: energy}, {meter: full, kind: power, phase: l1}": [],
    "{meter: bare}, {meter: power}, {meter: phases}": [],
    "{meter: fool}": [
        'sources.0.meter: no meter "fool". Known here: bare, full, phases, power, water.'
    ],
    "{kind: power}": ["sources.0.meter: the key is missing. Write meter: here."],
    "{meter: power, kind: energy}": [
        (
            "sources.0.kind: power does not read the counter energy_import. "
            "Choose another kind, or add the points."
        )
    ],
    "{meter: phases, kind: power}": [
        "sources.0.kind: phases does not read active_power. Choose another kind, or add the points."
    ],
    "{meter: phases, kind: volt_ampere, phase: l2}": [
        (
            "sources.0.kind: phases does not read voltage and current of l2. "
            "Choose another kind, or add the points."
        )
    ],
    "{meter: water}": [
        (
            "sources.0.kind: water does not read energy_import, active_power, or voltage and "
            "current. Choose another kind, or add the points."
        )
    ],
    "{meter: full, kind: energy, phase: l1}": [
        "sources.0.phase: an energy counter has no phases. Drop it, or write kind: power."
    ],
    "{meter: full, kind: energy}, {meter: full, kind: energy}": [
        (
            "sources.1: full is this bill's source already, in line 10. "
            "Keep one of the two, or tell them apart by phase:."
        )
    ],
    "{meter: full, kind: energy}, {meter: full, kind: best, enabled: false}": [
        (
            "sources.1: full is this bill's source already, in line 10. "
            "Keep one of the two, or tell them apart by phase:."
        )
    ],
    "{meter: phases, phase: l1}, {meter: phases, phase: l4}": [
        'sources.1.phase: "l4" is not known here. Known here: l1, l2, l3.'
    ],
}


@pytest.mark.parametrize("sources", SOURCES)
def test_the_sources_of_a_bill(sources: str, tmp_path: Path) -> None:
    lines = found(tmp_path, f"{HEAD}bills: [{{name: t, sources: [{sources}]}}]\n")
    told = [line.partition("bills.0.")[2] for line in lines if line.startswith("error")]
    assert told == SOURCES[sources]


TERMS: dict[str, list[str]] = {
    "billing_day: 31": [],
    "billing_day: 32": ["billing_day: 32 is out of range. It must be at least 1 and at most 31."],
    "billing_day: 0": ["billing_day: 0 is out of range. It must be at least 1 and at most 31."],
    "allowance: -1": ["allowance: -1 is out of range. It must be at least 0."],
    "type: quota": ['type: "quota" is not known here. Known here: demand, energy.'],
    "tariff: office": [],
    "tariff: offices": ['tariff: no tariff "offices". Did you mean "office"?'],
    "demand: {window: 30m, step: 20m}": [
        (
            "demand: the step of 20m does not divide the window of 30m. "
            "Write a step such as 5m of a window of 15m."
        )
    ],
    "demand: {quantity: kva}": [],
}


@pytest.mark.parametrize("terms", TERMS)
def test_the_terms_of_a_bill(terms: str, tmp_path: Path) -> None:
    lines = found(tmp_path, f"{HEAD}bills: [{{name: t, sources: [{{meter: full}}], {terms}}}]\n")
    assert [line.partition("bills.0.")[2] for line in lines] == TERMS[terms]


def test_names_of_bills_are_unique(tmp_path: Path) -> None:
    lines = found(tmp_path, f"{HEAD}bills: [{{name: t}}, {{name: t}}]\n")
    assert [line for line in lines if line.startswith("error")] == [
        'error 10:27: bills.1.name: "t" is the name of another one, in line 10. Names are unique.'
    ]


@pytest.mark.parametrize(
    ("read", "phase", "best"),
    [
        ("energy_import active_power voltage current", None, "energy"),
        ("active_power voltage current", None, "power"),
        ("voltage current", None, "volt_ampere"),
        ("voltage_l3 current_l3", None, "volt_ampere"),
        ("voltage_l3 current_l2", None, None),
        ("energy_import active_power_l1", "l1", "power"),
        ("energy_import voltage_l1 current_l1", "l1", "volt_ampere"),
        ("energy_import", "l1", None),
    ],
)
def test_the_best_kind_is_the_strongest_the_meter_has(
    read: str, phase: str | None, best: str | None
) -> None:
    meter = MeterConfig(name="m", points={name: PointConfig() for name in read.split()})
    source = SourceConfig("m", "best", phase)  # type: ignore[arg-type]  # a phase
    assert kind_of(source, meter) == best
