"""The power chain: who is below whom, who is compared with whom, and no energy twice."""

from typing import Any

import pytest

from meterd.metering.hierarchy import (
    ancestors,
    children_of,
    once,
    tolerance_percent,
    topmost,
)
from meterd.specs import ChainMeter


def chain(text: str) -> tuple[ChainMeter, ...]:
    """Rows of: name, parent, then any of point, feed, rack=..., idle (does not measure)."""
    meters = []
    for row in text.strip().splitlines():
        name, parent, *rest = row.split()
        meters.append(
            ChainMeter(
                name,
                parent=None if parent == "-" else parent,
                point=next((word for word in rest if "_" in word), ""),
                feed=next((word for word in rest if word in ("a", "b", "c", "combined")), ""),
                place=tuple(word[5:] for word in rest if word.startswith("rack=")),
                measures="idle" not in rest,
            )
        )
    return tuple(meters)


def names(meters: Any) -> list[str]:
    return [meter.name for meter in meters]


CHAINS: dict[str, tuple[str, dict[str, list[str]]]] = {
    "a tree": (
        """
        main   -
        board  main
        hvac   main
        rack1  board
        rack2  board
        """,
        {"main": ["board", "hvac"], "board": ["rack1", "rack2"]},
    ),
    "a meter that does not measure passes its parent on": (
        """
        main   -
        board  main  idle
        rack1  board
        rack2  board idle
        """,
        {"main": ["rack1"]},
    ),
    "nothing measures above": ("main - idle\nrack1 main\nrack2 ghost", {}),
    "a combined parent is compared with all its feeds": (
        """
        main   -    combined
        ups-a  main a
        ups-b  main b
        hvac   main
        """,
        {"main": ["ups-a", "ups-b", "hvac"]},
    ),
    "a parent on one feed is compared with that feed": (
        """
        ups-a  -     a
        pdu-a  ups-a a
        pdu-b  ups-a b
        fan    ups-a
        """,
        {"ups-a": ["pdu-a", "fan"]},
    ),
    "and not at all where a child measures more feeds": (
        """
        ups-a  -     a
        pdu-a  ups-a a
        rack1  ups-a combined
        """,
        {},
    ),
    "and not with another feed alone": ("ups-a - a\npdu-b ups-a b", {}),
    "a combined meter stands for the feeds of its place": (
        """
        main   -
        r1     main rack_pdu combined rack=1
        r1-a   main rack_pdu a        rack=1
        r1-b   main rack_pdu b        rack=1
        r2-a   main rack_pdu a        rack=2
        r2-b   main rack_pdu b        rack=2
        hvac-a main mechanical_load a rack=1
        """,
        {"main": ["r1", "r2-a", "r2-b", "hvac-a"]},
    ),
    "below its combined meter each feed is compared with it": (
        """
        main  -
        r1    main combined
        r1-a  r1   a
        r1-b  r1   b
        """,
        {"main": ["r1"], "r1": ["r1-a", "r1-b"]},
    ),
    "a loop ends": ("x y\ny x\nz z", {"x": ["y"], "y": ["x"]}),
}


@pytest.mark.parametrize(("text", "expected"), CHAINS.values(), ids=CHAINS.keys())
def test_who_is_compared_with_whom(text: str, expected: dict[str, list[str]]) -> None:
    found = children_of(chain(text))
    assert {parent: names(children) for parent, children in found.items()} == expected


def test_a_meter_below_another_of_its_side_is_not_added() -> None:
    meters = chain(
        """
        grid   -      utility_entrance
        gen    grid   generator_output
        gen-2  -      generator_output
        board  grid   main_switchgear
        pdu    board  rack_pdu
        fan    pdu
        server fan    it_load
        cage   board  it_load
        spare  board  it_load idle
        """
    )
    by_name = {meter.name: meter for meter in meters}
    sides = {"utility_entrance", "generator_output"}, {"it_load", "rack_pdu"}
    assert [names(topmost(meters, side, by_name)) for side in sides] == [
        ["grid", "gen-2"],
        ["pdu", "cage"],
    ]
    assert names(ancestors(by_name["server"], by_name)) == ["fan", "pdu", "board", "grid"]


def test_a_meter_without_a_feed_stands_beside_a_combined_one() -> None:
    assert names(once(chain("x - combined\ny -\nz - a"))) == ["x", "y"]


def test_the_tolerance_is_the_parents_class_and_the_widest_below() -> None:
    parent = ChainMeter("main", accuracy_class="0.5S")
    children = [ChainMeter("x", accuracy_class=word) for word in ("0.2S", "1.0")]
    assert tolerance_percent(parent, children) == 1.5
    assert tolerance_percent(parent, [*children, ChainMeter("y")]) == 2.5


def test_the_parent_may_say_its_own_tolerance() -> None:
    assert tolerance_percent(ChainMeter("p", tolerance_percent=0.0), [ChainMeter("y")]) == 0
