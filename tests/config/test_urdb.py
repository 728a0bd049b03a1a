"""URDB records: what their fields mean, and how strange ones are refused."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from meterd.config.urdb import parse_record
from meterd.config.urdb_fields import UrdbError
from meterd.tariff import ALWAYS, Amount, DemandRate, Export, Ratchet, Tier

FLAT = [[0] * 24] * 12
EVENING = [[0] * 17 + [1] * 4 + [0] * 3] * 12
SUMMER = [0] * 5 + [1] * 4 + [0] * 3
ENERGY: dict[str, Any] = {
    "energyratestructure": [[{"rate": 0.1, "unit": "kWh"}], [{"rate": 0.2, "adj": 0.01}]],
    "energyweekdayschedule": EVENING,
    "energyweekendschedule": FLAT,
}


def record(**fields: Any) -> Any:
    return parse_record(json.dumps(fields))


def test_energy_by_hour_of_weekday_and_weekend() -> None:
    found = record(**ENERGY)
    assert [rate.name for rate in found.energy] == ["energy 1", "energy 2"]
    assert found.energy[1].tiers == (Tier(Decimal("0.21")),)
    assert [found.schedule.zone(1, day, 18) for day in range(8)] == [1, 1, 1, 1, 1, 0, 0, 0]
    assert found.schedule.zone(1, 0, 12) == 0


def test_the_answer_it_came_in_is_understood_and_case_does_not_matter() -> None:
    upper = {key.upper(): value for key, value in ENERGY.items()}
    assert parse_record(json.dumps({"items": [upper], "version": 7})) == record(**ENERGY)


def test_tiers_inherit_their_unit_and_the_last_has_no_end() -> None:
    tiers = [
        {"rate": 0.1, "max": 10, "unit": "kWh daily", "sell": 0.05},
        {"rate": 0.2, "max": 20},
        {"adj": 0.3, "max": 99},
    ]
    found = record(**{**ENERGY, "energyratestructure": [tiers, tiers]})
    first, second, last = found.energy[0].tiers
    assert first == Tier(Decimal("0.1"), Decimal(10), "kWh daily", Decimal("0.05"))
    assert (second.unit, second.up_to, last.up_to, last.rate) == (
        "kWh daily", Decimal(20), None, Decimal("0.3"),
    )  # fmt: skip
    assert found.export == Export()


def test_flat_demand_has_one_name_for_all_seasons() -> None:
    found = record(
        flatdemandstructure=[[{"rate": 9.85}], [{"rate": 14.2, "adj": 0.35}], [{"rate": 0}]],
        flatdemandmonths=SUMMER,
        flatdemandunit="kVA",
        demandwindow=30,
    )
    winter, summer = found.demand
    assert (winter.name, summer.name, summer.quantity) == ("demand", "demand", "kva")
    assert summer.tiers == (Tier(Decimal("14.55"), unit="kW"),)
    assert [winter.schedule.zone(month, 0, 0) for month in (5, 6)] == [0, -1]
    assert [summer.schedule.zone(month, 0, 0) for month in (5, 6)] == [-1, 0]
    assert winter.schedule.any_time
    assert found.window_ms == 1_800_000


def test_demand_by_time_is_a_rate_for_each_period_that_costs_something() -> None:
    found = record(
        demandratestructure=[[{"rate": 0}], [{"rate": 4.2}]],
        demandweekdayschedule=EVENING,
        demandweekendschedule=FLAT,
    )
    (evening,) = found.demand
    assert (evening.name, evening.schedule.any_time) == ("demand 2", False)
    assert [evening.schedule.zone(1, 0, hour) for hour in (16, 17)] == [-1, 0]


AMOUNTS: dict[str, tuple[dict[str, Any], tuple[Amount, ...], tuple[Amount, ...]]] = {
    "by the day": (
        {"fixedchargefirstmeter": 0.5, "fixedchargeunits": "$/day"},
        (Amount(Decimal("0.5"), "day"),),
        (),
    ),
    "by the month": ({"fixedchargefirstmeter": 36.75}, (Amount(Decimal("36.75")),), ()),
    "by the year, at least": (
        {"mincharge": 1200, "minchargeunits": "$/year"},
        (),
        (Amount(Decimal(1200), "year"),),
    ),
    "in old records": (
        {"fixedmonthlycharge": 5, "minmonthlycharge": 9, "annualmincharge": 100},
        (Amount(Decimal(5)),),
        (Amount(Decimal(9)), Amount(Decimal(100), "year")),
    ),
    "nothing": ({"fixedchargefirstmeter": 0, "mincharge": None}, (), ()),
}


@pytest.mark.parametrize("case", AMOUNTS)
def test_fixed_charges_and_minimums(case: str) -> None:
    fields, fixed, minimum = AMOUNTS[case]
    found = record(**fields)
    assert (found.fixed, found.minimum) == (fixed, minimum)


def test_ratchets_in_percent_or_as_fractions() -> None:
    months = [0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0]
    in_percent = tuple(Decimal(90 * month) for month in months)
    fractions = [0.9 * month for month in months]
    assert record(demandratchetpercentage=fractions).ratchet == Ratchet(in_percent, 11)
    whole = [int(percent) for percent in in_percent]
    assert record(demandratchetpercentage=whole).ratchet == Ratchet(in_percent, 11)
    lookback = {"lookbackPercent": 0.9, "lookbackMonths": months, "lookbackRange": 6}
    assert record(**lookback).ratchet == Ratchet(in_percent, 6)
    assert record(lookbackpercent=0.5).ratchet == Ratchet((Decimal(50),) * 12, 11)
    assert record(demandratchetpercentage=[0] * 12).ratchet is None


def test_export_and_fuel() -> None:
    rules = {
        "Net Metering": "period",
        "Net Billing Instantaneous": "none",
        "Net Billing Hourly": "hour",
        "Buy All Sell All": "none",
    }
    for text, net in rules.items():
        assert record(dgrules=text).export == Export(net=net)
    assert record().export is None
    assert record(fueladjustmentsmonthly=[0.01] * 12).fuel == (Decimal("0.01"),) * 12


def test_what_is_charged_by_what_nobody_here_knows_is_told() -> None:
    found = record(coincidentratestructure=[[{"rate": 1}]], demandreactivepowercharge=0)
    assert found.unpriced == (
        "coincidentratestructure: nobody here knows when the utility's system had its peak"
    )
    assert (found.schedule, found.energy, found.demand) == (ALWAYS, (), ())
    assert record(coincidentratestructure=[[{"rate": 0}]]).unpriced == ""


def test_dollars_per_kvar_are_of_the_highest_reactive_demand() -> None:
    (rate,) = record(demandreactivepowercharge=0.25).demand
    assert rate == DemandRate("reactive demand", (Tier(Decimal("0.25")),), 0, 0, "kvar")


@pytest.mark.parametrize(
    ("unit", "quantity", "daily"), [("kW daily", "kw", True), ("KVA Daily", "kva", True),
                                    ("kVA", "kva", False)],
)  # fmt: skip
def test_demand_may_be_that_of_each_day(unit: str, quantity: str, daily: bool) -> None:
    flat = {"flatdemandstructure": [[{"rate": 1}]], "flatdemandmonths": [0] * 12}
    (rate,) = record(**flat, flatdemandunit=unit).demand
    assert (rate.quantity, rate.daily) == (quantity, daily)
    timed = {"demandratestructure": [[{"rate": 1}]], "demandweekdayschedule": [[0] * 24] * 12,
             "demandweekendschedule": [[0] * 24] * 12}  # fmt: skip
    (rate,) = record(**timed, demandrateunit=unit).demand
    assert (rate.quantity, rate.daily) == (quantity, daily)


STRANGE: dict[str, dict[str, Any]] = {
    "items: one record is needed": {"items": []},
    "energyratestructure: a list is needed": {"energyratestructure": {}},
    "energyratestructure.0: a list of tiers is needed": {"energyratestructure": [[]]},
    "energyratestructure.0.0: a tier is needed": {"energyratestructure": [[1]]},
    "energyratestructure.0.0.rate: the rate is missing": {"energyratestructure": [[{}]]},
    "energyratestructure.0.0.rate: x is no number that can stand here": {
        "energyratestructure": [[{"rate": "x"}]]
    },
    "energyratestructure.0.0.rate: True is no number that can stand here": {
        "energyratestructure": [[{"rate": True}]]
    },
    "energyratestructure.0.0.unit: therm is none of kWh, kWh daily, kWh/kW, kWh/kW daily": {
        "energyratestructure": [[{"rate": 1, "unit": "therm"}]]
    },
    "energyratestructure.0.0.max: only the last tier has no end": {
        "energyratestructure": [[{"rate": 1}, {"rate": 2}]]
    },
    "energyratestructure.0.0.max: -1 is no number that can stand here": {
        "energyratestructure": [[{"rate": 1, "max": -1}, {"rate": 2}]]
    },
    "energyratestructure.0: the tiers do not rise": {
        "energyratestructure": [[{"rate": 1, "max": 5}, {"rate": 2, "max": 5}, {"rate": 3}]]
    },
    "energyweekdayschedule: the field is missing": {"energyratestructure": [[{"rate": 1}]]},
    "energyweekdayschedule: 12 entries are needed, there are 1": {
        **ENERGY, "energyweekdayschedule": [[0] * 24]
    },
    "energyweekdayschedule: a month has not 24 hours": {
        **ENERGY, "energyweekdayschedule": [[0] * 23] * 12
    },
    "energyweekendschedule: 2 is none of the 2 periods there are, 0 first": {
        **ENERGY, "energyweekendschedule": [[2] * 24] * 12
    },
    "flatdemandmonths: the field is missing": {"flatdemandstructure": [[{"rate": 1}]]},
    "flatdemandmonths: 0.5 is none of the 1 periods there are, 0 first": {
        "flatdemandstructure": [[{"rate": 1}]], "flatdemandmonths": [0.5] * 12
    },
    "flatdemandunit: demand in hp goes by the motors that are connected, and no meter tells it": {
        "flatdemandstructure": [[{"rate": 1}]], "flatdemandmonths": [0] * 12, "flatdemandunit": "hp"
    },
    "flatdemandunit: MW is none of kW, kVA, kW daily, kVA daily": {
        "flatdemandstructure": [[{"rate": 1}]], "flatdemandmonths": [0] * 12, "flatdemandunit": "MW"
    },
    "fixedchargeunits: $/week is none of $/month, $/day, $/year": {
        "fixedchargefirstmeter": 1, "fixedchargeunits": "$/week"
    },
    "dgrules: Barter is not known": {"dgrules": "Barter"},
    "demandwindow: -5 is no number that can stand here": {"demandwindow": -5},
}  # fmt: skip


@pytest.mark.parametrize("message", STRANGE)
def test_a_strange_record_is_refused_by_the_name_of_its_field(message: str) -> None:
    with pytest.raises(UrdbError) as told:
        record(**STRANGE[message])
    assert str(told.value) == message


@pytest.mark.parametrize(("text", "message"), [("[", "it is no JSON"), ("[1]", "it is no record")])
def test_a_file_that_is_no_record(text: str, message: str) -> None:
    with pytest.raises(UrdbError, match=message):
        parse_record(text)


def test_empty_tables_are_missing_ones() -> None:
    with pytest.raises(UrdbError, match="energyweekdayschedule"):
        record(**{**ENERGY, "energyweekdayschedule": []})
