"""A meter as people see it: seed 000's fields, in its order, and all else that it said."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from meterd import shapes
from meterd.config.fields import SHIPPED
from meterd.metering.powermeter import CONSUMPTION, READINGS
from meterd.shapes.meters import amount_shown
from meterd.specs import MeterSpec, RegisterSpec
from meterd.views import MeterView

SEED_000 = """
name meterName meterPoint status description building floor room rack panelBoardRef feedPath
manufacturer model serialNumber meterType accuracyClass ctRatio ptRatio protocol ipAddress

currentKw currentKva currentAmps voltage powerFactor frequency loadPercent lastReadingTime
ampsPhaseA ampsPhaseB ampsPhaseC voltagePhaseA voltagePhaseB voltagePhaseC phaseImbalance
neutralCurrent

kwhToday kwhYesterday kwhThisMonth kwhLastMonth kwhThisYear kwhLastYear kwhLifetime peakDemandKw
peakDemandDate peakDemandKwMonth averageDemandKw costPerKwh costThisMonth costLastMonth
costThisYear currency

ratedCapacityKw ratedCapacityAmps warningThresholdPercent criticalThresholdPercent
voltageHighThreshold voltageLowThreshold powerFactorMinThreshold phaseImbalanceMaxPercent

installDate lastCalibrationDate nextCalibrationDate calibrationIntervalMonths
calibrationCertificate lastVerificationDate verificationResult notes
"""

SEED = tuple(SHIPPED.values())
ACTIVE = {"id": 1, "label": "Active"}
MAIN = MeterSpec(
    "main",
    units={"energy_import": "kWh", "stroke": "count/min"},
    registers=(RegisterSpec("energy_import"), RegisterSpec("bottles", unit="L")),
    general={"name": "main", "status": ACTIVE, "costPerKwh": 0.3, "currency": "EUR"},
)
NOON_MS = 1_767_268_800_000


SEEN = MeterView(
    "main", True, NOON_MS, "good",
    fields=dict.fromkeys((*READINGS, *CONSUMPTION)) | {"currentKw": 12.5, "kwhLifetime": 100.25},
    quantities={"active_power": 12.5, "temperature": 21.0, "stroke": 3.0},
    totals={"energy_import": 360_900_000, "bottles": 1500},
    unbilled={"energy_import": 1},
)  # fmt: skip


def view(**changes: Any) -> MeterView:
    """The main meter at noon."""
    return msgspec.structs.replace(SEEN, **changes)


def test_every_field_of_the_seed_is_there_in_its_order_before_the_first_reading() -> None:
    shown = shapes.powermeter(MAIN, None, SEED)
    assert list(shown) == SEED_000.split()
    assert {name for name, value in shown.items() if value is not None} == set(MAIN.general)
    assert shown["status"] == ACTIVE


def test_a_reading_fills_its_fields_and_nothing_moves() -> None:
    shown = shapes.powermeter(MAIN, view(), SEED)
    assert list(shown) == SEED_000.split()
    assert (shown["currentKw"], shown["kwhLifetime"], shown["voltage"]) == (12.5, 100.25, None)


def test_in_a_list_what_has_no_field_stands_by_its_own_name() -> None:
    shown = shapes.meter_row(MAIN, view(), SEED)
    assert list(shown) == [*SEED_000.split(), "temperature", "stroke", "bottles"]
    assert (shown["temperature"], shown["bottles"]) == (21.0, 1.5)
    assert list(shapes.meter_row(MAIN, None, SEED)) == SEED_000.split()


def test_other_counters_are_told_with_their_units() -> None:
    more = view(totals={"energy_import": 1, "bottles": 1500, "volume": 814_000, "odd": 3})
    assert shapes.other_totals(MAIN, more) == "bottles=1.5 L, volume=0.814 m3, odd=3"
    assert shapes.other_totals(MAIN, None) == ""


def test_what_was_read_never_hides_what_is_configured() -> None:
    read = view(fields={"serialNumber": "read", "model": "read"})
    spec = MeterSpec("main", general={"serialNumber": "configured"})
    shown = shapes.powermeter(spec, read, SEED)
    assert (shown["serialNumber"], shown["model"]) == ("configured", "read")


def test_an_object_of_the_seeds_api_has_an_id_that_follows_from_its_name() -> None:
    one, again = shapes.entity(MAIN, None, SEED), shapes.entity(MAIN, view(), SEED)
    assert list(one)[:4] == ["id", "entity", "level", "name"]
    assert (one["entity"], one["level"]) == ("POWERMETER", 277)
    assert [len(part) for part in one["id"].split("-")] == [10, 8, 8]
    assert one["id"] == again["id"] != shapes.entity(MeterSpec("other"), None, SEED)["id"]


def test_a_meter_shows_all_it_said_with_units_and_exact_totals() -> None:
    shown = shapes.meter(MAIN, view(), SEED)
    assert (shown["availability"], shown["quality"]) == ("online", "good")
    assert shown["quantities"] == {
        "active_power": {"value": 12.5, "unit": "kW"},
        "temperature": {"value": 21.0, "unit": "degC"},
        "stroke": {"value": 3.0, "unit": "count/min"},
    }
    assert shown["totals"] == {
        "energy_import": {"value": "100.25", "unit": "kWh"},
        "bottles": {"value": "1.5", "unit": "L"},
    }
    assert shown["unbilled"] == {"energy_import": {"value": "0.000000278", "unit": "kWh"}}


def test_an_estimate_stands_by_a_name_of_its_own() -> None:
    seen = view(fields={**SEEN.fields, "neutralCurrentEstimate": 17.3})
    shown = shapes.meter(MAIN, seen, SEED)
    assert (shown["neutralCurrentEstimate"], shown["neutralCurrent"]) == (17.3, None)
    assert "neutralCurrentEstimate" not in shapes.meter(MAIN, view(), SEED)


def test_what_has_no_field_stands_by_its_own_name_and_hides_no_field() -> None:
    seen = view(quantities={"temperature": 21.0, "status": 7.0, "totals": 1.0})
    shown = shapes.meter(MAIN, seen, SEED)
    assert (shown["temperature"], shown["energy_import"], shown["bottles"]) == (21.0, 100.25, 1.5)
    assert shown["status"] == ACTIVE
    assert shown["quantities"]["status"] == {"value": 7.0, "unit": None}
    assert set(shown["totals"]) == {"energy_import", "bottles"}


@pytest.mark.parametrize(
    ("seen", "availability", "quality"),
    [
        (None, "offline", None),
        (view(online=False, quantities={}), "offline", "good"),
        (view(online=False, at_ms=None), "offline", None),
        (view(quality="questionable"), "online", "questionable"),
    ],
)
def test_a_silent_meter_is_off_line(
    seen: MeterView | None, availability: str, quality: str | None
) -> None:
    shown = shapes.meter(MAIN, seen, SEED)
    assert (shown["availability"], shown["quality"]) == (availability, quality)
    assert set(shown) >= {"quantities", "totals", "unbilled"}


@pytest.mark.parametrize(
    ("spec", "quantity", "unit"),
    [
        (MAIN, "energy_import", "kWh"),
        (MAIN, "bottles", "L"),
        (MAIN, "stroke", "count/min"),
        (MAIN, "unheard_of", None),
        (None, "energy_import", "kWh"),
        (None, "bottles", None),
    ],
)
def test_a_quantity_has_its_canonical_unit_else_the_declared_one(
    spec: MeterSpec | None, quantity: str, unit: str | None
) -> None:
    assert shapes.unit_of(spec, quantity) == unit


@pytest.mark.parametrize(
    ("amount", "unit", "shown"),
    [
        (5_400_000, "kWh", "1.5"),
        (1_234_567, "m3", "1.234567"),
        (1500, None, "1500"),
        (1500, "parsec", "1500"),
        (1500, "kW", "1500"),
    ],
)
def test_an_amount_without_a_unit_that_sums_is_shown_in_base_units(
    amount: int, unit: str | None, shown: str
) -> None:
    assert amount_shown(amount, unit) == shown
