"""Seed 000's POWERMETER: read, derived or unknown, and never anything else."""

from decimal import Decimal
from typing import Any

import pytest
from tests.metering.living import KWH, NOON, Living, register, spec

from meterd.events import PollFailed
from meterd.metering.calendar import parse_iso
from meterd.metering.powermeter import (
    CONSUMPTION,
    ESTIMATED_NEUTRAL,
    READINGS,
    readings,
    view,
)

CENT = Decimal("0.01")


def shown(life: Living, cents: Decimal = CENT, at: str = "") -> dict[str, Any]:
    """The fields at an instant of 2026, else at that of the last reading."""
    now_ms = parse_iso(f"2026-{at}:00Z") if at else life.meter.state.at_ms or 0
    return view(life.meter, now_ms, cents).fields


def at(life: Living, time: str, kwh: float, **more: Any) -> None:
    """A reading at an instant of 2026, e.g. 01-10T11:05."""
    life.read(0, kwh, at_ms=parse_iso(f"2026-{time}:00Z"), **more)


# -- readings ------------------------------------------------------------------------------


def test_what_was_read_is_shown_by_the_seeds_names() -> None:
    read = {
        "active_power": 3.0, "apparent_power": 4.0, "current": 13.5, "voltage": 231.0,
        "power_factor": 0.8, "frequency": 50.01, "voltage_l1": 230.0, "voltage_l2": 231.0,
        "voltage_l3": 232.0, "neutral_current": 0.4,
    }  # fmt: skip
    fields = readings(read, 12.0)
    assert {name: value for name, value in fields.items() if value is not None} == {
        "currentKw": 3.0, "currentKva": 4.0, "currentAmps": 13.5, "voltage": 231.0,
        "powerFactor": 0.8, "frequency": 50.01, "loadPercent": 25.0, "voltagePhaseA": 230.0,
        "voltagePhaseB": 231.0, "voltagePhaseC": 232.0, "neutralCurrent": 0.4,
    }  # fmt: skip


def test_nothing_read_is_nothing_shown() -> None:
    assert readings({}, 12.0) == dict.fromkeys(READINGS)


VOLTS = {"voltage_l1": 230.0, "voltage_l2": 231.0, "voltage_l3": 232.0}
AMPS = {"current_l1": 5.0, "current_l2": -10.0, "current_l3": 5.0}
DERIVED = {
    "apparent from active and reactive": (
        {"active_power": 3.0, "reactive_power": -4.0}, "currentKva", 5.0),
    "apparent from active and power factor": (
        {"active_power": -3.0, "power_factor": 0.75}, "currentKva", 4.0),
    "no apparent power from reactive alone": ({"reactive_power": 4.0}, "currentKva", None),
    "no apparent power from active alone": ({"active_power": 3.0}, "currentKva", None),
    "a power factor of 0 divides nothing": (
        {"active_power": 3.0, "power_factor": 0.0}, "currentKva", None),
    "apparent from volts and amperes": ({"voltage": 230.0, "current": 10.0}, "currentKva", 2.3),
    "apparent from three phases": (
        {"voltage": 1.0, "current": 1.0, **VOLTS, **AMPS, "active_power": -4.0},
        "currentKva", 4.62),
    "power factor from three phases": (VOLTS | AMPS | {"active_power": 2.31}, "powerFactor", 0.5),
    "no apparent power of some of the phases": (
        {"voltage": 230.0, "current": 10.0, **VOLTS, "current_l1": 5.0}, "currentKva", None),
    "apparent power is never less than active": (
        {"voltage": 230.0, "current": 10.0, "active_power": 2.31}, "currentKva", 2.31),
    "no apparent power from volts and amperes of something else": (
        {"voltage": 230.0, "current": 10.0, "active_power": 2.4}, "currentKva", None),
    "power factor from active and apparent": (
        {"active_power": 3.0, "apparent_power": 4.0}, "powerFactor", 0.75),
    "the power factor that was read wins": (
        {"active_power": 3.0, "apparent_power": 4.0, "power_factor": 0.7}, "powerFactor", 0.7),
    "no power factor of nothing": (
        {"active_power": 0.0, "apparent_power": 0.0}, "powerFactor", None),
    "export loads as well": ({"active_power": -3.0}, "loadPercent", -25.0),
    "imbalance is the largest deviation from the mean": (
        {"current_l1": 10.0, "current_l2": 12.0, "current_l3": 8.0}, "phaseImbalance", 20.0),
    "imbalance below the mean": (
        {"current_l1": 11.0, "current_l2": 12.0, "current_l3": 7.0}, "phaseImbalance", 30.0),
    "no imbalance of two phases": (
        {"current_l1": 10.0, "current_l2": 12.0}, "phaseImbalance", None),
    "no imbalance without current": (
        {"current_l1": 0.0, "current_l2": 0.0, "current_l3": 0.0}, "phaseImbalance", None),
}  # fmt: skip


