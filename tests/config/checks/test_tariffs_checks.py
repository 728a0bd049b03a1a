"""Tariffs: one form each, and figures that can be meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.config.written import EMPTY, SITE, found

TARIFFS: dict[str, list[str]] = {
    "{fixed: {per_month: 1}}": [],
    "{urdb: a.json, demand: {window: 15m}}": [],
    "{price_series: b.csv, price_step: 1h, fixed: {per_year: 12}}": [],
    "[{energy: [{rate: 1}]}, {energy: [{rate: 2}], valid_from: 2026-01-01}]": [],
    "[{energy: [{rate: 1}]}, {energy: [{rate: 2}]}]": [
        "1.valid_from: the key is missing. A later version says from when it holds."
    ],
    "[]": ["the tariff has no version. Write its keys, or a list of them."],
    (
        "[{fixed: {per_day: 1}, valid_from: 2026-02-01}, "
        "{fixed: {per_day: 2}, valid_from: 2026-02-01}]"
    ): [
        (
            "1.valid_from: it is not later than the version before, which holds from 2026-02-01. "
            "Sort them; each ends where the next begins."
        )
    ],
    "[{energy: [{rate: 1}]}, {fixed: {per_day: 1}, currency: USD, valid_from: 2026-02-01}]": [
        "1.energy: one version prices energy and the other does not. Price it in both, or in none.",
        "1.currency: another currency than EUR. A bill has one; make it another tariff.",
    ],
    "[{fixed: {}}, {energy: [{rate: 1}], valid_from: 2026-02-01}]": [
        "0.fixed: one amount is needed. Write per_month or per_day."
    ],
    "{urdb: a.json, price_series: b.csv}": [
        "price_series: urdb and price_series are two kinds of tariff. Keep one of the two."
    ],
    "{energy: [{rate: 1}], price_series: b.csv}": [
        "price_series: energy and price_series are two prices of energy. Keep one of the two."
    ],
    "{energy: [{rate: 1}], price_step: 1h}": [
        "price_step: no price can hold so long. Write it beside price_series:, above 0."
    ],
    "{price_series: gone.csv}": [
        (
            'price_series: "gone.csv" cannot be read: No such file or directory. '
            "Check the path, and who may read it."
        )
    ],
    "{price_series: latin.csv}": [
        'price_series: "latin.csv" holds no UTF-8 text. Is it the right file?'
    ],
    "{price_series: a.json}": [
        (
            "price_series: line 1: the columns time and rate are needed. "
            "Write time,rate; times with an offset, as 2026-01-31T12:00:00Z."
        )
    ],
    "{urdb: b.csv}": [
        (
            "urdb: it is no JSON: Expecting value: line 1 column 1 (char 0). "
            "Correct the record, or write the tariff in YAML."
        )
    ],
    "{urdb: coincident.json}": [
        (
            "urdb: coincidentratestructure: nobody here knows when the utility's system had its "
            "peak. Take it out of the record, if it does not concern this bill."
        )
    ],
    "{urdb: reactive.json}": [],
    "{demand: [{rate: 1, quantity: kvar, per: day}]}": [],
    "{demand: [{rate: 1, per: day, ratchet: {percent: 80}}]}": [
        "demand.0.ratchet: a demand of each day has no ratchet. Drop it, or write per: month."
    ],
    ("{urdb: reactive.json, power_factor: {rule: excess_reactive, ratio: 0.5, rate: 0.02}}"): [],
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
    "{energy: [{tiers: [{up_to: 5, rate: 1}, {up_to: 5, rate: 2}, {rate: 3}]}]}": [
        "energy.0.tiers: the tiers do not rise. Sort them by up_to."
    ],
    "{energy: [{tiers: [{up_to: 5, rate: 1}, {up_to: 9, rate: 2}]}]}": [
        ("energy.0.tiers: nothing is said of energy above 9 kWh. Add a last tier without up_to.")
    ],
    "{energy: [{rate: 1, when: {months: 10-5, days: 'sat,sun,holiday'}}, {rate: 2}]}": [],
    "{energy: [{rate: 1, when: {hours: '10-14,20-22'}}]}": [
        (
            "energy: there are hours in which no rate holds. "
            "What is used in them makes the cost unknown."
        )
    ],
    "{energy: [{rate: 1, when: {months: 6}}, {rate: 2}]}": [],
    "{energy: [{rate: 1, when: {months: 13}}]}": [
        "energy: 13 is no month or span of months. Write months 1-12 and hours 0-24."
    ],
    "{demand: [{rate: 1, when: {hours: 22-25}}]}": [
        "demand: 22-25 is no hour or span of hours. Write months 1-12 and hours 0-24."
    ],
    "{demand: [{rate: 1, window: 7m}]}": [
        (
            "demand.0: intervals of 5m do not fill a step of 7m. "
            "Change the step, the window or sampling:."
        )
    ],
    "{demand: [{rate: 1, ratchet: {minimum_kw: 5}}]}": [],
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
    "{urdb: a.json, ratchet: {percent_by_month: [1, 2], prior_peaks_kw: [1]}}": [
        "ratchet.percent_by_month: twelve numbers are needed. One for each month.",
        "ratchet.prior_peaks_kw: twelve numbers are needed. One for each month.",
    ],
    "{fixed: {per_day: 1}, power_factor: {below: 0.9, rule: x}}": [
        'power_factor.rule: "x" is not known here. Known here: excess_reactive, scale_demand.'
    ],
    "{fixed: {per_day: 1}, holidays: {country: DE, subdivision: BE}}": [],
    "{fixed: {per_day: 1}, holidays: {country: XX}}": [
        (
            "holidays: Country XX not available. "
            "Write ISO 3166 codes, as in DE and BE, or list the dates."
        )
    ],
    "{fixed: {per_day: 1}, power_factor: {rule: scale_demand}}": [
        "power_factor.below: the key is missing. The rule scale_demand needs it."
    ],
    "{fixed: {per_day: 1}, power_factor: {rule: excess_reactive, below: 0}}": [
        "power_factor.rate: the key is missing. The rule excess_reactive needs it.",
        "power_factor.below: no power factor is below 0. Write it as 0.90.",
    ],
    "{fixed: {per_day: 1}, taxes: [{name: VAT}], fuel_adjustment: [1], export: {net: hour}}": [
        "taxes.0: one rate is needed. Write percent or per_kwh.",
        "fuel_adjustment: twelve numbers are needed. One for each month, or a single one.",
        "export.rate: the key is missing. Write what a kWh is paid, 0 for nothing.",
    ],
}
"""What is written -> what is told of it."""
FILES = {
    "a.json": b'{"fixedchargefirstmeter": 5}',
    "b.csv": b"time,rate\n2026-01-01T00:00:00Z,0.1\n",
    "latin.csv": b"\xff",
    "reactive.json": b'{"demandreactivepowercharge": 2}',
    "coincident.json": b'{"coincidentratestructure": [[{"rate": 2}]]}',
}


@pytest.mark.parametrize("tariff", TARIFFS)
def test_a_tariff(tariff: str, tmp_path: Path) -> None:
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    lines = found(tmp_path, f"{SITE}{EMPTY}tariffs: {{t: {tariff}}}\n")
    assert [line.partition("tariffs.t")[2].lstrip(".: ") for line in lines] == TARIFFS[tariff]


def test_hours_need_intervals_that_fill_them(tmp_path: Path) -> None:
    tariff = "{energy: [{rate: 1, when: {hours: 8-20}}, {rate: 2}]}"
    (line,) = found(tmp_path, f"{SITE}{EMPTY}sampling: 90m\ntariffs: {{t: {tariff}}}\n")
    assert "intervals of 90m do not fill an hour" in line
    assert (
        found(tmp_path, f"{SITE}{EMPTY}sampling: 90m\ntariffs: {{t: {{energy: [{{rate: 1}}]}}}}\n")
        == []
    )
