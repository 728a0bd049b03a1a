"""A configuration changes while its record is open."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.records.day import SHIFTS, TEN, Day, changed, spec_of


def test_a_new_price_applies_from_the_next_record() -> None:
    day = Day(spec_of(cost_per_unit=Decimal("0.30"))).play("05:00 seen\n05:10 book 3600000")
    day = changed(day, spec_of(cost_per_unit=Decimal("0.50")))
    day.play("""
        05:20 book 3600000
        05:20 cut
        05:30 book 3600000
    """)
    assert [row.cost for row in day.rows()] == ["0.6", "0.5"]


def test_a_new_unit_does_not_change_the_price_of_the_open_record() -> None:
    day = Day(spec_of(cost_per_unit=Decimal("0.30"))).play("05:00 seen\n05:10 book 3600000")
    day = changed(day, spec_of(cost_per_unit=Decimal(300), usage_unit="MWh"))
    day.play("""
        05:20 cut
        05:30 book 7200000
    """)
    assert [row.cost for row in day.rows()] == ["0.6", "0.3"]


def test_the_location_is_where_it_was_when_the_record_was_made() -> None:
    day = Day(spec_of(location="line-1")).play("05:00 seen\n05:10 book 1")
    day = changed(day, spec_of(location="line-2")).play("05:20 book 1\n05:20 cut")
    assert [row.location for row in day.rows()] == ["line-1", "line-2"]


def test_a_shorter_duration_cuts_at_the_last_reading_not_before() -> None:
    day = Day(spec_of()).play("05:00 seen\n05:40 book 40")
    day = changed(day, spec_of(**TEN)).play("05:42 book 2")
    assert day.table() == ["1 05:00 05:40 COMPLETED 40 duration", "2 05:40 - RUNNING 2 -"]


def test_a_new_schedule_does_not_cut_in_the_past() -> None:
    day = Day(spec_of()).play("05:00 seen\n07:00 book 120")
    day = changed(day, spec_of(**SHIFTS)).play("07:10 book 10")
    assert day.table() == ["1 05:00 - RUNNING 130 -"]


@pytest.mark.parametrize("next_step", ["05:20 book 20", "05:25 tick\n05:26 book 20"])
def test_a_disabled_configuration_ends_its_record_at_the_last_reading(next_step: str) -> None:
    day = Day(spec_of()).play("05:00 seen\n05:10 book 10")
    day = changed(day, spec_of(enabled=False)).play(next_step)
    assert day.table() == ["1 05:00 05:10 COMPLETED 10 disabled", "not recorded 20"]
    day = changed(day, spec_of()).play("05:30 book 10\n05:40 book 1")
    assert day.table() == ["2 05:30 - RUNNING 1 -", "not recorded 30"]


def test_a_rollover_cuts_nothing_of_a_configuration_just_disabled() -> None:
    day = Day(spec_of()).play("05:00 seen\n05:10 book 10")
    day = changed(day, spec_of(enabled=False)).play("05:20 book 20 rollover 5")
    assert day.table() == ["1 05:00 05:10 COMPLETED 10 disabled", "not recorded 20"]


def test_a_record_begun_in_silence_and_disabled_ends_where_it_began() -> None:
    day = Day(spec_of(**SHIFTS)).play("05:40 seen\n06:15 tick")
    day = changed(day, spec_of(enabled=False)).play("06:20 book 40")
    assert day.table() == ["2 06:00 06:00 COMPLETED 20 disabled", "not recorded 20"]
