"""Meters that cost by a tariff: one there is, in their currency, of energy they have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.config.test_compile_tariff import RECORD
from tests.config.written import SITE, found

TARIFFS = """tariffs:
  office: {fixed: {per_day: 1}, energy: [{rate: 1}]}
  dollars: [{currency: USD, energy: [{rate: 1}]}]
  utility: {urdb: utility.json}
  wrong: {energy: [{rate: oops}]}
  none: 5
  nothing:
  fives: [5]
"""
NO_ENERGY = (
    "meters.0.tariff: m does not read energy_import, active_power, or voltage and current. "
    "There is no energy to price: add the points."
)
IN_DOLLARS = (
    "meters.0.tariff: the tariff is in USD, and the meter's costs are in EUR. "
    "Write currency: USD on the meter."
)
METERS: dict[str, list[str]] = {
    "tariff: office": [],
    "tariff: offcie": ['meters.0.tariff: no tariff "offcie". Did you mean "office"?'],
    "tariff: office, points: {volume: {max_per_hour: 1}}": [NO_ENERGY],
    "tariff: office, points: {volume: {oops: 1}}": [],
    "tariff: dollars": [IN_DOLLARS],
    "tariff: utility": [IN_DOLLARS],
    "tariff: dollars, currency: USD": [],
    "tariff: wrong": [],
    "tariff: none": [],
    "tariff: nothing": [],
    "tariff: fives": [],
}


@pytest.mark.parametrize("meter", METERS)
def test_a_meters_tariff(tmp_path: Path, meter: str) -> None:
    (tmp_path / "utility.json").write_text(json.dumps(RECORD))
    text = f"{SITE}meters: [{{name: m, {meter}}}, {{name: plain}}]\n{TARIFFS}"
    told = [one.partition(": ")[2] for one in found(tmp_path, text)]
    told = [one for one in told if one.startswith("meters.0.tariff")]
    assert told == METERS[meter]
