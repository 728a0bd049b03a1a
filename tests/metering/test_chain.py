"""The chain at work: who is entered where, what is told and shown of it, and what is kept."""

from __future__ import annotations

from typing import Any

import msgspec
from tests.metering.facility import MIDNIGHT
from tests.metering.living import BERLIN, FIVE, KWH, MINUTE, register

from meterd.events import Event, Reading
from meterd.metering.alarm import AlarmState
from meterd.metering.chain import BALANCE, NAME, PUE, Chain, States
from meterd.metering.hierarchy import BalanceState
from meterd.metering.journal import Journal
from meterd.metering.meter import Meter
from meterd.metering.meter_state import MeterState
from meterd.metering.pue import PueState
from meterd.metering.setting import NEVER_MS, Setting
from meterd.specs import ChainMeter, MeterSpec
from meterd.views import BalanceView, SiteView

ENTRANCE, UPS, PDU = "utility_entrance", "ups_output", "rack_pdu"
MAIN = ChainMeter("main", ENTRANCE)
BOARD = ChainMeter("board", UPS, parent="main")
FLAT = (MAIN, ChainMeter("rack1", PDU, "main"), ChainMeter("rack2", PDU, "main"))
DEEP = (MAIN, BOARD, ChainMeter("rack1", PDU, "board"), ChainMeter("rack2", PDU, "board"))
COUNTER = register(count=1, per_hour=1000 * KWH)
NOBODY = States({}, {})


class Facility:
    """A chain and its meters, all of them read first at midnight."""

    def __init__(
        self, links: tuple[ChainMeter, ...], states: States = NOBODY, **odd: MeterSpec
    ) -> None:
        """odd: meters with more than a counter, and some that are in no chain."""
        self.journal = Journal(str)
        self.touched: list[tuple[str, str]] = []
        specs = {link.name: MeterSpec(link.name, registers=(COUNTER,)) for link in links} | odd
        self.meters = {name: Meter(one, BERLIN, FIVE, MeterState()) for name, one in specs.items()}
        self.kwh = dict.fromkeys(specs, 0.0)
        self.minutes = 0
        self.chain = Chain(links, states, Setting(BERLIN, FIVE, self.journal, self._touch))
        self.use(0, **self.kwh)

    def _touch(self, kind: str, key: str, due_ms: int) -> None:
        assert due_ms == NEVER_MS
        self.touched.append((kind, key))

    def use(self, minutes: int, **kwh: float) -> None:
        """So many minutes later these meters have counted so much more."""
        self.minutes += minutes
        for name, more in kwh.items():
            self.kwh[name] += more
            self.hear(name, {"energy_import": round(self.kwh[name] * KWH)})

    def hear(self, name: str, registers: dict[str, int], **gauges: float) -> None:
        at_ms = MIDNIGHT + self.minutes * MINUTE
        self.meters[name].feed(Reading(name, at_ms, registers, gauges), Journal(str))
        self.chain.take(self.meters[name])

    def told(self) -> list[Event]:
        return [one for one in self.journal.take() if isinstance(one, Event)]

    def compared(self, parent: str) -> tuple[float, float, int]:
        """kWh of the parent and of its children, and in how many intervals."""
        state = self.chain.balances[parent].state
        return state.parent_j / KWH, state.children_j / KWH, state.compared

    def saved(self) -> States:
        """What a restart takes up."""
        of, encode, decode = self.chain.state, msgspec.msgpack.encode, msgspec.msgpack.decode
        balances = {name: encode(of(BALANCE, name)) for name in self.chain.balances}
        pues = {name: encode(of(PUE, name)) for name in self.chain.pues}
        return States(
            {name: decode(body, type=BalanceState) for name, body in balances.items()},
            {name: decode(body, type=PueState) for name, body in pues.items()},
        )


def lacking(times: int, site: Facility | None = None) -> Facility:
    """A kilowatt-hour is lost every five minutes, so many times."""
    site = site or Facility(FLAT)
    for _ in range(times):
        site.use(5, main=10, rack1=5, rack2=4)
    return site


# -- a parent and its children --------------------------------------------------------------


def test_energy_that_nobody_accounts_for_is_told_of_the_parent() -> None:
    site = lacking(2)
    assert site.told() == []
    (event,) = lacking(1, site).told()
    assert (event.kind, event.meter, event.at_ms) == ("alarm_raised", "main", MIDNIGHT + 3 * FIVE)
    assert event.numbers == {
        "alarm": "unaccounted_energy", "severity": "warning", "value": "1", "limit": "0.4",
        "unit": "kWh", "parent": "10", "children": "9", "since": "2026-01-09T23:00:00Z",
    }  # fmt: skip


def test_a_meter_counts_as_a_child_above_and_as_a_parent_below() -> None:
    site = Facility(DEEP)
    site.use(5, main=10, board=9, rack1=5, rack2=3)
    assert site.compared("main") == (10, 9, 1)
    assert site.compared("board") == (9, 8, 1)
    site.touched.clear()
    site.use(5, board=9)
    assert site.touched == [(BALANCE, "main"), (BALANCE, "board"), (PUE, "1")]


