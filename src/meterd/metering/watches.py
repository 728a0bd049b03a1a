"""Every meter's alarms: what is read goes in, what is raised and cleared goes into the journal.

The alarms of a meter that has left the configuration are cleared like those of a threshold
that was taken away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from meterd.metering.alarm import Alarm, AlarmState, Turned
from meterd.metering.journal import Journal
from meterd.metering.meter import Meter
from meterd.metering.physics import ENERGY, POWER
from meterd.metering.powermeter import Alarms, readings
from meterd.metering.setting import NEVER_MS, Setting
from meterd.metering.still import Still
from meterd.metering.thresholds import STUCK, Thresholds, ThresholdsState
from meterd.specs import ThresholdSpec

GONE: Final = ThresholdSpec(status="decommissioned")
"""What a meter that has left the configuration is watched for: nothing."""
THRESHOLDS: Final = "thresholds"


class Watches:
    """The thresholds of a site by meter. What they tell goes into the journal."""

    def __init__(
        self,
        meters: Iterable[Meter],
        states: Mapping[str, ThresholdsState],
        setting: Setting,
    ) -> None:
        """states: by meter, also of meters that are gone."""
        self.by_name: dict[str, Thresholds] = {}
        self._setting = setting
        calendar, resumed_ms = setting.calendar, setting.resumed_ms
        for meter in meters:
            name, spec = meter.spec.name, meter.spec.thresholds
            state = states.get(name) or ThresholdsState()
            if spec is not None:
                state.heard_ms = max(state.heard_ms, meter.state.at_ms or 0)
                self.by_name[name] = Thresholds(spec, calendar, state, resumed_ms)
        for name, state in states.items():
            if name not in self.by_name and any(one.active for one in state.alarms.values()):
                self.by_name[name] = Thresholds(GONE, calendar, state)
        self._stills = {
            name: Still(watch.spec.still_j)
            for name, watch in self.by_name.items()
            if watch.spec.still_j is not None and STUCK in watch.state.alarms
        }
        self._dues = {name: watch.due_ms() or NEVER_MS for name, watch in self.by_name.items()}

    def begin(self, since_ms: int) -> None:
        """Nothing is told as of before an instant: nobody watched."""
        for watch in self.by_name.values():
            watch.since_ms = since_ms

    def see(self, meter: Meter) -> None:
        """A meter's newest reading. One that is watched for its values is written down."""
        name = meter.spec.name
        watch = self.by_name.get(name)
        if watch is None:
            return
        at_ms, shown = meter.state.at_ms or 0, {}
        if watch.judges:
            shown = readings(meter.state.gauges, meter.spec.rated_kw, meter.spec.rated_amps)
        turned = watch.see(at_ms, shown) + self._stuck(watch, meter, at_ms)
        if turned or watch.judges or self._dues[name] > at_ms + watch.spec.stale_after_ms:
            self._tell(name, turned)

    def _stuck(self, watch: Thresholds, meter: Meter, at_ms: int) -> list[Turned]:
        """What a meter's counter says beside its power, where both were read."""
        still = self._stills.get(meter.spec.name)
        kw = meter.state.gauges.get(POWER)
        if still is None or kw is None:
            return []
        last = meter.registers[ENERGY].state.last
        if last is None or last.at_ms != at_ms:
            return []
        stands = still.see(at_ms, last.amount, kw)
        return [] if stands is None else watch.stand(still, stands, at_ms)

    def silent(self, name: str, at_ms: int) -> None:
        """A meter does not answer."""
        watch = self.by_name.get(name)
        if watch is not None:
            self._tell(name, watch.silent(at_ms))

    def advance(self, now_ms: int) -> None:
        """Time has passed."""
        for name, due_ms in self._dues.items():
            if due_ms <= now_ms:
                watch = self.by_name[name]
                self._dues[name] = watch.due_ms() or NEVER_MS
                if self._dues[name] <= now_ms:
                    self._tell(name, watch.advance(now_ms))

    def due_ms(self) -> int:
        """When `advance` next has something to do, or can find out that it has not."""
        return min(self._dues.values(), default=NEVER_MS)

    def standing(self, name: str) -> dict[str, AlarmState]:
        """The alarms of a meter that stand, by "alarm/severity"."""
        watch = self.by_name.get(name)
        found = {} if watch is None else watch.state.alarms
        return {key: alarm for key, alarm in found.items() if alarm.active}

    def shown(self, name: str) -> Alarms:
        """What a meter is watched for, and what stands."""
        watch = self.by_name.get(name)
        if watch is None:
            return {}
        return dict.fromkeys(watch.watched()) | standing(watch.active())

    def _tell(self, name: str, turned: Iterable[Turned]) -> None:
        self._dues[name] = self.by_name[name].due_ms() or NEVER_MS
        self._setting.touch(THRESHOLDS, name, self._dues[name])
        tell(self._setting.journal, name, turned)


def tell(journal: Journal, meter: str, turned: Iterable[Turned]) -> None:
    """Alarms that have turned, as events."""
    for one in turned:
        what = {"alarm": one.alarm, "severity": one.severity}
        journal.event(one.at_ms, one.kind, meter, **what, **one.numbers)


def standing(alarms: Iterable[Alarm]) -> Alarms:
    """Alarms that stand, as views show them."""
    return {f"{one.alarm}/{one.severity}": one.numbers for one in alarms}
