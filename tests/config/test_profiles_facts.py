"""Every profile against the facts that are known of its device: places, types, units, sources.

`device_facts.csv` restates what public register lists and MIBs say, one row a quantity: where it
is, its type and order, what one count is worth, and whether several independent sources say
so. A profile may leave things out; what it reads it must read as they say, and what a bill
needs it must read. Where it departs, it says so here.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from meterd.config.points import PointConfig
from meterd.config.profiles import Profile, profile_names, read_profile
from meterd.config.values import holders
from meterd.units import REGISTERS, TEXTS, UNITS

FACTS = Path(__file__).with_name("device_facts.csv")
DEVICES = 75
EXTRA = {"eaton/powerware-ups-three-phase", "rfc1628/ups-three-phase"}
"""Variants of a device that has another profile."""
BY_NAME = "sunspec/"
"""Profiles of the standard's models, whose points have names and no places."""
NEEDED = {
    "active_energy_import_total": ("energy_import",),
    "active_energy_export_total": ("energy_export",),
    "active_power_total": ("active_power",),
    "active_energy_output_total": ("energy_import",),
    "active_energy_inlet": ("energy_import",),
    "active_energy_cord": ("energy_import",),
    "active_energy_infeed": ("energy_import",),
    "active_power_output": ("active_power", "active_power_l1"),
}
"""What a bill needs, and how a profile may call it."""
LEFT_OUT = {
    ("b-g-e-tech/ds100", "active_energy_export_total"): "its address looks like a misprint",
}
Row = dict[str, str]


@cache
def facts() -> dict[str, list[Row]]:
    """Profile -> what is known of its device."""
    found: dict[str, list[Row]] = {}
    with FACTS.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["profile"], []).append(row)
    return found


def profile(name: str) -> Profile:
    made, findings = read_profile(name, Path())
    assert made is not None, findings
    return made


def place_of(point: PointConfig) -> str:
    return str(point.oid if point.address is None else point.address)


def known_at(point: PointConfig, rows: list[Row]) -> list[Row]:
    """What is known of the point's place: the register and type, or the object or its column."""
    if point.oid is not None:
        return [row for row in rows if f"{point.oid}.".startswith(f"{row['place']}.")]
    return [
        row for row in rows if row["place"] == place_of(point) and row["type"] == (point.type or "")
    ]


def worth(scale: str, unit: str) -> Fraction:
    """One count in base units of its dimension."""
    return Fraction(scale) * (UNITS[unit].factor if unit in UNITS and unit != "1" else 1)


def measured(made: Profile) -> Iterator[tuple[str, PointConfig]]:
    """The points that measure: no texts, and no powers of ten of others."""
    scales = {name for point in made.points.values() for name in holders(point.scale_point)}
    for quantity, point in made.points.items():
        if quantity not in TEXTS and quantity not in scales:
            yield quantity, point


def test_every_device_that_is_known_has_a_profile() -> None:
    packaged = {name for name in profile_names() if not name.startswith(BY_NAME)}
    assert facts().keys() | EXTRA == packaged
    assert len(facts()) == DEVICES


@pytest.mark.parametrize("name", facts())
def test_what_a_profile_reads_is_where_the_facts_say(name: str) -> None:
    made = profile(name)
    rows = [row for row in facts()[name] if row["place"]]
    if made.protocol == "push" or not rows:
        return
    wrong = []
    for quantity, point in measured(made):
        known = known_at(point, rows)
        if not known:
            wrong.append(f"{quantity}: nothing is known of {place_of(point)}")
            continue
        one = f"{point.scale or 1} {point.unit}"
        for row in known:
            if row["scale"] and worth(str(point.scale or 1), point.unit or "1") != worth(
                row["scale"], row["unit"]
            ):
                wrong.append(f"{quantity}: {one}, and not {row['scale']} {row['unit']}")
            if row["order"] and (point.word_order or "big") != row["order"]:
                wrong.append(f"{quantity}: words {row['order']}")
            several = made.verified and quantity not in made.single_source
            if several and row["sources"] == "one":
                wrong.append(f"{quantity}: only one source")
    assert wrong == []


@pytest.mark.parametrize("name", facts())
def test_what_a_bill_needs_is_read(name: str) -> None:
    made = profile(name)
    for row in facts()[name]:
        names = NEEDED.get(row["quantity"])
        if names and (name, row["quantity"]) not in LEFT_OUT:
            assert set(names) & made.points.keys(), row["quantity"]


@pytest.mark.parametrize("name", facts())
def test_a_profile_is_verified_where_what_is_billed_has_several_sources(name: str) -> None:
    made = profile(name)
    billed = next((name for name in REGISTERS if name in made.points), "active_power")
    if made.verified:
        assert billed not in made.single_source
