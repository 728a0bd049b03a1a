"""A meter's alarms through a day: limits, edges, short peaks, values that were not read."""

from typing import Any

import pytest
from tests.metering.watch import LOAD, MINUTE, NOON, SECOND, told, watched

DAYS: dict[str, tuple[dict[str, Any], str, str]] = {
    # name: (spec, field, rows of: second, value ("-" not read, "t" time passes), what is told)
    "a load that lasts is told, and told again when it is over": (
        LOAD,
        "currentKw",
        """
        0    70
        10   81
        40   85
        80   85   +load@70
        100  96
        170  97   +load!@160
        180  60
        300  60   -load@240 -load!@240
        """,
    ),
    "a starting current is no alarm": (
        LOAD,
        "currentKw",
        """
        0    20
        10   99
        20   20
        900  20
        """,
    ),
    "no storm at the edge value": (
        LOAD,
        "currentKw",
        """
        0    80.1
        30   79.9
        60   80.1
        90   79.9  +load@60
        120  80.1
        300  78.5
        600  80.1
        900  78.4
        999  80.1  -load@960
        """,
    ),
    "in silence it is told in its time": (
        LOAD,
        "currentKw",
        """
        0    81
        61   t     +load@60
        100  70
        159  t
        161  t     -load@160
        """,
    ),
    "a value that was not read says nothing": (
        LOAD,
        "currentKw",
        """
        0    81
        30   -
        80   -     +load@60
        90   -
        500  -
        510  20
        600  -     -load@570
        """,
    ),
    "a voltage has two sides": (
        {"voltage_low": 207.0, "voltage_high": 253.0},
        "voltage",
        """
        0    230
        10   0
        80   0     +voltage_low@70
        90   230
        160  254   -voltage_low@150
        230  254   +voltage_high@220
        240  249
        310  249
        320  247
        400  247   -voltage_high@380
        """,
    ),
    "a power factor of either sign": (
        {"power_factor_min": 0.9},
        "powerFactor",
        """
        0    -0.95
        10   -0.85
        80   0.85  +power_factor_low@70
        90   0.92
        160  -0.91 -power_factor_low@150
        """,
    ),
}


@pytest.mark.parametrize(("spec", "field", "rows"), DAYS.values(), ids=DAYS.keys())
def test_a_day(spec: dict[str, Any], field: str, rows: str) -> None:
    alarms = watched(**spec)
    for row in rows.strip().splitlines():
        at, value, *expected = row.split()
        at_ms = NOON + int(at) * SECOND
        if value == "t":
            turned = alarms.advance(at_ms)
        else:
            turned = alarms.see(at_ms, {field: None if value == "-" else float(value)})
        assert told(turned) == expected, row


UNSEEN = {"acknowledged": None, "acknowledged_by": None}


def test_an_alarm_tells_its_numbers() -> None:
    alarms = watched(rated_amps=100.0, warning_percent=80.0)
    alarms.see(NOON, {"ampsPhaseA": 70.0, "ampsPhaseB": 82.34567})
    (raised,) = alarms.see(NOON + 90 * SECOND, {"ampsPhaseA": 70.0, "ampsPhaseC": 83.0})
    expected = {
        "value": 82.346,
        "limit": 80.0,
        "unit": "%",
        "field": "ampsPhaseB",
        "since": "2026-01-10T12:00:00Z",
    }
    assert raised == ("alarm_raised", "load_amps", "warning", expected, NOON + MINUTE)
    (standing,) = alarms.active()
    assert standing == (
        "load_amps", "warning", NOON,
        {**expected, "value": 83.0, "field": "ampsPhaseC", **UNSEEN},
    )  # fmt: skip
    assert alarms.see(NOON + 2 * MINUTE, {"currentAmps": 10.0}) == []
    (cleared,) = alarms.advance(NOON + 5 * MINUTE)
    assert (cleared.kind, cleared.at_ms) == ("alarm_cleared", NOON + 3 * MINUTE)
    assert cleared.numbers == {**expected, "value": 10.0, "field": "currentAmps"}
    assert alarms.active() == []


def test_a_power_factor_without_load_is_in_order_again() -> None:
    alarms = watched(power_factor_min=0.9, rated_kw=100.0)
    alarms.see(NOON, {"powerFactor": 0.5, "currentKw": 50.0})
    assert told(alarms.advance(NOON + 2 * MINUTE)) == ["+power_factor_low@60"]
    alarms.see(NOON + 3 * MINUTE, {"powerFactor": 0.2, "currentKw": 0.5})
    assert told(alarms.advance(NOON + 5 * MINUTE)) == ["-power_factor_low@240"]


def test_what_is_told_at_once_is_told_in_order_of_time() -> None:
    alarms = watched(voltage_low=207.0, **LOAD)
    alarms.see(NOON, {"voltage": 0.0, "currentKw": 1.0})
    alarms.see(NOON + 10 * SECOND, {"currentKw": 85.0})
    turned = alarms.advance(NOON + 5 * MINUTE)
    assert told(turned) == ["+voltage_low@60", "+load@70"]
