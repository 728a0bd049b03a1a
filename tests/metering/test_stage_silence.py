"""Time at the first stage: silence, whoever notices it, and what falls due next."""

from __future__ import annotations

from datetime import date

import msgspec
from tests.metering.derived import HOUR, MINUTE, NET, NOON, A, B, Site, real

from meterd.metering.setting import NEVER_MS
from meterd.metering.stage import METER
from meterd.metering.virtual import SETTLE_MS, VIRTUAL
from meterd.metering.watches import THRESHOLDS
from meterd.specs import ThresholdSpec

QUARTER = 15 * MINUTE
LOADED = ThresholdSpec(rated_kw=100.0, warning_percent=80.0)
WATCHED = real("a", thresholds=LOADED)


def test_a_poll_that_failed_once_is_written_down_and_no_more() -> None:
    site = Site(NET, WATCHED, B)
    site.read("a", 0, 100)
    site.settle()
    site.touched.clear()
    site.fail("a", 1, offline=False)
    assert list(site.touched) == [(METER, "a")]
    assert site.stage.meters["a"].state.online
    assert site.stage.virtuals.due_ms() == NEVER_MS


def test_one_that_has_gone_off_line_is_silent_for_all_who_watch_and_calculate() -> None:
    site = Site(NET, WATCHED, B)
    for name in ("a", "b"):
        site.read(name, 0, 100, 90)
    site.pass_to(NOON + SETTLE_MS)
    assert site.kw("net") == 0
    site.fail("a", 0.5)
    assert site.stage.virtuals.due_ms() == NOON + MINUTE // 2 + SETTLE_MS
    site.pass_to(NOON + 2 * MINUTE)
    assert site.told()[-2:] == ["offline a", "offline net"], "and the load is not told any more"
    site.touched.clear()
    site.fail("a", 3)
    assert (list(site.touched), site.told()) == ([(METER, "a")], [])


def test_one_that_was_never_read_is_stale_since_it_was_first_asked() -> None:
    site = Site(WATCHED)
    site.fail("a", 0, offline=False)
    assert site.stage.due_ms() == NEVER_MS
    for minute in (1, 2):
        site.fail("a", minute)
    assert site.stage.due_ms() == NOON + MINUTE + QUARTER + 1
    site.pass_to(NOON + HOUR)
    assert site.told() == ["read_failed a", "alarm_raised a"]


def test_where_nobody_reports_failures_time_tells() -> None:
    site = Site(NET, msgspec.structs.replace(WATCHED, silent_after_ms=MINUTE // 2), B)
    for name in ("a", "b"):
        site.read(name, 0, 100, 90)
    site.pass_to(NOON + SETTLE_MS)
    site.touched.clear()
    due_ms = site.stage.due_ms()
    assert due_ms == NOON + MINUTE // 2 + 1
    assert list(site.stage.advance(due_ms)) == []
    assert (site.kw("a"), site.kw("b")) == (None, 90)
    assert site.touched[METER, "a"] == NEVER_MS
    assert (METER, "b") not in site.touched
    assert site.stage.due_ms() == due_ms + SETTLE_MS
    site.pass_to(NOON + 2 * MINUTE)
    assert site.told()[-2:] == ["offline a", "offline net"], "and the load is not told any more"


def test_nothing_is_told_as_of_before_the_stage_took_over() -> None:
    site = Site(real("a", thresholds=ThresholdSpec(calibration_due=date(2020, 2, 29))))
    site.stage.resume(NOON)
    site.pass_to(NOON)
    (raised,) = site.events()
    assert (raised.kind, raised.at_ms) == ("alarm_raised", NOON)


# -- virtual meters -------------------------------------------------------------------------


def test_a_virtual_meter_is_watched_like_any_other() -> None:
    site = Site(A, B, msgspec.structs.replace(NET, thresholds=LOADED))
    for minute in (0, 1, 1.1):
        site.read("a", minute, kw=95)
        site.read("b", minute, kw=5)
    site.pass_to(NOON + 70_000)
    assert site.told() == ["online a", "online b", "online net", "alarm_raised net"]
    site.fail("b", 2)
    site.pass_to(NOON + HOUR)
    assert site.touched[METER, "net"] == NEVER_MS
    assert site.told()[-2:] == ["offline a", "alarm_raised net"], "it is stale as well"


def test_what_was_about_to_be_told_of_a_virtual_meter_is_not_once_it_is_off_line() -> None:
    site = Site(A, B, msgspec.structs.replace(NET, thresholds=LOADED))
    site.read("a", 0, kw=95)
    site.read("b", 0, kw=5)
    site.fail("b", 0.5)
    site.pass_to(NOON + 2 * MINUTE)
    assert site.touched[THRESHOLDS, "net"] == NOON + QUARTER + 1
    assert site.told()[-2:] == ["offline b", "offline net"]


def test_a_virtual_meter_that_is_off_line_stays_so_while_a_part_is() -> None:
    site = Site(A, B, NET)
    site.read("a", 0, kw=95)
    site.touched.clear()
    assert list(site.stage.look(NOON + SETTLE_MS)) == []
    assert list(site.touched) == [(VIRTUAL, "net")]
    site.read("b", 1, kw=5)
    found = [meter.spec.name for meter in site.stage.look(NOON + MINUTE + SETTLE_MS)]
    assert (found, site.kw("net")) == (["net"], 90)


def test_what_falls_due_first_is_the_next_to_be_done() -> None:
    site = Site(NET, WATCHED, B)
    assert site.stage.due_ms() == NEVER_MS
    site.read("a", 0, 100, 90)
    assert site.touched[METER, "a"] == NOON + QUARTER + 1
    assert site.stage.due_ms() == NOON + SETTLE_MS, "a virtual meter looks"
    site.pass_to(NOON + SETTLE_MS)
    assert site.stage.due_ms() == NOON + MINUTE + 1, "a load will have lasted"
    site.pass_to(NOON + MINUTE + 1)
    assert site.told()[-1] == "alarm_raised a"
    assert site.stage.due_ms() == NOON + QUARTER + 1, "it will be silent and stale"
