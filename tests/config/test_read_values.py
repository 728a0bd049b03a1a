"""A bad value of every kind is told with its place and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.config.written import SITE, found

VALUES = {
    "a name that is a number": (
        "meters: [{name: 012}]",
        "error 2:17: meters.0.name: 12 is not text here. Put it in quotes.",
    ),
    "a name with blanks": (
        "meters: [{name: rack 12}]",
        (
            'error 2:17: meters.0.name: "rack 12" is not written as it must be. '
            "Use letters, digits, _ . and -, with a letter or digit first."
        ),
    ),
    "no name": (
        "meters: [{meter_name: x}]",
        "error 2:10: meters.0.name: the key is missing. Write name: here.",
    ),
    "a meter that is a word": (
        "meters: [main]",
        'error 2:10: meters.0: "main" stands where a mapping belongs. Write a mapping.',
    ),
    "a list that is a mapping": (
        "meters: {main: 1}",
        "error 2:9: meters: a mapping stands where a list belongs. Write a list.",
    ),
    "a mapping that is a list": (
        "meters: []\nconnections: [1]",
        "error 3:14: connections: a list stands where a mapping belongs. Write a mapping.",
    ),
    "a value that is a list": (
        "meters: [{name: m, building: [a, b]}]",
        (
            "error 2:30: meters.0.building: a list stands where a single value belongs. "
            "Write a single value."
        ),
    ),
    "no value": (
        "meters: [{name: m, every: }]",
        "error 2:27: meters.0.every: the key has no value. Write one, or drop the key.",
    ),
    "an unknown word": (
        "meters: [{name: m, status: ofline}]",
        'error 2:28: meters.0.status: "ofline" is not known here. Did you mean "offline"?',
    ),
    "a word far from all": (
        "meters: [{name: m, feed_path: zzz}]",
        'error 2:31: meters.0.feed_path: "zzz" is not known here. Known here: a, b, c, combined.',
    ),
    "a word of YAML 1.1": (
        "meters: [{name: m, apply_ct_ratio: yes, ct_ratio: '400:5'}]",
        (
            'error 2:36: meters.0.apply_ct_ratio: "yes" is neither true nor false. '
            "Write true or false."
        ),
    ),
    "a flag where a word belongs": (
        "meters: [{name: m, status: true}]",
        (
            "error 2:28: meters.0.status: true is not known here. "
            "Known here: active, decommissioned, fault, offline, planned."
        ),
    ),
    "a ratio with a slash": (
        "meters: [{name: m, ct_ratio: 400/5}]",
        (
            'error 2:30: meters.0.ct_ratio: "400/5" is no ratio. '
            'Write primary:secondary, as in "400:5".'
        ),
    ),
    "a ratio of nothing": (
        "meters: [{name: m, ct_ratio: '400:0'}]",
        (
            'error 2:30: meters.0.ct_ratio: "400:0" is no ratio. '
            'Write primary:secondary, as in "400:5".'
        ),
    ),
    "a percentage beyond all": (
        "meters: [{name: m, warning_threshold_percent: 800}]",
        (
            "error 2:47: meters.0.warning_threshold_percent: 800 is out of range. "
            "It must be above 0 and at most 200."
        ),
    ),
    "a power factor beyond one": (
        "meters: [{name: m, power_factor_min_threshold: 1.5}]",
        (
            "error 2:48: meters.0.power_factor_min_threshold: 1.5 is out of range. "
            "It must be at least 0 and at most 1."
        ),
    ),
    "half a month": (
        "meters: [{name: m, calibration_interval_months: 1.5}]",
        (
            "error 2:49: meters.0.calibration_interval_months: 1.5 is not a whole number. "
            "Write digits only, without quotes or unit."
        ),
    ),
    "a number in words": (
        "meters: [{name: m, calibration_interval_months: '12'}]",
        (
            'error 2:49: meters.0.calibration_interval_months: "12" is not a whole number. '
            "Write digits only, without quotes or unit."
        ),
    ),
    "a date that does not exist": (
        "meters: [{name: m, install_date: 2026-02-30}]",
        'error 2:34: meters.0.install_date: "2026-02-30" is not in the calendar. Correct the date.',
    ),
    "a date of another land": (
        "meters: [{name: m, install_date: 1.2.2026}]",
        'error 2:34: meters.0.install_date: "1.2.2026" is no date. Write it as 2026-01-31.',
    ),
    "infinity": (
        "meters: [{name: m, rated_capacity_kw: .inf}]",
        (
            "error 2:39: meters.0.rated_capacity_kw: Infinity is not a number. "
            "Write it as 0.25, without a unit."
        ),
    ),
    "a flag where a number belongs": (
        "meters: [{name: m, rated_capacity_kw: true}]",
        (
            "error 2:39: meters.0.rated_capacity_kw: true is not a number. "
            "Write it as 0.25, without a unit."
        ),
    ),
    "a number to fill the memory": (
        "meters: [{name: m, rated_capacity_kw: 1e999999}]",
        (
            "error 2:39: meters.0.rated_capacity_kw: 1E+999999 is out of all range. "
            "Stay within 30 places."
        ),
    ),
    "a number too fine": (
        "meters: [{name: m, rated_capacity_kw: 1e-31}]",
        "error 2:39: meters.0.rated_capacity_kw: 1E-31 is out of all range. Stay within 30 places.",
    ),
    "nothing as a scale": (
        "meters: [{name: m, points: {flow: {scale: 0}}}]",
        "error 2:43: meters.0.points.flow.scale: 0 is out of range. It must be other than 0.",
    ),
    "a duration of a thousand years": (
        "meters: [{name: m, every: 365000d}]",
        (
            'error 2:27: meters.0.every: "365000d" is longer than a hundred years. '
            "Write a shorter time."
        ),
    ),
    "a long value is not repeated whole": (
        f"meters: [{{name: m, every: {'x' * 80}}}]",
        (
            f'error 2:27: meters.0.every: "{"x" * 59}... is no length of time. '
            "Write a whole number and a unit, as in 500ms, 10s, 5m, 1h or 7d."
        ),
    ),
    "a connection without protocol": (
        "meters: []\nconnections: {hall: {host: x}}",
        (
            "error 3:21: connections.hall.protocol: the key is missing. "
            "Write protocol: with one of analog, "
            "bacnet, manual, modbus_rtu, modbus_rtu_tcp, modbus_tcp, pulse, push, snmp."
        ),
    ),
    "a connection that is a word": (
        "meters: []\nconnections: {hall: tcp}",
        'error 3:21: connections.hall: "tcp" stands where a mapping belongs. Write a mapping.',
    ),
    "a protocol misspelt": (
        "meters: []\nconnections: {hall: {protocol: Modbus-TCP, host: x}}",
        (
            'error 3:32: connections.hall.protocol: "Modbus-TCP" is not known here. '
            'Did you mean "modbus_tcp"?'
        ),
    ),
    "a port beyond all": (
        "meters: []\nconnections: {hall: {protocol: modbus_tcp, host: x, port: 65536}}",
        (
            "error 3:59: connections.hall.port: 65536 is out of range. "
            "It must be at least 1 and at most 65535."
        ),
    ),
    "a required number that is bad": (
        "meters: []\ntariffs: {t: {export: {rate: x}, fixed: {per_day: 1}}}",
        'error 3:30: tariffs.t.export.rate: "x" is not a number. Write it as 0.25, without a unit.',
    ),
    "a password that is a number": (
        "meters: []\nmqtt: {url: 'mqtt://localhost', password: 1234}",
        "error 3:43: mqtt.password: the value is not text here. Put it in quotes.",
    ),
    "a password that is a list": (
        "meters: []\nmqtt: {url: 'mqtt://localhost', password: [hunter2]}",
        (
            "error 3:43: mqtt.password: a list stands where a single value belongs. "
            "Write a single value."
        ),
    ),
}


@pytest.mark.parametrize("what", VALUES)
def test_a_bad_value_is_told_with_its_place_and_remedy(what: str, tmp_path: Path) -> None:
    text, line = VALUES[what]
    assert found(tmp_path, SITE + text + "\n") == [line]
