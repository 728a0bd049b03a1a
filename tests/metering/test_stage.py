"""The first stage: which meters an input brings out, who else hears of it, and what is kept."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from tests.metering.derived import (
    FIVE,
    HOUR,
    KWH,
    MINUTE,
    NET,
    NOON,
    SECOND,
    A,
    B,
    Site,
    real,
    virtual,
)  # fmt: skip

from meterd.events import PollFailed, Reading
from meterd.metering.chain import BALANCE, NAME, PUE
from meterd.metering.setting import NEVER_MS
from meterd.metering.stage import METER, UNREAD
from meterd.metering.virtual import VIRTUAL
from meterd.metering.watches import THRESHOLDS
from meterd.orders import ReplacementOrdered
from meterd.specs import ChainMeter, ThresholdSpec

CENTS = Decimal("0.01")
HALF = virtual("half", energy_import="net.energy_import / 2")
CHAIN = (ChainMeter("a", "utility_entrance"), ChainMeter("b", "rack_pdu", parent="a"))
LOADED = ThresholdSpec(rated_kw=100.0, warning_percent=80.0)
WATCHED = real("a", thresholds=LOADED)
MORE = {"load/warning": None, "stale/warning": None}


def brought(site: Site, item: Reading | ReplacementOrdered) -> list[tuple[str, float]]:
    """The meters that an input brings out, in order, and the kWh that each has booked."""
    return [
        (meter.spec.name, sum(booking.amount for booking in meter.bookings) / KWH)
        for meter in site.stage.measure(item, item.at_ms)
    ]


def reading(meter: str, minute: float, kwh: float) -> Reading:
    return Reading(meter, NOON + round(minute * MINUTE), {"energy_import": round(kwh * KWH)}, {})


# -- a reading, and what follows from it ----------------------------------------------------


def test_a_reading_brings_out_its_meter_and_then_all_that_is_made_of_it() -> None:
    site = Site(HALF, NET, A, B)
    for name in ("a", "b"):
        site.read(name, 0, 100)
    assert brought(site, reading("a", 5, 110)) == [("a", 10), ("net", 0)]
    assert brought(site, reading("b", 5, 104)) == [("b", 4), ("net", 6), ("half", 3)]


def test_a_reading_that_books_nothing_brings_out_its_meter_alone() -> None:
    site = Site(NET, A, B)
    site.read("a", 0, kw=3)
    assert brought(site, Reading("a", NOON + MINUTE, {}, {"active_power": 4.0})) == [("a", 0)]


def test_what_closes_is_entered_into_the_chain() -> None:
    site = Site(A, B, chain=CHAIN)
    for minute, kwh in ((0, 100), (4, 108), (5, 110)):
        for name in ("a", "b"):
            site.read(name, minute, kwh)
    assert site.stage.chain.balances["a"].state.compared == 1
    assert site.touched[BALANCE, "a"] == site.touched[PUE, "3"] == NEVER_MS


def test_a_late_reading_is_no_news_to_who_watches_and_calculates() -> None:
    site = Site(NET, WATCHED, B)
    site.read("a", 10, 100, 90)
    site.settle()
    site.touched.clear()
    assert brought(site, reading("a", 9, 99)) == [("a", 0)]
    assert list(site.touched) == [(METER, "a")]


def test_a_device_that_was_replaced_counts_but_was_not_read() -> None:
    site = Site(NET, WATCHED, B)
    for minute in (0, 5):
        for name in ("a", "b"):
            site.read(name, minute, 100 + minute)
    site.settle()
    order = ReplacementOrdered(
        "a", NOON + 6 * MINUTE, "ann", old_final=107 * KWH, new_initial=3 * KWH
    )
    assert brought(site, order) == [("a", 2), ("net", 0)]
    assert site.stage.watches.by_name["a"].state.heard_ms == NOON + FIVE
    assert site.stage.virtuals.due_ms() == NEVER_MS
    assert brought(site, reading("a", 10, 4)) == [("a", 1), ("net", 0)]


# -- who is not read ------------------------------------------------------------------------


@pytest.mark.parametrize("status", sorted(UNREAD))
def test_a_meter_that_is_not_read_says_nothing_and_is_counted(status: str) -> None:
    site = Site(real("a", status=status), B)
    assert brought(site, reading("a", 0, 100)) == []
    site.fail("a", 1)
    assert (site.stage.unknown, site.touched, site.events()) == (2, {}, [])


@pytest.mark.parametrize("name", ["ghost", "net"])
def test_nobody_speaks_for_a_meter_that_is_not_there_or_that_is_calculated(name: str) -> None:
    site = Site(A, B, NET)
    assert brought(site, reading(name, 0, 100)) == []
    assert brought(site, ReplacementOrdered(name, NOON, "ann")) == []
    site.stage.fail(PollFailed(name, NOON, "timeout", True), NOON)
    assert (site.stage.unknown, site.touched) == (3, {})


# -- what is written down and shown ---------------------------------------------------------


def test_every_state_there_is_can_be_taken_up_again() -> None:
    site = Site(WATCHED, B, NET, chain=CHAIN)
    for minute in (0, 5, 10):
        site.read("a", minute, 100 + minute, 90)
        site.read("b", minute, 100 + minute / 2, 10)
    site.settle()
    keys = [
        (METER, "a"), (METER, "b"), (METER, "net"), (VIRTUAL, "net"), (THRESHOLDS, "a"),
        (BALANCE, "a"), (PUE, "3"),
    ]  # fmt: skip
    assert site.stage.keys() == keys
    assert set(site.touched) == set(keys)
    heir = site.resumed()
    assert [heir.stage.state(*key) for key in keys] == [site.stage.state(*key) for key in keys]
    assert heir.stage.due_ms() == site.stage.due_ms()


def test_who_takes_meters_up_live_knows_nothing_of_them_until_they_are_read() -> None:
    site = Site(real("a", every_ms=10 * SECOND))
    site.read("a", 0, 100, 90)
    assert site.resumed().kw("a") == 90
    live = site.resumed(resumed_ms=NOON + MINUTE)
    assert (live.kw("a"), live.kwh("a")) == (None, 100)
    live.read("a", 2, 101, 80)
    assert (live.kw("a"), live.told()) == (80, ["online a"])


def test_what_was_sent_holds_across_a_restart_until_it_is_silent_for_too_long() -> None:
    site = Site(A)
    site.read("a", 0, 100, 90)
    live = site.resumed(resumed_ms=NOON + 14 * MINUTE)
    assert (live.kw("a"), live.kwh("a")) == (90, 100)
    live.read("a", 15, 101, 80)
    assert live.told() == []
    assert site.resumed(resumed_ms=NOON + 15 * MINUTE + 1).kw("a") is None


def test_a_meter_that_is_no_longer_read_is_off_line_at_once() -> None:
    site = Site(A)
    site.read("a", 0, 100, 90)
    assert site.resumed(msgspec.structs.replace(A, status="decommissioned")).kw("a") is None


def test_the_alarm_of_a_parent_that_is_gone_is_cleared_as_the_stage_begins() -> None:
    site = Site(A, B, chain=CHAIN)
    for minute in range(0, 25, 5):
        site.read("a", minute, 100 + 4 * minute)
        site.read("b", minute, 100 + minute)
    assert site.told()[-1] == "alarm_raised a"
    assert site.stage.view("a", NOON, CENTS).alarms[NAME] is not None
    heir = site.resumed(chain=())
    heir.stage.begin(NOON + HOUR)
    assert heir.told() == ["alarm_cleared a"]
    assert heir.touched == {(BALANCE, "a"): NEVER_MS}
    assert heir.stage.view("a", NOON, CENTS).alarms == {}
    assert isinstance(heir.stage.state(BALANCE, "a"), msgspec.Struct)


def test_a_meter_is_shown_with_all_that_it_is_watched_and_compared_for() -> None:
    site = Site(WATCHED, B, chain=CHAIN)
    site.read("a", 0, 100, 90)
    shown = site.stage.view("a", NOON, CENTS)
    assert (shown.meter, shown.totals) == ("a", {"energy_import": 100 * KWH})
    assert shown.alarms == {**MORE, NAME: None}
    assert site.stage.view("b", NOON, CENTS).alarms == {}