@pytest.mark.parametrize(("gauges", "name", "value"), DERIVED.values(), ids=DERIVED.keys())
def test_what_follows_from_what_was_read_is_derived(
    gauges: dict[str, float], name: str, value: float | None
) -> None:
    assert readings(gauges, 12.0)[name] == value


def test_load_needs_a_rated_capacity() -> None:
    assert readings({"active_power": 3.0}, None)["loadPercent"] is None


# -- a meter's life ------------------------------------------------------------------------


def test_before_the_first_reading_nothing_is_known() -> None:
    seen = view(Living(spec(register())).meter, NOON, CENT)
    assert seen.fields == dict.fromkeys((*READINGS, *CONSUMPTION))
    assert (seen.online, seen.at_ms, seen.totals) == (False, None, {})
    assert seen.unbilled == {"energy_import": 0}


def test_a_reading_is_shown_with_its_own_time() -> None:
    life = Living(spec(register()))
    at(life, "01-10T11:00", 500, active_power=3.0, serial="A7")
    seen = view(life.meter, NOON, CENT)
    assert seen.fields["lastReadingTime"] == "2026-01-10T11:00:00Z"
    assert seen.fields["currentKw"] == seen.quantities["active_power"] == 3.0
    assert seen.fields["serialNumber"] == "A7"
    assert seen.totals == {"energy_import": 500 * KWH}
    assert "serialNumber" not in shown(Living(spec(register())))


@pytest.mark.parametrize(
    ("amps", "read", "estimate"),
    [
        ((10.0, 10.0, 10.0), None, 0.0),
        ((10.0, 0.0, 0.0), None, 10.0),
        ((3.0, 4.0, 0.0), None, 3.605551),
        ((3.0, 4.0, None), None, None),
        ((3.0, 4.0, 0.0), 2.5, None),
    ],
    ids=["balanced", "one phase", "two phases", "a phase not read", "the neutral was read"],
)
def test_a_neutral_that_was_not_read_is_estimated_under_its_own_name(
    amps: tuple[float | None, ...], read: float | None, estimate: float | None
) -> None:
    life = Living(spec(register()))
    gauges = {f"current_l{n}": value for n, value in enumerate(amps, 1) if value is not None}
    at(life, "01-10T11:00", 500, **gauges, **({} if read is None else {"neutral_current": read}))
    assert shown(life)["neutralCurrent"] == read
    assert shown(life).get(ESTIMATED_NEUTRAL) == estimate


def test_an_offline_meter_shows_its_counters_and_no_last_values() -> None:
    life = Living(spec(register()))
    at(life, "01-10T11:00", 500, active_power=3.0)
    life.meter.fail(PollFailed("m", parse_iso("2026-01-10T11:01:00Z"), "x", True), life.journal)
    seen = view(life.meter, NOON, CENT)
    assert (seen.online, seen.quantities, seen.fields["currentKw"]) == (False, {}, None)
    assert seen.fields["kwhLifetime"] == 500.0
    assert seen.fields["lastReadingTime"] == "2026-01-10T11:00:00Z"


def test_consumption_turns_with_day_month_and_year() -> None:
    life = Living(spec(register(), cost_per_kwh=Decimal("0.25")))
    for time, kwh in [("01-30T22:00", 500), ("01-30T23:00", 510), ("01-31T22:00", 540),
                      ("01-31T23:00", 542), ("02-01T22:58", 547)]:  # fmt: skip
        at(life, time, kwh)
    fields = shown(life)
    assert [fields[name] for name in CONSUMPTION[:7]] == [5.0, 32.0, 5.0, 42.0, 47.0, None, 547.0]
    assert (fields["costThisMonth"], fields["costLastMonth"], fields["costThisYear"]) == (
        1.25, 10.5, 11.75,
    )  # fmt: skip


