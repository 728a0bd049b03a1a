"""Tariffs: one form each, and figures that can be meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.config.written import EMPTY, SITE, found

TARIFFS: dict[str, list[str]] = {
    "{fixed: {per_month: 1}}": [],
    "{urdb: a.json, demand: {window: 15m}}": [],
    "[{energy: [{rate: 1}]}, {energy: [{rate: 2}], valid_from: 2026-01-01}]": [],
    "[{energy: [{rate: 1}]}, {energy: [{rate: 2}]}]": [
        "1.valid_from: the key is missing. A later version says from when it holds."
    ],
    "{urdb: a.json, price_series: b.csv}": [
        "price_series: urdb and price_series are two kinds of tariff. Keep one of the two."
    ],
    "{currency: EUR}": ["the tariff prices nothing. Write energy:, demand: or fixed:."],
    "{fixed: {}, energy: [{rate: 1}]}": [
        "fixed: one amount is needed. Write per_month or per_day."
    ],
    "{fixed: {per_day: 1}, minimum: {per_day: 1, per_month: 1}}": [
        "minimum: one amount is needed. Write per_month or per_day."
    ],
    "{energy: [{name: x}]}": ["energy.0: one price is needed. Write rate: or tiers:."],
    "{energy: [{rate: 1, tiers: [{rate: 1}]}]}": [
        "energy.0: one price is needed. Write rate: or tiers:."
    ],
    "{energy: [{tiers: [{rate: 1}, {rate: 2}]}]}": [
        "energy.0.tiers: up_to is missing. Only the last tier has no end."
    ],
    "{energy: [{tiers: [{up_to: 5, rate: 1}, {up_to: 5, rate: 2}]}]}": [
        "energy.0.tiers: the tiers do not rise. Sort them by up_to."
    ],
    "{energy: [{rate: 1, when: {months: 10-5, days: 'sat,sun,holiday'}}]}": [],
    "{energy: [{rate: 1, when: {hours: '10-14,20-22'}}]}": [],
    "{energy: [{rate: 1, when: {months: 6}}]}": [],
    "{energy: [{rate: 1, when: {days: monday}}]}": [
        (
            'energy.0.when.days: "monday" is not written as it must be. '
            "Write days, as in mon-fri or sat,sun,holiday."
        )
    ],
    "{energy: [{rate: 1, when: {hours: '8:00-12:00'}}]}": [
        (
            'energy.0.when.hours: "8:00-12:00" is not written as it must be. '
            "Write numbers and ranges, as in 6-9 or 10-14,20-22."
        )
    ],
    "{demand: [{rate: 1, ratchet: {months: 11}}]}": [
        "demand.0.ratchet.percent: the key is missing. Write percent: or percent_by_month:."
    ],
    "{urdb: x, ratchet: {percent_by_month: [1, 2], prior_peaks_kw: [1]}}": [
        "ratchet.percent_by_month: twelve numbers are needed. One for each month.",
        "ratchet.prior_peaks_kw: twelve numbers are needed. One for each month.",
    ],
    "{fixed: {per_day: 1}, holidays: {country: DE}, power_factor: {below: 0.9, rule: x}}": [],
}


@pytest.mark.parametrize("tariff", TARIFFS)
def test_a_tariff(tariff: str, tmp_path: Path) -> None:
    lines = found(tmp_path, f"{SITE}{EMPTY}tariffs: {{t: {tariff}}}\n")
    assert [line.partition("tariffs.t")[2].lstrip(".: ") for line in lines] == TARIFFS[tariff]
