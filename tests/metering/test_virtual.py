"""The gauges of a virtual meter: those of one instant, or none."""

from __future__ import annotations

import msgspec
from tests.metering.derived import (
    HOUR,
    KWH,
    MINUTE,
    NET,
    NOON,
    SECOND,
    SUM,
    A,
    B,
    Site,
    both,
    real,
    virtual,
)

from meterd.events import QUESTIONABLE
from meterd.metering.virtual import SETTLE_MS


def test_its_gauges_are_those_of_the_instant_when_all_parts_are_there() -> None:
    site = Site(A, B, NET)
    both(site, 0, (100, 30), (50, 10))
    assert site.kw("net") is None, "other parts of this cycle may still come"
    site.pass_to(NOON + SETTLE_MS)
    assert site.kw("net") == 20
    assert site.stage.meters["net"].state.at_ms == NOON
    assert site.told() == ["online a", "online b", "online net"]


def test_it_looks_once_a_cycle_and_takes_the_newest_of_each_part() -> None:
    site = Site(A, B, NET)
    site.read("a", 0, kw=30)
    site.read("b", 0.005, kw=10)
    site.read("a", 0.01, kw=31)
    site.pass_to(NOON + 2 * SECOND)
    assert site.kw("net") == 21
    assert site.stage.meters["net"].state.at_ms == NOON + 600


def test_without_a_part_it_is_off_line_and_says_which() -> None:
    site = Site(A, B, NET)
    site.read("a", 0, kw=30)
    site.pass_to(NOON + MINUTE)
    assert site.kw("net") is None
    assert not site.stage.meters["net"].state.online
    site.read("b", 2, kw=10)
    site.pass_to(NOON + 3 * MINUTE)
    assert site.kw("net") == 20
    site.told()
    site.fail("b", 4, offline=False)
    site.pass_to(NOON + 5 * MINUTE)
    assert site.told() == ["read_failed b"]
    site.fail("b", 6)
    site.pass_to(NOON + 7 * MINUTE)
    (gone, silent) = site.events()
    assert (gone.kind, gone.meter) == ("offline", "b")
    assert (silent.kind, silent.meter, silent.at_ms) == ("offline", "net", NOON + 6 * MINUTE)
    assert silent.numbers == {"reason": "b is silent"}
    site.read("a", 8, kw=5)
    site.fail("b", 8)
    site.pass_to(NOON + 9 * MINUTE)
    assert site.told() == []


def test_a_part_that_is_silent_for_too_long_is_none() -> None:
    site = Site(A, B, NET)
    both(site, 0, (100, 30), (50, 10))
    site.read("a", 14, kw=30)
    site.pass_to(NOON + 20 * MINUTE)
    assert site.kw("net") is None
    assert site.told()[-2:] == ["offline b", "offline net"]


def test_a_quantity_that_was_not_read_makes_its_own_missing_and_no_other() -> None:
    spec = virtual("v", active_power="a.active_power * 2", energy_import="a.energy_import")
    site = Site(A, spec)
    site.read("a", 0, 100, 7)
    site.read("a", 1, 101)
    site.pass_to(NOON + 2 * MINUTE)
    meter = site.stage.meters["v"]
    assert (meter.state.online, meter.state.gauges) == (True, {})
    assert site.kwh("v") == 1


def test_a_division_by_zero_is_missing_and_told_once() -> None:
    spec = virtual("v", ratio="a.active_power / b.active_power", same="a.active_power * 1")
    site = Site(A, B, spec)
    for minute, kw in enumerate([2, 0, 0, 4, 0]):
        site.read("a", minute, kw=8)
        site.read("b", minute, kw=kw)
        site.pass_to(NOON + minute * MINUTE + 2 * SECOND)
        shown = site.stage.meters["v"].state.gauges
        assert shown == ({"ratio": 8 / kw, "same": 8} if kw else {"same": 8})
    events = [event for event in site.events() if event.kind == "divided_by_zero"]
    assert [event.at_ms for event in events] == [NOON + MINUTE, NOON + 4 * MINUTE]
    assert (events[0].meter, events[0].quantity) == ("v", "ratio")
    assert events[0].numbers == {"expression": "a.active_power / b.active_power"}