def test_after_a_silence_its_intervals_are_entered_one_by_one_in_order() -> None:
    site = Facility(FLAT)
    for _ in range(2):
        site.use(5, rack1=5, rack2=4)
    site.use(0, main=20)
    assert site.compared("main") == (20, 18, 2)
    start_ms = MIDNIGHT + FIVE
    last = site.chain.balances["main"].state.last
    assert last == (start_ms, start_ms + FIVE, 10 * KWH, 9 * KWH)


def test_only_the_strongest_source_of_a_meter_is_entered_and_no_export() -> None:
    both = (COUNTER, register("energy_export", per_hour=1000 * KWH))
    rack1 = MeterSpec("rack1", registers=both, integrate=True)
    site = Facility(FLAT, rack1=rack1, rack2=MeterSpec("rack2", integrate=True))
    for _ in range(4):
        site.use(5, main=10)
        total = round(site.kwh["main"] / 2 * KWH)
        site.hear("rack1", {"energy_import": total, "energy_export": total}, active_power=900)
        site.hear("rack2", {}, active_power=48)  # 4 kWh in five minutes
    assert site.compared("main") == (30, 27, 3), "of the first rack2 knows nothing"


def test_a_meter_that_is_in_no_chain_leaves_it_alone() -> None:
    site = Facility(FLAT, lift=MeterSpec("lift", registers=(COUNTER,)))
    site.touched.clear()
    site.use(5, lift=3)
    assert len(site.meters["lift"].intervals) == 1
    assert site.touched == []
    assert Facility(()).chain.view() == SiteView()


# -- PUE ------------------------------------------------------------------------------------


def test_every_category_with_both_sides_is_followed_by_its_own_meters() -> None:
    assert list(Facility(FLAT).chain.pues) == ["3"]
    site = Facility(DEEP)
    assert list(site.chain.pues) == ["1", "3"]
    site.use(5, main=12, board=10, rack1=5, rack2=3)
    shown = [(one.category, one.ratio) for one in site.chain.view().pue if one.window == "day"]
    assert shown == [(1, 1.2), (3, 1.5)]


def test_one_meter_is_written_down_in_every_category_it_counts_in() -> None:
    site = Facility(DEEP)
    site.touched.clear()
    site.use(5, main=12)
    assert site.touched == [(BALANCE, "main"), (PUE, "1"), (PUE, "3")]
    site.touched.clear()
    site.use(0, rack2=3)
    assert site.touched == [(BALANCE, "board"), (PUE, "3")]


# -- what is shown --------------------------------------------------------------------------


def test_a_parents_alarm_is_shown_whether_it_stands_or_not() -> None:
    site = lacking(2)
    assert site.chain.shown("main") == {NAME: None}
    assert site.chain.shown("rack1") == {}
    numbers = lacking(1, site).chain.shown("main")[NAME]
    assert numbers is not None
    assert (numbers["value"], numbers["limit"]) == ("1", "0.4")


def test_a_parent_is_shown_with_its_children_and_what_they_differed_by() -> None:
    site = lacking(2)
    site.use(5, main=10, rack1=5)
    site.use(5, main=10, rack1=5)
    site.use(0, rack2=8)
    last = (MIDNIGHT + 3 * FIVE, MIDNIGHT + 4 * FIVE, 10 * KWH, 9 * KWH)
    parent_j, children_j = 40 * KWH, 36 * KWH
    assert site.chain.view().balances == (
        BalanceView("main", ("rack1", "rack2"), 4.0, parent_j, children_j, 4, 0, last),
    )


# -- restarts and other chains --------------------------------------------------------------


def test_it_goes_on_where_it_was() -> None:
    before = Facility(DEEP)
    before.use(5, main=12, board=10, rack1=5, rack2=3)
    after = Facility(DEEP, before.saved())
    assert after.chain.view() == before.chain.view()
    assert after.compared("board") == (10, 8, 1)


def test_an_alarm_that_stands_is_not_told_again_after_a_restart() -> None:
    after = Facility(FLAT, lacking(3).saved())
    after.chain.begin(MIDNIGHT)
    assert after.told() == []
    assert after.chain.shown("main")[NAME] is not None


def test_the_alarm_of_a_parent_that_is_compared_no_more_is_cleared_as_it_begins() -> None:
    after, now_ms = Facility((MAIN,), lacking(3).saved()), MIDNIGHT + 60 * MINUTE
    assert after.told() == []
    after.chain.begin(now_ms)
    (event,) = after.told()
    assert (event.kind, event.meter, event.at_ms) == ("alarm_cleared", "main", now_ms)
    what: dict[str, Any] = {"alarm": "unaccounted_energy", "severity": "warning"}
    assert event.numbers == {**what, "since": "2026-01-09T23:00:00Z"}
    assert after.touched == [(BALANCE, "main")]
    left = after.chain.state(BALANCE, "main")
    assert isinstance(left, BalanceState)
    assert left.alarm == AlarmState()
    again = Facility((MAIN,), States({"main": left}, {}))
    again.chain.begin(now_ms)
    assert again.told() == []
    assert again.touched == []
