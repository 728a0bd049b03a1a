"""Seed 000's fields, by its names, with its ids and labels."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from tests.config.written import HALL, SITE, sound

from meterd.config import enums
from meterd.config.seed import FIELDS, camel, general

SEED_TEXT = """
name meterName meterPoint status description building floor room rack panelBoardRef feedPath
manufacturer model serialNumber meterType accuracyClass ctRatio ptRatio protocol ipAddress
costPerKwh currency
ratedCapacityKw ratedCapacityAmps warningThresholdPercent criticalThresholdPercent
voltageHighThreshold voltageLowThreshold powerFactorMinThreshold phaseImbalanceMaxPercent
installDate lastCalibrationDate nextCalibrationDate calibrationIntervalMonths
calibrationCertificate lastVerificationDate verificationResult notes
"""
SEED = SEED_TEXT.split()

ENUMS = {
    "meter_point": (enums.MeterPoint, 14, "virtual", "Virtual / Calculated"),
    "status": (enums.Status, 5, "decommissioned", "Decommissioned"),
    "feed_path": (enums.FeedPath, 4, "combined", "Combined / Total"),
    "meter_type": (enums.MeterType, 5, "virtual", "Virtual / Calculated"),
    "accuracy_class": (enums.AccuracyClass, 5, "unknown", "Unknown"),
    "protocol": (enums.Protocol, 8, "manual", "Manual Read"),
    "verification_result": (enums.VerificationResult, 4, "not_tested", "Not Tested"),
}


def test_the_fields_stand_in_the_seeds_order() -> None:
    assert [camel(field) for field in FIELDS] == SEED


@pytest.mark.parametrize("field", ENUMS)
def test_every_word_of_an_enumeration_has_a_number_and_a_label(field: str) -> None:
    words, count, last, label = ENUMS[field]
    numbers = [enums.numbered(field, word) for word in get_args(words)]
    assert [number["id"] for number in numbers] == list(range(1, count + 1))
    assert numbers[-1] == {"id": count, "label": label}
    assert get_args(words)[-1] == last
    assert enums.is_enum(field)


TWO = """
meters:
  - name: main
    meter_point: utility_entrance
    accuracy_class: "0.5S"
    connection: hall
    address: 1
    profile: abb/b23
    serial_number: "0815"
    ct_ratio: "400:5"
    rated_capacity_kw: 22.5
    warning_threshold_percent: 80
    install_date: 2026-01-31
    calibration_interval_months: 24
  - {name: other, currency: USD, cost_per_kwh: "0.5", manufacturer: A, model: B, profile: abb/b23}
"""
MAIN = {
    "name": "main",
    "meterPoint": {"id": 1, "label": "Utility Entrance"},
    "status": {"id": 1, "label": "Active"},
    "manufacturer": "ABB",
    "model": "B23",
    "serialNumber": "0815",
    "accuracyClass": {"id": 2, "label": "Class 0.5S"},
    "ctRatio": "400:5",
    "protocol": {"id": 1, "label": "Modbus TCP"},
    "ipAddress": "10.1.0.20",
    "costPerKwh": 0.3,
    "currency": "EUR",
    "ratedCapacityKw": 22.5,
    "warningThresholdPercent": 80,
    "installDate": "2026-01-31",
    "calibrationIntervalMonths": 24,
}


def test_a_meter_shows_what_is_known_of_it(tmp_path: Path) -> None:
    config = sound(tmp_path, SITE + HALL + TWO)
    main, other = (
        general(meter, config.connections.get(meter.connection or ""), config.site)
        for meter in config.meters
    )
    assert main == MAIN
    assert list(main) == [name for name in SEED if name in main]
    assert (other["manufacturer"], other["model"]) == ("A", "B")
    assert (other["costPerKwh"], other["currency"]) == (0.5, "USD")
    assert "protocol" not in other


@pytest.mark.parametrize(
    ("link", "label", "address"),
    [
        ("{protocol: modbus_rtu, port: /dev/ttyUSB0}", "Modbus RTU", None),
        ("{protocol: modbus_rtu_tcp, host: gw.lan, port: 4001}", "Modbus RTU", None),
        ("{protocol: push}", "API / REST", None),
        ("{protocol: bacnet}", "BACnet", None),
    ],
)
def test_the_protocol_follows_from_the_connection(
    link: str, label: str, address: str | None, tmp_path: Path
) -> None:
    meter = "{name: m, connection: x, address: 1, status: planned}"
    text = f"{SITE}connections: {{x: {link}}}\nmeters: [{meter}]\n"
    config = sound(tmp_path, text)
    shown = general(config.meters[0], config.connections["x"], config.site)
    assert shown["protocol"]["label"] == label
    assert shown.get("ipAddress") == address
