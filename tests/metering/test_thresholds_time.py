"""A meter's alarms over time: silence, calibration, restarts, and limits that change."""

from datetime import date

import msgspec
import pytest
from tests.metering.watch import DAY, LOAD, MINUTE, NOON, SECOND, told, watched

from meterd.metering.calendar import parse_iso
from meterd.metering.thresholds import ThresholdsState

# -- silence ------------------------------------------------------------------------------


def test_a_meter_is_stale_after_its_time_and_not_at_it() -> None:
    alarms = watched(stale_after_ms=15 * MINUTE)
    assert (alarms.due_ms(), alarms.advance(NOON)) == (None, [])
    alarms.see(NOON, {})
    assert alarms.see(NOON + 15 * MINUTE, {}) == []  # one that reports so seldom is not stale
    due_ms = alarms.due_ms()
    assert due_ms == NOON + 30 * MINUTE + 1
    assert alarms.advance(due_ms - 1) == []
    (raised,) = alarms.advance(due_ms)
    assert raised == (
        "alarm_raised", "stale", "warning",
        {"value": 900, "limit": 900, "unit": "s", "since": "2026-01-10T12:15:00Z"},
        NOON + 30 * MINUTE,
    )  # fmt: skip
    assert alarms.due_ms() is None
    assert alarms.active()[0].numbers["value"] == 900
    (cleared,) = alarms.see(NOON + 60 * MINUTE, {})
    assert (cleared.kind, cleared.numbers["value"]) == ("alarm_cleared", 2700)


def test_a_meter_that_never_answered_is_stale_since_it_was_asked() -> None:
    alarms = watched()
    assert alarms.silent(NOON) == []
    assert alarms.silent(NOON + MINUTE) == []
    assert told(alarms.advance(NOON + 16 * MINUTE)) == ["+stale@900"]


def test_silence_ends_what_was_about_to_be_told() -> None:
    alarms = watched(**LOAD)
    alarms.see(NOON, {"currentKw": 85.0})
    assert told(alarms.silent(NOON + 90 * SECOND)) == ["+load@60"]
    alarms.see(NOON + 2 * MINUTE, {"currentKw": 99.0})
    alarms.silent(NOON + 150 * SECOND)
    assert told(alarms.advance(NOON + 10 * MINUTE)) == []  # and what was told stays
    assert [alarm.alarm for alarm in alarms.active()] == ["load"]


def test_a_restart_does_not_end_a_silence() -> None:
    before = watched()
    before.see(NOON, {})
    before.advance(NOON + 20 * MINUTE)
    after = watched(before.state, NOON + 30 * MINUTE)
    assert told(after.advance(NOON + 31 * MINUTE)) == []
    assert [alarm.alarm for alarm in after.active()] == ["stale"]
    assert told(after.see(NOON + 32 * MINUTE, {})) == ["-stale@1920"]


@pytest.mark.parametrize("status", ["offline", "fault", "planned", "decommissioned"])
def test_of_some_meters_silence_is_expected(status: str) -> None:
    alarms = watched(status=status)
    alarms.see(NOON, {})
    assert alarms.due_ms() is None
    assert alarms.advance(NOON + DAY) == []


def test_a_meter_at_fault_is_watched_and_a_planned_one_is_not() -> None:
    for status, expected in (("fault", ["+load@60"]), ("planned", []), ("decommissioned", [])):
        alarms = watched(status=status, calibration_due=date(2026, 1, 11), **LOAD)
        alarms.see(NOON, {"currentKw": 85.0})
        assert told(alarms.advance(NOON + 5 * MINUTE)) == expected
        later = alarms.advance(NOON + 2 * DAY)
        assert [one.alarm for one in later] == (["calibration_due"] if expected else [])


# -- calibration --------------------------------------------------------------------------


def test_a_calibration_is_due_with_the_local_day() -> None:
    alarms = watched(calibration_due=date(2026, 1, 11))
    midnight = parse_iso("2026-01-11T00:00:00+01:00")
    assert alarms.due_ms() == midnight + 1
    assert alarms.advance(midnight) == []
    (raised,) = alarms.advance(midnight + 1)
    assert raised == (
        "alarm_raised", "calibration_due", "warning",
        {"value": 0, "limit": "2026-01-11", "unit": "d", "since": "2026-01-10T23:00:00Z"},
        midnight,
    )  # fmt: skip
    assert alarms.due_ms() is None
    alarms.advance(midnight + 3 * DAY)
    assert alarms.active()[0].numbers["value"] == 3


