"""Virtual meters: what their expressions name is there, fits, and makes no loop."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.config.written import SITE, found

HEAD = (
    SITE
    + """meters:
  - {name: main, points: {energy_import: {}, active_power: {}, steam: {unit: m3, resolution: 1}}}
  - {name: ahu-1, points: {energy_import: {}, active_power: {}, hum: {}}}
  - {name: broken, points: {active_power: {unit: furlong}}}
  - {name: it, protocol: virtual, points: {energy_import: {expression: main.energy_import / 2}}}
"""
)
POINTS: dict[str, list[str]] = {
    "active_power: {expression: main.active_power * 0.5}": [],
    "active_power: {expression: ahu-1.active_power}": [],
    "active_power: {expression: 'main.active_power - meter(\"ahu-1\").active_power'}": [],
    "active_power: {expression: main.active_power + broken.active_power}": [],
    "energy_import: {expression: main.energy_import - it.energy_import}": [],
    "steam: {expression: main.steam * 2, unit: L}": [],
    "steam: {expression: main.steam * 2, unit: kWh}": [
        "steam.expression: column 1: the result is in m3, and kWh is wanted. Use other quantities."
    ],
    "hum: {expression: 'max(main.active_power / 3, 1)'}": [],
    "active_power: {expression: mian.active_power}": [
        'active_power.expression: column 1: no meter "mian". Did you mean "main"?'
    ],
    "active_power: {expression: main.active_pwr}": [
        (
            'active_power.expression: column 6: main has no quantity "active_pwr". '
            'Did you mean "active_power"?'
        )
    ],
    "active_power: {expression: main.energy_import}": [
        (
            "active_power.expression: column 1: main.energy_import is a register and has no number "
            "of an instant. Use a gauge, such as active_power."
        )
    ],
    "energy_import: {expression: main.active_power}": [
        (
            "energy_import.expression: column 1: main.active_power is a gauge and counts nothing. "
            "Use a counter, such as energy_import."
        )
    ],
    "energy_import: {expression: 'max(main.energy_import, it.energy_import)'}": [
        (
            'energy_import.expression: column 1: "max" of counters is not what they counted. '
            "Add them, or scale them by a number."
        )
    ],
    "voltage: {expression: main.active_power}": [
        "voltage.expression: column 1: the result is in kW, and V is wanted. Use other quantities."
    ],
    "active_power: {expression: __import__('os')}": [
        (
            'active_power.expression: column 1: there is no function "__import__". '
            "Known here: abs, max, min."
        )
    ],
    "active_power: {expression: main.active_power, scale: 2}": [
        (
            "active_power.scale: scale means nothing for an expression. "
            "Drop it, or calculate with it."
        )
    ],
    "energy_import: {expression: it.energy_import, modulus: 100, max_kw: 5}": [
        (
            "energy_import.modulus: modulus means nothing for an expression. "
            "Drop it, or calculate with it."
        ),
        (
            "energy_import.max_kw: max_kw means nothing for an expression. "
            "Drop it, or calculate with it."
        ),
    ],
}


@pytest.mark.parametrize("point", POINTS)
def test_a_point_of_a_virtual_meter(point: str, tmp_path: Path) -> None:
    text = f"{HEAD}  - {{name: v, protocol: virtual, points: {{{point}}}}}\n"
    lines = [line for line in found(tmp_path, text) if "meters.4" in line]
    assert [line.partition("meters.4.points.")[2] for line in lines] == POINTS[point]


def test_a_finding_stands_at_its_line(tmp_path: Path) -> None:
    text = (
        SITE
        + """meters:
  - name: v
    protocol: virtual
    points:
      active_power:
        expression: "a.active_power"
"""
    )
    assert found(tmp_path, text) == [
        (
            "error 7:21: meters.0.points.active_power.expression: column 1: "
            'no meter "a". Known here: v.'
        )
    ]


def test_no_meter_is_made_of_itself(tmp_path: Path) -> None:
    meters = {"a": "b", "b": "c", "c": "b"}
    text = SITE + "meters:\n"
    for name, part in meters.items():
        power = f"active_power: {{expression: {part}.active_power}}"
        text += f"  - {{name: {name}, protocol: virtual, points: {{{power}}}}}\n"
    (line,) = found(tmp_path, text)
    assert line.partition(": ")[2] in {
        "meters.1.points: a loop: b is made of c is made of b. No meter is made of itself.",
        "meters.2.points: a loop: c is made of b is made of c. No meter is made of itself.",
    }


@pytest.mark.parametrize("key", ["connection: hall", "address: 1", "profile: eastron/sdm630"])
def test_a_virtual_meter_is_nowhere(key: str, tmp_path: Path) -> None:
    point = "points: {active_power: {expression: main.active_power}}"
    lines = found(tmp_path, f"{HEAD}  - {{name: v, protocol: virtual, {key}, {point}}}\n")
    name = key.partition(":")[0]
    told = [line for line in lines if f"meters.4.{name}" in line]
    assert [line.partition(f"meters.4.{name}: ")[2] for line in told] == [
        f"a virtual meter has no {name}. Drop it."
    ]