def test_a_silent_meters_day_and_month_turn_without_it() -> None:
    life = Living(spec(register(), cost_per_kwh=Decimal("0.25")))
    for minute in range(0, 55, 5):
        at(life, f"01-31T21:{minute:02}", 500 + minute)
    names = ("kwhToday", "kwhYesterday", "kwhThisMonth", "kwhLastMonth", "kwhThisYear",
             "peakDemandKwMonth", "averageDemandKw", "costThisMonth", "costLastMonth")  # fmt: skip
    fields = shown(life, at="01-31T22:59")
    assert [fields[name] for name in names] == [50, None, 50, None, 50, 60, 60, 12.5, None]
    fields = shown(life, at="01-31T23:00")  # midnight in Berlin
    assert [fields[name] for name in names] == [0, 50, 0, 50, 50, None, None, 0, 12.5]
    fields = shown(life, at="03-01T12:00")  # of the day and month before nothing is known
    assert [fields[name] for name in names] == [0, None, 0, None, 50, None, None, 0, None]


def test_a_day_that_ended_in_its_first_interval_has_ended_all_the_same() -> None:
    life = Living(spec(register()))
    at(life, "01-10T22:56", 500)
    at(life, "01-10T22:58", 502)
    fields = shown(life, at="01-10T23:00")
    assert (fields["kwhToday"], fields["kwhYesterday"], fields["kwhThisMonth"]) == (0, 2, 2)
    assert fields["averageDemandKw"] == 60


def test_the_open_interval_counts_already() -> None:
    life = Living(spec(register(), cost_per_kwh=Decimal("0.25")))
    at(life, "01-10T11:01", 500)
    at(life, "01-10T11:03", 502)
    fields = shown(life)
    assert (fields["kwhToday"], fields["kwhThisYear"]) == (2.0, 2.0)
    assert (fields["costThisMonth"], fields["costLastMonth"]) == (0.5, None)
    assert fields["averageDemandKw"] == 60.0  # two kWh in two minutes


def test_without_a_rate_nothing_costs_nothing() -> None:
    life = Living(spec(register()))
    at(life, "01-10T11:01", 500)
    at(life, "01-10T11:03", 502)
    assert shown(life)["costThisMonth"] is None


@pytest.mark.parametrize(("cents", "cost"), [("1", 1.0), ("0.01", 0.5), ("0.001", 0.501)])
def test_costs_are_rounded_to_the_currencys_own_exponent(cents: str, cost: float) -> None:
    life = Living(spec(register(), cost_per_kwh=Decimal("0.25025")))
    at(life, "01-10T11:01", 500)
    at(life, "01-10T11:03", 502)
    assert shown(life, Decimal(cents))["costThisMonth"] == cost


def test_the_mean_of_the_month_leaves_out_what_was_not_covered() -> None:
    life = Living(spec(integrate=True))
    for time, power_kw in [("11:00", 6.0), ("11:10", 6.0), ("13:00", 6.0), ("13:10", 18.0)]:
        at_ms = parse_iso(f"2026-01-10T{time}:00Z")
        life.read(0, at_ms=at_ms, active_power=power_kw)
    assert shown(life)["averageDemandKw"] == 9.0
    assert shown(life)["kwhLifetime"] == 3.0


def test_nothing_covered_has_no_mean() -> None:
    life = Living(spec(register()))
    at(life, "01-10T11:00", 500)
    assert shown(life)["averageDemandKw"] is None
    assert shown(life)["kwhToday"] == 0.0


def test_the_peak_is_shown_with_the_end_of_its_window() -> None:
    life = Living(spec(register()))
    for minute in range(0, 50, 5):
        at(life, f"01-31T22:{minute:02}", 500 + minute / 5)
    at(life, "01-31T23:00", 512)
    at(life, "01-31T23:15", 513)
    fields = shown(life)
    assert fields["peakDemandKw"] == 12.0
    assert fields["peakDemandDate"] == "2026-01-31T22:15:00Z"
    assert fields["peakDemandKwMonth"] == 4.0  # February in Berlin


def test_a_meter_of_water_uses_no_energy() -> None:
    life = Living(spec(register("volume")))
    life.read(0, registers={"volume": 7_000_000})
    fields = shown(life)
    assert {name: fields[name] for name in CONSUMPTION} == dict.fromkeys(CONSUMPTION)
    assert view(life.meter, NOON, CENT).totals == {"volume": 7_000_000}