def test_what_is_no_number_is_missing_and_told() -> None:
    site = Site(real("a", units={"label": ""}), virtual("v", copy="a.label"))
    site.read("a", 0, texts={"label": "B17"})
    site.settle()
    assert site.stage.meters["v"].state.gauges == {}
    assert site.told() == ["online a", "not_a_number v", "online v"]


def test_units_are_converted_once() -> None:
    part = real("a", units={"small": "W", "own": "L/s"})
    made = virtual("v", active_power="a.small * 3", flow="a.own")
    made = msgspec.structs.replace(made, units={"active_power": "kW", "flow": "m3/h"})
    site = Site(part, made)
    site.read("a", 0, gauges={"small": 0.1, "own": 1.0})
    site.settle()
    assert site.stage.meters["v"].state.gauges == {"active_power": 0.0003, "flow": 3.6}


def test_the_quality_is_that_of_the_worst_part() -> None:
    site = Site(A, B, NET)
    site.read("a", 0, kw=3)
    site.read("b", 0, kw=1, quality=QUESTIONABLE)
    site.settle()
    assert site.stage.meters["net"].state.quality == QUESTIONABLE


def test_power_alone_is_integrated_like_any_meters() -> None:
    site = Site(A, B, virtual("v", active_power="a.active_power - b.active_power"))
    for minute in (0, 5, 10):
        both(site, minute, (100 + minute, 30), (50, 18))
    site.settle()
    assert site.kwh("v") == 2
    powers = [one for one in site.intervals if one.meter == "v" and one.amount]
    assert [(one.method, one.amount / KWH) for one in powers] == [("integrated", 1)] * 2


# -- clocks ---------------------------------------------------------------------------------


def test_a_clock_that_is_set_back_does_not_stop_it() -> None:
    site = Site(A, B, NET)
    for minute, mono_ms, kw in ((0, 1000, 30), (-60, 61_000, 40)):
        for name, power in (("a", kw), ("b", 10)):
            site.read(name, minute, kw=power, mono_ms=mono_ms, boot="x")
        site.settle()
    assert site.kw("net") == 30
    assert site.stage.meters["net"].state.at_ms == NOON - HOUR


def test_a_new_boot_counts_from_its_own_clock() -> None:
    site = Site(A, B, NET)
    for boot, minute, mono_ms in (("x", 0, 900_000), ("y", 1, 1_000)):
        for name in ("a", "b"):
            site.read(name, minute, kw=5 + minute, mono_ms=mono_ms, boot=boot)
        site.settle()
    assert site.stage.meters["net"].state.at_ms == NOON + MINUTE


def test_an_older_reading_of_a_part_is_not_the_newest() -> None:
    site = Site(A, B, NET)
    for name, minute, mono_ms in (("a", 1, 61_000), ("b", 0.5, 31_000)):
        site.read(name, minute, kw=5, mono_ms=mono_ms, boot="x")
    site.settle()
    assert site.stage.meters["net"].state.at_ms == NOON + MINUTE


def test_an_hour_that_the_clock_skipped_is_no_time() -> None:
    site = Site(A, B, SUM)
    far = 60 * 24 * 365 * 20.0
    for minute, mono_ms, kwh in ((0, 1_000, 100), (1, 61_000, 101), (far, 121_000, 102)):
        for name in ("a", "b"):
            site.read(name, minute, kwh, mono_ms=mono_ms, boot="x")
    assert site.kwh("sum") == 4
    assert len(site.closed("sum")) == 2
    assert [start for start, _kwh, _q in site.closed("sum")] == [
        start for start, _kwh, _q in site.closed("a")
    ]