def test_one_that_fell_due_before_anybody_watched_is_told_when_somebody_does() -> None:
    alarms = watched(calibration_due=date(2026, 1, 9))
    alarms.since_ms = NOON
    (raised,) = alarms.advance(parse_iso("2026-01-09T00:00:00Z"))
    assert (raised.at_ms, raised.numbers["value"]) == (NOON, 1)
    assert raised.numbers["since"] == "2026-01-08T23:00:00Z"
    after = watched(alarms.state, calibration_due=None)
    after.since_ms = NOON + DAY
    assert told(after.advance(after.due_ms() or 0)) == ["-calibration_due@86400"]


@pytest.mark.parametrize("due", [date(2027, 1, 11), None])
def test_a_new_date_clears_it(due: date | None) -> None:
    before = watched(calibration_due=date(2026, 1, 9))
    assert told(before.advance(NOON)) == ["+calibration_due@-133200"]
    after = watched(before.state, calibration_due=due)
    assert after.due_ms() == NOON + 1
    (cleared,) = after.advance(NOON + 1)
    assert cleared.kind == "alarm_cleared"
    assert cleared.numbers["limit"] == (due and due.isoformat())
    assert after.active() == []


def test_a_date_that_is_moved_to_this_very_instant_keeps_it() -> None:
    midnight = parse_iso("2026-01-11T00:00:00+01:00")
    before = watched(calibration_due=date(2026, 1, 9))
    before.advance(midnight)
    after = watched(before.state, calibration_due=date(2026, 1, 11))
    assert (after.due_ms(), after.advance(midnight + 1)) == (None, [])


def test_a_date_at_the_end_of_time_is_no_date() -> None:
    assert watched(calibration_due=date.max).due_ms() is None


# -- other limits, another start --------------------------------------------------------------


def test_a_threshold_that_is_taken_away_clears_its_alarm() -> None:
    before = watched(voltage_low=207.0, **LOAD)
    before.see(NOON, {"currentKw": 85.0, "voltage": 230.0})
    before.advance(NOON + 2 * MINUTE)
    after = watched(before.state, voltage_low=207.0, rated_kw=100.0)
    assert [alarm.numbers["limit"] for alarm in after.active()] == [None]
    assert after.due_ms() == NOON + 2 * MINUTE + 1
    (cleared,) = after.advance(NOON + 3 * MINUTE)
    assert told([cleared]) == ["-load@180"]
    assert cleared.numbers == {
        "value": 85.0, "limit": None, "field": "currentKw", "since": "2026-01-10T12:00:00Z",
    }  # fmt: skip
    assert (after.active(), after.advance(NOON + DAY)[1:]) == ([], [])
    assert sorted(after.state.alarms) == [
        "calibration_due/warning", "stale/warning", "voltage_low/warning",
    ]  # fmt: skip


def test_another_limit_holds_from_the_next_reading() -> None:
    before = watched(**LOAD)
    before.see(NOON, {"currentKw": 85.0})
    before.advance(NOON + 2 * MINUTE)
    after = watched(before.state, **{**LOAD, "warning_percent": 90.0})
    after.see(NOON + 3 * MINUTE, {"currentKw": 85.0})
    assert told(after.advance(NOON + 5 * MINUTE)) == ["-load@240"]


def test_after_a_restart_nobody_was_silent_and_nothing_lasted_meanwhile() -> None:
    before = watched(**LOAD)
    before.see(NOON, {"currentKw": 85.0})
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(before.state), type=ThresholdsState)
    after = watched(kept, NOON + 120 * MINUTE, **LOAD)
    assert after.due_ms() == NOON + 135 * MINUTE + 1
    assert told(after.see(NOON + 121 * MINUTE, {"currentKw": 85.0})) == []
    assert told(after.advance(NOON + 123 * MINUTE)) == ["+load@7320"]


def test_the_order_of_alarms_is_always_the_same() -> None:
    alarms = watched(voltage_low=207.0, power_factor_min=0.9, **LOAD)
    assert list(alarms.state.alarms) == [
        "load/warning", "load/critical", "voltage_low/warning", "power_factor_low/warning",
        "stale/warning", "calibration_due/warning",
    ]  # fmt: skip
