"""Every meter's alarms: what is written down of them and when, and what the journal is told."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from tests.metering.living import BERLIN, FIVE, MINUTE, NOON
from tests.metering.watch import LOAD, SECOND

from meterd.events import Event, Reading
from meterd.metering.alarm import CLEARED, RAISED, AlarmState, Turned
from meterd.metering.journal import Journal
from meterd.metering.meter import Meter
from meterd.metering.meter_state import MeterState
from meterd.metering.setting import NEVER_MS, Setting
from meterd.metering.thresholds import ThresholdsState
from meterd.metering.watches import THRESHOLDS, Watches, tell
from meterd.specs import MeterSpec, ThresholdSpec

QUARTER = 15 * MINUTE
LOADED = ThresholdSpec(**LOAD)
CALM = ThresholdSpec(stale_after_ms=QUARTER)
"""Watched for silence alone."""


def told(journal: Journal) -> list[str]:
    """`+load main @70`: what was raised or cleared, of whom, seconds after noon."""
    return [
        f"{'+' if one.kind == RAISED else '-'}{one.numbers['alarm']} {one.meter} "
        f"@{(one.at_ms - NOON) / SECOND:g}"
        for one in journal.take()
        if isinstance(one, Event)
    ]


class Watched:
    """Meters as they are watched. written: whose alarms were written down, in order."""

    def __init__(
        self,
        meters: dict[str, ThresholdSpec | None],
        states: dict[str, ThresholdsState] | None = None,
        *,
        read_ms: int | None = None,
        resumed_ms: int = 0,
    ) -> None:
        """read_ms: when the meters were last read before a restart."""
        self.journal = Journal(str)
        self.dues: dict[str, int] = {}
        self.written: list[str] = []
        setting = Setting(BERLIN, FIVE, self.journal, self._touch, resumed_ms)
        self.meters = {
            name: Meter(
                MeterSpec(name, thresholds=thresholds), BERLIN, FIVE, MeterState(at_ms=read_ms)
            )
            for name, thresholds in meters.items()
        }
        self.watches = Watches(self.meters.values(), states or {}, setting)

    def _touch(self, kind: str, key: str, due_ms: int) -> None:
        assert kind == THRESHOLDS
        self.written.append(key)
        self.dues[key] = due_ms

    def read(self, second: float, name: str = "main", **gauges: float) -> list[str]:
        meter, at_ms = self.meters[name], NOON + round(second * SECOND)
        meter.feed(Reading(name, at_ms, {}, gauges), Journal(str))
        self.watches.see(meter)
        return told(self.journal)

    def pass_to(self, at_ms: int) -> list[str]:
        self.watches.advance(at_ms)
        return told(self.journal)

    def saved(self) -> dict[str, ThresholdsState]:
        """What a restart takes up."""
        return {
            name: msgspec.msgpack.decode(msgspec.msgpack.encode(one.state), type=ThresholdsState)
            for name, one in self.watches.by_name.items()
        }


def overloaded() -> Watched:
    """A meter whose load alarm stands since noon."""
    site = Watched({"main": LOADED})
    for second in (0, 61):
        site.read(second, active_power=90.0)
    return site


def test_a_load_that_lasts_is_told_of_its_own_meter_with_its_numbers() -> None:
    site = Watched({"main": LOADED, "pv": LOADED})
    site.read(0, "pv", active_power=20.0)
    site.read(0, "main", active_power=90.0)
    site.watches.advance(NOON + 61 * SECOND)
    at_ms, numbers = NOON + MINUTE, {
        "alarm": "load", "severity": "warning", "value": 90.0, "limit": 80.0, "unit": "%",
        "field": "currentKw", "since": "2026-01-10T12:00:00Z",
    }  # fmt: skip
    assert site.journal.outputs == [Event(str(at_ms), at_ms, "alarm_raised", "main", "", numbers)]


def test_a_meter_that_nobody_watches_is_left_alone() -> None:
    site = Watched({"main": None})
    assert site.read(0, active_power=9000.0) == []
    site.watches.silent("main", NOON)
    site.watches.silent("ghost", NOON)
    assert site.pass_to(NOON + 60 * MINUTE) == []
    assert (site.written, site.watches.due_ms()) == ([], NEVER_MS)
    assert site.watches.shown("main") == {}


def test_what_falls_due_is_due_when_the_first_of_the_meters_is() -> None:
    site = Watched({"main": LOADED, "pv": CALM})
    assert site.watches.due_ms() == NEVER_MS
    site.read(0, "pv")
    assert site.watches.due_ms() == NOON + QUARTER + 1
    site.read(5, "main", active_power=90.0)
    assert site.watches.due_ms() == NOON + 65 * SECOND + 1
    assert site.pass_to(NOON + 65 * SECOND) == []
    assert site.pass_to(NOON + 65 * SECOND + 1) == ["+load main @65"]
    assert site.watches.due_ms() == NOON + QUARTER + 1
    assert site.dues["main"] == NOON + QUARTER + 5 * SECOND + 1


# -- what is written down -------------------------------------------------------------------


def test_a_meter_watched_for_its_values_is_written_down_at_every_reading() -> None:
    site = Watched({"main": LOADED})
    for second in (0, 10, 20):
        site.read(second, active_power=10.0)
    assert site.written == ["main"] * 3


def test_a_calm_meter_is_written_down_once_and_not_at_every_reading() -> None:
    site = Watched({"main": CALM})
    for second in range(0, 900, 10):
        assert site.read(second) == []
    assert site.written == ["main"]
    due_ms = site.watches.due_ms()
    assert due_ms == NOON + QUARTER + 1, "that of its first reading"
    assert site.pass_to(due_ms) == [], "it is found out that there is nothing to do"
    assert site.watches.due_ms() == NOON + 890 * SECOND + QUARTER + 1
    assert site.written == ["main"]


def test_a_calm_meter_that_falls_silent_is_stale_in_its_time() -> None:
    site = Watched({"main": CALM})
    site.read(0)
    site.read(60)
    assert site.pass_to(NOON + QUARTER + 1) == []
    assert site.pass_to(site.watches.due_ms()) == ["+stale main @960"]
    assert site.watches.due_ms() == NEVER_MS
    assert site.read(2000) == ["-stale main @2000"]
    assert site.written == ["main"] * 3
    assert site.dues["main"] == NOON + 2000 * SECOND + QUARTER + 1


def test_what_a_calm_meters_reading_brings_is_told_and_written_down() -> None:
    site = Watched({"main": ThresholdSpec(calibration_due=date(2026, 1, 11))})
    told_at = [site.read(hours * 3600) for hours in (10.9, 11, 11.1)]  # midnight is at 11
    assert told_at == [[], [], ["+calibration_due main @39600"]]
    assert site.written == ["main"], "its first reading makes nothing due any later"


def test_after_the_clock_was_stepped_back_silence_is_counted_from_there() -> None:
    site = Watched({"main": CALM})
    site.read(3600)
    meter = site.meters["main"]
    meter.state.at_ms = NOON
    site.watches.see(meter)
    assert site.written == ["main"] * 2
    assert site.watches.due_ms() == NOON + QUARTER + 1


def test_a_meter_that_does_not_answer_is_written_down_and_its_last_value_tells_nothing() -> None:
    site = Watched({"main": LOADED})
    site.read(0, active_power=90.0)
    site.watches.silent("main", NOON + 30 * SECOND)
    assert site.written == ["main"] * 2
    assert site.dues["main"] == NOON + QUARTER + 1, "only its silence is to come"
    assert site.pass_to(NOON + QUARTER) == []
    assert site.pass_to(NOON + QUARTER + 1) == ["+stale main @900"]


# -- what is shown --------------------------------------------------------------------------


def test_all_that_a_meter_is_watched_for_is_shown_and_the_numbers_of_what_stands() -> None:
    shown = overloaded().watches.shown("main")
    assert list(shown) == ["load/warning", "load/critical", "stale/warning"]
    assert [name for name, numbers in shown.items() if numbers is not None] == ["load/warning"]
    assert (shown["load/warning"] or {})["value"] == 90.0


def test_alarms_are_told_in_their_order() -> None:
    journal, kinds = Journal(str), (RAISED, CLEARED)
    tell(journal, "m", [Turned(kind, "load", "warning", {"value": 1}, 7) for kind in kinds])
    numbers = {"alarm": "load", "severity": "warning", "value": 1}
    assert journal.outputs == [Event("7", 7, kind, "m", "", numbers) for kind in kinds]


# -- restarts and other configurations ------------------------------------------------------


def test_an_alarm_that_stands_outlives_a_restart_and_is_not_told_twice() -> None:
    after = Watched({"main": LOADED}, overloaded().saved(), read_ms=NOON + 61 * SECOND)
    assert after.read(70, active_power=90.0) == []
    assert [after.read(second, active_power=10.0) for second in (80, 141)] == [
        [], ["-load main @140"],
    ]  # fmt: skip


def test_readings_that_were_not_written_down_here_are_known_from_the_meter() -> None:
    (before := Watched({"main": CALM})).read(0)
    after = Watched({"main": CALM}, before.saved(), read_ms=NOON + 600 * SECOND)
    assert after.watches.due_ms() == NOON + 600 * SECOND + QUARTER + 1
    older = Watched({"main": CALM}, before.saved(), read_ms=NOON - MINUTE)
    assert older.watches.due_ms() == NOON + QUARTER + 1


def test_the_time_that_a_daemon_was_away_is_no_silence_and_no_load() -> None:
    before, back_ms = Watched({"main": LOADED}), NOON + 60 * MINUTE
    before.read(0, active_power=90.0)
    after = Watched({"main": LOADED}, before.saved(), read_ms=NOON, resumed_ms=back_ms)
    assert after.watches.due_ms() == back_ms + QUARTER + 1
    replayed = Watched({"main": LOADED}, before.saved(), read_ms=NOON)
    assert replayed.pass_to(NOON + 61 * SECOND) == ["+load main @60"]


@pytest.mark.parametrize("thresholds", [{}, {"main": None}], ids=["gone", "watched no more"])
def test_alarms_of_who_is_watched_no_more_are_cleared_once(
    thresholds: dict[str, ThresholdSpec | None],
) -> None:
    after = Watched(thresholds, overloaded().saved())
    assert after.pass_to(NOON + 61 * SECOND) == []
    assert after.pass_to(after.watches.due_ms()) == ["-load main @61.001"]
    assert (after.written, after.watches.due_ms()) == (["main"], NEVER_MS)
    assert after.watches.shown("main") == {}
    assert Watched(thresholds, after.saved()).watches.by_name == {}


def test_one_that_is_gone_and_had_no_alarm_is_forgotten() -> None:
    old = ThresholdsState(NOON, NOON, {"load/warning": AlarmState(beyond=True)})
    site = Watched({"main": CALM}, {"old": old})
    assert list(site.watches.by_name) == ["main"]
    assert site.watches.due_ms() == NEVER_MS
