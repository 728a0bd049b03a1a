"""The alarm of a counter that stands still, from readings to events."""

from __future__ import annotations

from tests.metering.living import BERLIN, FIVE, MINUTE, NOON
from tests.metering.test_watches import told

from meterd.events import Reading
from meterd.metering.journal import Journal
from meterd.metering.meter import Meter
from meterd.metering.meter_state import MeterState
from meterd.metering.setting import Setting
from meterd.metering.thresholds import ThresholdsState
from meterd.metering.watches import Watches
from meterd.specs import MeterSpec, RegisterSpec, ThresholdSpec

KWH = 3_600_000
STILL = ThresholdSpec(still_j=2 * KWH)


class Watched:
    """A meter of energy and power."""

    def __init__(
        self, thresholds: ThresholdSpec = STILL, state: ThresholdsState | None = None
    ) -> None:
        registers = (RegisterSpec("energy_import"),)
        spec = MeterSpec("main", registers=registers, thresholds=thresholds)
        self.meter = Meter(spec, BERLIN, FIVE, MeterState())
        self.journal = Journal(str)
        setting = Setting(BERLIN, FIVE, self.journal, lambda *_: None)
        self.watches = Watches([self.meter], {} if state is None else {"main": state}, setting)

    def read(self, minute: int, kwh: int | None, kw: float | None) -> None:
        gauges = {} if kw is None else {"active_power": kw}
        dials = {} if kwh is None else {"energy_import": kwh * KWH}
        reading = Reading("main", NOON + minute * MINUTE, dials, gauges)
        self.meter.feed(reading, Journal(str))
        self.watches.see(self.meter)

    def stand(self, minutes: range, kw: float | None = 10.0) -> list[str]:
        for minute in minutes:
            self.read(minute, 7, kw)
        return told(self.journal)


def test_it_is_raised_and_cleared_with_its_numbers() -> None:
    site = Watched()
    assert site.stand(range(125)) == ["+counter_stuck main @7200"]
    assert site.watches.shown("main")["counter_stuck/warning"] == {
        "value": 20.0, "limit": 2.0, "unit": "kWh", "since": "2026-01-10T12:00:00Z",
        "acknowledged": None, "acknowledged_by": None,
    }  # fmt: skip
    site.read(125, 8, 10.0)
    assert told(site.journal) == ["-counter_stuck main @7500"]


def test_what_was_not_read_says_nothing() -> None:
    site = Watched()
    assert site.stand(range(200), kw=None) == []
    for minute in range(200, 400):
        site.read(minute, None, 10.0)
    assert told(site.journal) == []


def test_it_outlives_a_restart_until_the_counter_moves() -> None:
    before = Watched()
    before.stand(range(125))
    after = Watched(state=before.watches.by_name["main"].state)
    assert after.stand(range(130, 140)) == []
    after.read(140, 9, 10.0)
    assert told(after.journal) == ["-counter_stuck main @8400"]


def test_one_that_is_planned_or_has_no_power_is_not_watched_for_it() -> None:
    for spec in (ThresholdSpec(), ThresholdSpec(status="planned", still_j=2 * KWH)):
        site = Watched(spec)
        assert site.stand(range(125)) == []
        assert "counter_stuck/warning" not in site.watches.shown("main")


def test_it_is_cleared_where_the_meter_is_no_longer_watched_for_it() -> None:
    before = Watched()
    before.stand(range(125))
    after = Watched(ThresholdSpec(), before.watches.by_name["main"].state)
    after.read(130, 7, 10.0)
    assert told(after.journal) == ["-counter_stuck main @7800"]
