"""Names as Prometheus wants them, and a place for every quantity."""

from __future__ import annotations

import re

import pytest

from meterd.sinks.prometheus_families import (
    DERIVED,
    FAMILIES,
    GAUGES,
    JOULES,
    TOTALS,
    Family,
)
from meterd.units import GAUGES as QUANTITIES
from meterd.units import REGISTERS

NAMES = {family.name for family in FAMILIES}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_name_ends_with_its_unit_and_not_with_what_is_added_to_it(family: Family) -> None:
    assert re.fullmatch(r"meterd(_[a-z]+)+", family.name)
    assert not family.name.endswith(("_total", "_info"))
    assert family.name.endswith(f"_{family.unit}" if family.unit else "")
    assert family.help.endswith(".")


def test_every_family_is_listed_once() -> None:
    assert len(NAMES) == len(FAMILIES)


def test_every_canonical_quantity_has_a_place_of_its_own() -> None:
    assert {gauge.quantity for gauge in GAUGES} == set(QUANTITIES)
    places = [(g.family, tuple(g.labels.items())) for g in GAUGES]
    assert len(places) == len(set(places))
    assert {gauge.family for gauge in (*GAUGES, *DERIVED)} <= NAMES


def test_every_canonical_register_has_a_place_of_its_own() -> None:
    assert set(TOTALS) == set(REGISTERS)
    places = [(t.family, tuple(t.labels.items())) for t in TOTALS.values()]
    assert len(places) == len(set(places))
    assert {total.family for total in TOTALS.values()} <= NAMES


def test_only_energy_is_counted_in_joules() -> None:
    assert sorted(JOULES) == ["energy_export", "energy_import", "gas_energy", "heat_energy"]
