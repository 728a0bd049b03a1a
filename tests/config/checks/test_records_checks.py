"""Records: counters that exist, units that convert, cutovers that come."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.config.written import SITE, found

HEAD = (
    SITE
    + """meters:
  - {name: water_1, points: {volume: {max_per_hour: 5}, flow: {}}}
  - {name: rack-12, points: {energy_import: {}}}
  - {name: broken, points: {volume: {unit: furlong}}}
  - {name: bare}
meter_types:
  water: {usage_unit: m3, cost_unit: EUR, cost_per_unit: "0.38"}
  free: {usage_unit: L}
  bad: {usage_unit: m3, cost_per_unit: x}
"""
)

RECORDS: dict[str, list[str]] = {
    "name: Conveyor water, usage: water_1.volume, meter_type: water": [],
    "name: r, usage: water_1.volume, meter_type: free": [],
    "name: r, usage: rack-12.energy_import": [],
    "name: r, usage: 'meter(\"rack-12\").energy_import'": [],
    "name: r, usage: bare.gas_energy": [],
    "name: r, usage: broken.volume": [],
    "name: r, usage: water_2.volume": [
        'usage: column 1: no meter "water_2". Did you mean "water_1"?'
    ],
    "name: r, usage: water_1.volumes": [
        'usage: column 9: water_1 has no quantity "volumes". Did you mean "volume"?'
    ],
    "name: r, usage: water_1.flow": [
        (
            "usage: column 1: water_1.flow is a gauge and counts nothing. "
            "Use a counter, such as energy_import."
        )
    ],
    "name: r, usage: water_1.volume + bare.volume * 0.5": [],
    "name: r, usage: water_1.volume - rack-12.energy_import": [
        'usage: column 25: the expression breaks off here. Write meter("rack-12").QUANTITY.'
    ],
    "name: r, usage: 'water_1.volume + meter(\"rack-12\").energy_import'": [
        (
            "usage: column 18: m3 and kWh are mixed. "
            "Combine what is in one unit; only a plain number fits any."
        )
    ],
    "name: r, usage: water_1.volume + broken.volume": [],
    "name: r": ["usage: the key is missing. Write usage: here."],
    "name: r, usage: ''": [
        'usage: column 1: the expression is empty. Write METER.QUANTITY, or meter("NAME").QUANTITY.'
    ],
    "name: r, usage: rack-12.energy_import, meter_type: water": [
        "usage: column 1: the result is in kWh, and m3 is wanted. Use other quantities."
    ],
    "name: r, usage: water_1.volume, overflow_value: 999": [],
    "name: r, usage: water_1.volume * 2, overflow_value: 999": [
        (
            "overflow_value: only a single counter overflows, and this usage is calculated. "
            "Write modulus: on the points of the counters that wrap."
        )
    ],
    "name: r, usage: water_1.volume + bare.volume, overflow_value: 999": [
        (
            "overflow_value: only a single counter overflows, and this usage is calculated. "
            "Write modulus: on the points of the counters that wrap."
        )
    ],
    "name: r, usage: water_1.volume, meter_type: wather": [
        'meter_type: no meter type "wather". Did you mean "water"?'
    ],
    "name: r, usage: water_1.volume, meter_type: zzz": [
        'meter_type: no meter type "zzz". List it under meter_types:.'
    ],
    "name: r, usage: water_1.volume, meter_type: bad, cost_source: from_meter_type": [],
    "name: r, usage: water_1.volume, meter_type: water, cost_source: from_meter_type": [],
    "name: r, usage: water_1.volume, meter_type: free, cost_source: from_meter_type": [
        (
            "cost_source: the meter type has no cost. "
            "Give the meter type cost_per_unit, or write cost_source: static."
        )
    ],
    "name: r, usage: water_1.volume, cost_source: from_meter_type": [
        (
            "cost_source: the meter type has no cost. "
            "Give the meter type cost_per_unit, or write cost_source: static."
        )
    ],
    "name: r, usage: water_1.volume, cost_source: static": [
        "cost_per_unit: the key is missing. cost_source: static takes the price from there."
    ],
    "name: r, usage: water_1.volume, cost_source: static, cost_per_unit: x": [
        'cost_per_unit: "x" is not a number. Write it as 0.25, without a unit.'
    ],
    "name: r, usage: water_1.volume, cost_source: expression, cost_expression: a.b": [
        'cost_expression: column 1: no meter "a". Known here: bare, rack-12, water_1.'
    ],
    "name: r, usage: water_1.volume, cost_expression: 0.1 + water_1.flow / 2": [
        (
            "cost_expression: column 1: this is in m3/h, and a rate is a plain number. "
            "Divide it by a quantity."
        )
    ],
    "name: r, usage: water_1.volume, cost_expression: bare.power_factor * 0.3": [],
    "name: r, usage: water_1.volume, cost_source: expression": [
        ("cost_expression: the key is missing. cost_source: expression takes the price from there.")
    ],
    "name: r, usage: water_1.volume, cost_source: static, cost_per_unit: 1, cost_expression: '1'": [
        "cost_expression: the price is static. Drop it, or write cost_source: expression."
    ],
    "name: r, usage: water_1.volume, max_record_duration: 29s": [
        "max_record_duration: the longest record is too short. It must be 30s or more."
    ],
    "name: r, usage: water_1.volume, max_record_duration: 30s": [],
    "name: r, usage: water_1.volume, cutover: {schedule: '0 6,14,22 * * *'}": [],
    "name: r, usage: water_1.volume, cutover: {schedule: '0 25 * * *'}": ["cutover.schedule: "],
    "name: r, usage: water_1.volume, cutover: {schedule: '0 6 * *'}": ["cutover.schedule: "],
    "name: r, usage: water_1.volume, cutover: {on_change: press_4.batch_id}": [
        'cutover.on_change: column 1: no meter "press_4". Known here: bare, rack-12, water_1.'
    ],
    "name: r, usage: water_1.volume, cutover: {on_change: water_1.flow > 1}": [],
    "name: r, usage: water_1.volume, cutover: {on_change: 1 + 1}": [
        "cutover.on_change: this never changes. Name a quantity of a meter."
    ],
    "name: 'r*', usage: water_1.volume": [
        (
            'name: "r*" is not written as it must be. '
            "Use letters, digits, blanks, _ . and -, a letter or digit first."
        )
    ],
}


@pytest.mark.parametrize("record", RECORDS)
def test_a_record(record: str, tmp_path: Path) -> None:
    lines = found(tmp_path, f"{HEAD}records: [{{{record}}}]\n")
    told = [line.partition("records.0.")[2] for line in lines if "records" in line]
    assert len(told) == len(RECORDS[record])
    for line, wanted in zip(told, RECORDS[record], strict=True):
        assert line.startswith(wanted)
        assert line == wanted or wanted.endswith(": ")


def test_names_of_records_are_unique(tmp_path: Path) -> None:
    text = f"{HEAD}records: [{{name: a b, usage: bare.volume}}, {{name: a b, usage: bare.count}}]\n"
    assert [line for line in found(tmp_path, text) if "records" in line] == [
        (
            'error 11:51: records.1.name: "a b" is the name of another one, in line 11. '
            "Names are unique."
        )
    ]


def test_a_meter_type_has_a_unit(tmp_path: Path) -> None:
    text = SITE + "meters: []\nmeter_types: {a: {usage_unit: kwh}, b: {}, c: x}\n"
    assert found(tmp_path, text) == [
        'error 3:31: meter_types.a.usage_unit: no unit "kwh". Did you mean "kWh"?',
        "error 3:40: meter_types.b.usage_unit: the key is missing. Write usage_unit: here.",
        'error 3:47: meter_types.c: "x" stands where a mapping belongs. Write a mapping.',
    ]
