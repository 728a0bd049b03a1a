"""Virtual meters of virtual meters: parts first, loops found."""

from __future__ import annotations

from itertools import pairwise

import msgspec
from tests.metering.derived import MINUTE, NOON, A, B, Site, virtual

from meterd.metering.virtuals import cycle

IT = virtual(
    "it",
    active_power="a.active_power - b.active_power",
    energy_import="a.energy_import - b.energy_import",
)
HALF = virtual("half", active_power="it.active_power / 2", energy_import="it.energy_import / 2")
ALL = virtual(
    "all",
    active_power="half.active_power + b.active_power",
    energy_import="half.energy_import + it.energy_import + b.energy_import",
)


def test_a_loop_is_found_however_long() -> None:
    assert cycle({"a": ["b"], "b": ["x"], "c": ["a", "b"]}) == []
    assert cycle({"a": ["a"]}) == ["a", "a"]
    loop = cycle({"a": ["b"], "b": ["c"], "c": ["a"]})
    assert (len(loop), loop[0] == loop[-1]) == (4, True)
    parts = {"a": "b", "b": "c", "c": "a"}
    assert all(parts[one] == other for one, other in pairwise(loop))


def test_what_is_made_of_virtual_meters_follows_in_the_same_instant() -> None:
    site = Site(ALL, HALF, IT, A, B)  # whatever the order of the file
    assert list(site.stage.virtuals.by_name) == ["it", "half", "all"]
    for minute in (0, 5, 10):
        site.read("a", minute, 100 + 4 * minute, 40)
        site.read("b", minute, 50 + minute, 10)
    site.settle()
    assert [site.kw(name) for name in ("it", "half", "all")] == [30, 15, 25]
    assert [site.kwh(name) for name in ("it", "half", "all")] == [30, 15, 55]
    assert [kwh for _, kwh, _q in site.closed("all")] == [27.5, 27.5]


def test_all_above_a_silent_meter_are_silent() -> None:
    site = Site(A, B, IT, HALF, ALL)
    for name in ("a", "b"):
        site.read(name, 0, 100, 10)
    site.pass_to(NOON + MINUTE)
    site.told()
    site.fail("a", 2)
    site.pass_to(NOON + 3 * MINUTE)
    offline = [event for event in site.events() if event.kind == "offline"]
    assert [(event.meter, event.numbers["reason"]) for event in offline] == [
        ("a", "timeout"),
        ("it", "a is silent"),
        ("half", "it is silent"),
        ("all", "half is silent"),
    ]


def test_one_that_is_not_read_is_not_looked_at() -> None:
    planned = msgspec.structs.replace(IT, status="planned")
    site = Site(A, B, planned, HALF)
    site.read("a", 0, 100, 10)
    site.settle()
    assert list(site.stage.virtuals.by_name) == ["half"]
    assert site.told() == ["online a"]


def test_nobody_is_due_without_virtual_meters() -> None:
    site = Site(A)
    site.read("a", 0, 100)
    assert list(site.stage.virtuals.due(1 << 61)) == []
    assert ("virtual", "a") not in site.touched
