"""From the tariffs of the file to what the core prices by."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

from tests.config.written import SITE, found, sound

from meterd.config.compile import site_spec
from meterd.specs import BillSpec
from meterd.tariff import ALWAYS, Amount, DemandRate, Export, Ratchet, Tax, Tier

METERS = "meters: [{name: m}]\n"
RECORD = {
    "energyratestructure": [[{"rate": 0.1, "sell": 0.05}]],
    "energyweekdayschedule": [[0] * 24] * 12,
    "energyweekendschedule": [[0] * 24] * 12,
    "flatdemandstructure": [[{"rate": 9.85}]],
    "flatdemandmonths": [0] * 12,
    "demandratestructure": [[{"rate": 4}]],
    "demandweekdayschedule": [[0] * 24] * 12,
    "demandweekendschedule": [[0] * 24] * 12,
    "demandwindow": 30,
    "lookbackpercent": 0.5,
    "fixedchargefirstmeter": 85,
    "mincharge": 100,
    "fueladjustmentsmonthly": [0.01] * 12,
    "dgrules": "Net Metering",
}


def bill(
    folder: Path,
    tariff: str,
    more: str = "",
    meters: str = METERS,
    record: dict[str, float] | None = None,
) -> BillSpec:
    (folder / "utility.json").write_text(json.dumps(RECORD | (record or {})))
    (folder / "prices.csv").write_text("time,rate\n2026-01-01T00:00:00Z,-0.01\n")
    bills = f"bills: [{{name: t, sources: [{{meter: m}}], tariff: t{more}}}]\n"
    text = f"{SITE}{meters}{bills}tariffs: {{t: {tariff}}}\n"
    return site_spec(sound(folder, text)).bills[0]


def test_a_tariff_of_our_own(tmp_path: Path) -> None:
    text = """{currency: USD, rounding: half_even, valid_from: 2026-01-01, holidays: [2026-12-25],
      fixed: {per_day: 1}, minimum: {per_month: 60, per_year: 900}, tier_allocation: chronological,
      energy: [{rate: 1, when: {hours: 8-20}},
               {name: base, tiers: [{up_to: 5, rate: 2}, {rate: 3}]}],
      fuel_adjustment: 0.01, export: {rate: 0.08}, taxes: [{name: VAT, percent: 19}]}"""
    (spec,) = bill(tmp_path, text).tariff
    assert (spec.name, spec.currency, spec.rounding, spec.chronological) == (
        "t", "USD", "half_even", True,
    )  # fmt: skip
    assert (spec.valid_from, spec.holidays) == (date(2026, 1, 1), (date(2026, 12, 25),))
    assert [rate.name for rate in spec.energy] == ["energy 1", "base"]
    assert spec.energy[1].tiers == (Tier(Decimal(2), Decimal(5)), Tier(Decimal(3)))
    assert [spec.schedule.zone(1, 0, hour) for hour in (7, 8)] == [1, 0]
    assert spec.fixed == (Amount(Decimal(1), "day"),)
    assert spec.minimum == (Amount(Decimal(60)), Amount(Decimal(900), "year"))
    assert spec.fuel == (Decimal("0.01"),) * 12
    assert spec.taxes == (Tax("VAT", Decimal(19)),)
    assert spec.export == Export(Decimal("0.08"))


def test_demand_rates_inherit_the_window_of_the_bill(tmp_path: Path) -> None:
    text = """{demand: [{rate: 1}, {rate: 2, window: 30m, step: 5m, name: x, quantity: kva},
      {rate: 3, when: {months: 6, hours: 8-20}, ratchet: {percent: 80, minimum_kw: 5}},
      {rate: 4, step: 5m}], ratchet: {percent: 50, months: 3}}"""
    (spec,) = bill(tmp_path, text, ", demand: {window: 20m, step: 10m}").tariff
    some = Ratchet((Decimal(50),) * 12, 3)
    first, second, third, last = spec.demand
    assert first == DemandRate("demand 1", (Tier(Decimal(1)),), 1_200_000, 600_000, ratchet=some)
    assert (second.name, second.window_ms, second.step_ms, second.quantity) == (
        "x", 1_800_000, 300_000, "kva",
    )  # fmt: skip
    assert third.ratchet == Ratchet((Decimal(80),) * 12, 11, Decimal(5))
    assert (last.window_ms, last.step_ms) == (1_200_000, 300_000)


def test_reactive_and_daily_demand_have_no_ratchet_of_the_load(tmp_path: Path) -> None:
    text = """{demand: [{rate: 1, quantity: kvar}, {rate: 2, per: day},
      {rate: 3, quantity: kvar, ratchet: {percent: 70}}], ratchet: {percent: 50}}"""
    points = "meters: [{name: m, points: {energy_import: {}, reactive_energy_import: {}}}]\n"
    spec = bill(tmp_path, text, meters=points)
    first, second, third = spec.tariff[0].demand
    assert (first.unit, first.daily, first.ratchet) == ("kvar", False, None)
    assert (second.unit, second.daily, second.ratchet) == ("kW", True, None)
    assert third.ratchet == Ratchet((Decimal(70),) * 12, 11)
    assert spec.sources[0].also == ("reactive_energy_import",)


def test_a_power_factor_beside_a_record_stands_for_its_dollars_per_kvar(tmp_path: Path) -> None:
    text = "{urdb: utility.json%s, demand: {window: 15m, quantity: kva}, ratchet: {percent: 9}}"
    (spec,) = bill(tmp_path, text % "", record={"demandreactivepowercharge": 0.5}).tariff
    assert [rate.quantity for rate in spec.demand] == ["kva", "kva", "kvar"]
    assert [rate.ratchet is None for rate in spec.demand] == [False, False, True]
    rule = ", power_factor: {rule: scale_demand, below: 0.9}"
    (spec,) = bill(tmp_path, text % rule, record={"demandreactivepowercharge": 0.5}).tariff
    assert [rate.quantity for rate in spec.demand] == ["kva", "kva"]


def test_a_record_and_what_stands_beside_it(tmp_path: Path) -> None:
    spec_of = bill(tmp_path, "{urdb: utility.json}")
    (spec,) = spec_of.tariff
    assert (spec.currency, spec.name, len(spec.energy)) == ("USD", "t", 1)
    flat, by_time = spec.demand
    assert (flat.window_ms, by_time.window_ms) == (1_800_000, 1_800_000)
    assert flat.ratchet == by_time.ratchet == Ratchet((Decimal(50),) * 12, 11)
    assert (spec.fixed, spec.minimum) == ((Amount(Decimal(85)),), (Amount(Decimal(100)),))
    assert spec.export == Export(net="period")
    assert spec_of.sources[0].also == ("energy_export",)
    text = """{urdb: utility.json, currency: EUR, energy: [{rate: 7}], fixed: {per_month: 1},
      demand: {window: 15m, quantity: kva}, ratchet: {minimum_kw: 3}, export: {rate: 0.01}}"""
    (spec,) = bill(tmp_path, text).tariff
    assert (spec.currency, spec.schedule) == ("EUR", ALWAYS)
    assert spec.energy[0].tiers == (Tier(Decimal(7)),)
    assert spec.fixed == (Amount(Decimal(1)),)
    assert (spec.demand[0].window_ms, spec.demand[0].quantity) == (900_000, "kva")
    assert spec.demand[0].ratchet == Ratchet((Decimal(0),) * 12, 11, Decimal(3))
    assert spec.export == Export(Decimal("0.01"), "period")
    (spec,) = bill(tmp_path, "{urdb: utility.json, demand: [{rate: 1}]}").tariff
    assert len(spec.demand) == 1


def test_versions_and_their_price_series(tmp_path: Path) -> None:
    text = "[{price_series: prices.csv}, {price_series: prices.csv, valid_from: 2026-02-01}]"
    first, second = bill(tmp_path, text).tariff
    assert (first.series, second.series) == ("t", "t.1")
    config = sound(tmp_path, (tmp_path / "meterd.yaml").read_text())
    site = site_spec(config)
    assert sorted(site.prices) == ["t", "t.1"]
    assert site.prices["t"].rates == (Decimal("-0.01"),)


def test_reactive_energy_in_excess_of_a_power_factor(tmp_path: Path) -> None:
    points = "meters: [{name: m, points: {energy_import: {}, reactive_energy_import: {}}}]\n"
    text = "{fixed: {per_day: 1}, power_factor: {rule: excess_reactive, below: 0.9, rate: 0.02}}"
    spec = bill(tmp_path, text, meters=points)
    rule = spec.tariff[0].power_factor
    assert rule is not None
    assert str(rule.ratio)[:12] == "0.4843221048"
    assert spec.sources[0].also == ("reactive_energy_import",)
    text = "{fixed: {per_day: 1}, power_factor: {rule: excess_reactive, ratio: 0.5, rate: 0.02}}"
    rule = bill(tmp_path, text, meters=points).tariff[0].power_factor
    assert rule is not None
    assert rule.ratio == Decimal("0.5")


def test_a_counter_that_is_missing_is_told(tmp_path: Path) -> None:
    meter = "meters: [{name: m, points: {energy_import: {}}}]\n"
    head = f"{SITE}{meter}bills: [{{name: t, sources: [{{meter: m}}], tariff: t}}]\n"
    power = "{fixed: {per_day: 1}, power_factor: {below: 0.9, rule: scale_demand}}"
    (line,) = found(tmp_path, f"{head}tariffs: {{t: {power}}}\n")
    assert line.endswith(
        "bills.0.tariff: the tariff goes by reactive energy, and no "
        "reactive_energy_import is read of m. It is taken to be 0 there."
    )
    (line,) = found(
        tmp_path, f"{head}tariffs: {{t: {{energy: [{{rate: 1}}], export: {{rate: 1}}}}}}\n"
    )
    assert line.endswith(
        "the tariff pays for exported energy, and no energy_export is read of m. "
        "Add the point, if it can export."
    )
