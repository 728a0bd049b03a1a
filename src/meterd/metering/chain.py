"""The power chain at work: every parent held against its children, and PUE by category.

Each is given the closed intervals of its meters' strongest source of active energy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from meterd.events import Interval
from meterd.metering.alarm import CLEARED, WARNING, AlarmState, Turned
from meterd.metering.calendar import iso
from meterd.metering.hierarchy import ALARM, Balance, BalanceState, children_of
from meterd.metering.interval import Key
from meterd.metering.meter import Meter
from meterd.metering.powermeter import Alarms
from meterd.metering.pue import IT_POINTS, Pue, PueState, sides
from meterd.metering.setting import NEVER_MS, Setting
from meterd.metering.watches import standing, tell
from meterd.specs import ChainMeter
from meterd.views import BalanceView, SiteView

BALANCE: Final = "balance"
PUE: Final = "pue"
OF_THE_SITE: Final = frozenset({BALANCE, PUE})
"""Kinds of states that the view of the site as a whole is made of."""
NAME: Final = f"{ALARM}/{WARNING}"


class States(NamedTuple):
    """What the chain resumes from: balances by parent, PUE by category ("1" to "3")."""

    balances: Mapping[str, BalanceState]
    pues: Mapping[str, PueState]


class Chain:
    """Balances by parent, and PUE by category."""

    def __init__(self, meters: tuple[ChainMeter, ...], states: States, setting: Setting) -> None:
        """meters: all of the site."""
        calendar = setting.calendar
        by_name = {meter.name: meter for meter in meters}
        self.balances = {
            name: Balance(by_name[name], children, states.balances.get(name) or BalanceState())
            for name, children in children_of(meters).items()
        }
        self.pues = {
            str(category): Pue(
                category, both, calendar, states.pues.get(str(category)) or PueState()
            )
            for category in IT_POINTS
            if (both := sides(meters, category)) is not None
        }
        self._setting = setting
        self._gone = {
            name: state
            for name, state in states.balances.items()
            if name not in self.balances and state.alarm.active
        }
        self._balances_of: dict[str, list[str]] = {}
        for name, balance in self.balances.items():
            for member in balance.meters:
                self._balances_of.setdefault(member, []).append(name)
        self._pues_of: dict[str, list[str]] = {}
        for category, pue in self.pues.items():
            for member in (*pue.meters[0], *pue.meters[1]):
                self._pues_of.setdefault(member, []).append(category)

    def begin(self, now_ms: int) -> None:
        """Clear the alarms of parents that are compared no more."""
        for name, state in self._gone.items():
            since = iso(state.alarm.since_ms)
            state.alarm = AlarmState()
            tell(
                self._setting.journal,
                name,
                [Turned(CLEARED, ALARM, WARNING, {"since": since}, now_ms)],
            )
            self._setting.touch(BALANCE, name, NEVER_MS)

    def take(self, meter: Meter) -> None:
        """A meter has closed intervals: those of its strongest source are entered, in order."""
        balances = self._balances_of.get(meter.spec.name, ())
        categories = self._pues_of.get(meter.spec.name, ())
        if not (balances or categories):
            return
        intervals = [one for one in meter.intervals if _key(one) == meter.main]
        for name in balances:
            for interval in intervals:
                tell(self._setting.journal, name, self.balances[name].take(interval))
            self._setting.touch(BALANCE, name, NEVER_MS)
        for category in categories:
            for interval in intervals:
                self.pues[category].take(interval)
            self._setting.touch(PUE, category, NEVER_MS)

    def state(self, kind: str, key: str) -> BalanceState | PueState:
        """What is saved of a balance or a PUE."""
        if kind == PUE:
            return self.pues[key].state
        return self.balances[key].state if key in self.balances else self._gone[key]

    def standing(self, meter: str) -> dict[str, AlarmState]:
        """The alarm of a parent, if it stands."""
        balance = self.balances.get(meter)
        alarm = None if balance is None else balance.state.alarm
        return {} if alarm is None or not alarm.active else {NAME: alarm}

    # -- what is shown --------------------------------------------------------------------

    def shown(self, meter: str) -> Alarms:
        """The alarm of a parent, whether it stands or not; nothing of other meters."""
        balance = self.balances.get(meter)
        return {} if balance is None else {NAME: None, **standing(balance.active())}

    def view(self) -> SiteView:
        """Everything that is known of the site as a whole."""
        figures = [figure for pue in self.pues.values() for figure in pue.figures()]
        return SiteView(tuple(figures), tuple(map(_view, self.balances.values())))


def _key(interval: Interval) -> Key:
    return interval.quantity, interval.method, interval.phase


def _view(balance: Balance) -> BalanceView:
    state = balance.state
    return BalanceView(
        balance.meters[0], balance.meters[1:], balance.tolerance_percent, state.parent_j,
        state.children_j, state.compared, state.skipped, state.last,
    )  # fmt: skip
