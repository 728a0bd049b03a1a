"""A host's boot: its monotonic clock begins again, and its wall clock may be behind."""

from typing import Any

import pytest
from tests.metering.days import KWH, T0, counter
from tests.metering.living import MINUTE, NOON, Living, register, spec

from meterd.metering.clocks import change_clock
from meterd.metering.journal import Journal
from meterd.metering.register import Mark, RegisterState


def test_after_a_boot_only_the_wall_clock_counts() -> None:
    register = counter()
    journal = Journal(str)
    register.observe(Mark(500 * KWH, T0, 9_000_000), journal)
    register.observe(Mark(9000 * KWH, T0 + 360_000, 9_360_000), journal)
    register.remember(Mark(499 * KWH, T0, 5))
    register.state.replaced = ("A", Mark(1, T0, 5))
    change_clock(register.state)
    assert register.state.prev == Mark(500 * KWH, T0)
    assert register.state.question is not None
    assert register.state.question.mark.mono_ms == 0
    assert [good.mark for good in register.state.goods] == [Mark(499 * KWH, T0)]
    assert register.state.replaced == ("A", Mark(1, T0))
    booked = register.observe(Mark(504 * KWH, T0 + 720_000, 1_000), journal)
    assert sum(b.amount for b in booked) == 4 * KWH
    fresh = RegisterState()
    change_clock(fresh)
    assert fresh == RegisterState()


@pytest.mark.parametrize(
    ("mono_ms", "by_ms", "then"), [(500, -800, -300), (500, -500, -1), (0, -800, 0), (500, 0, 0)]
)
def test_a_mark_on_the_next_boots_clock(mono_ms: int, by_ms: int, then: int) -> None:
    assert Mark(1, T0, mono_ms).on_clock(by_ms) == Mark(1, T0, then)


def lived(*uptimes: float | None) -> Living:
    """Polled every five minutes of one boot; what its device said of its uptime, in minutes."""
    life = Living(spec(register(), integrate=True))
    for index, up in enumerate(uptimes):
        uptime_s = None if up is None else up * 60
        mono_ms = 1 + index * 5 * MINUTE
        life.read(5 * index, 500 + index, active_power=12, boot="b", mono_ms=mono_ms,
                  uptime_s=uptime_s)  # fmt: skip
    life.told()
    return life


def boots(life: Living, minute: float, kwh: float, **more: Any) -> None:
    """A reading of the next boot."""
    life.read(minute, kwh, **{"boot": "c", "mono_ms": 20_000, **more})


def test_an_uptime_shows_that_a_host_was_away_for_longer_than_its_clock_says() -> None:
    life = lived(100, 105)
    boots(life, 6, 600, uptime_s=165 * 60.0)  # an hour, and the wall clock says one minute
    assert life.told() == ["clock_stepped"]
    assert life.booked() == 99
    assert life.meter.state.mono_ms == 20_000
    boots(life, 11, 608, mono_ms=320_000, uptime_s=170 * 60.0)
    assert (life.told(), life.booked()) == ([], 8)


@pytest.mark.parametrize(
    ("before", "uptime_s"),
    [
        ((100, 105), None),
        ((100, None), 165 * 60.0),  # how long it was up at the last reading is not known
        ((100, 105), 106 * 60.0 + 5),  # as the wall clock says, nearly
        ((100, 105), 30.0),  # the device was away too
    ],
)
def test_else_the_wall_clock_counts(before: tuple[float | None, ...], uptime_s: Any) -> None:
    life = lived(*before)
    boots(life, 6, 600, uptime_s=uptime_s)
    assert life.told() == ["anomaly_ceiling"]
    assert life.booked() == 0


def test_of_a_recording_no_uptime_is_believed() -> None:
    life = lived(100, 105)
    boots(life, 6, 600, mono_ms=0, uptime_s=165 * 60.0)
    assert life.told() == ["anomaly_ceiling"]
    boots(life, 7, 601, boot="d", uptime_s=900 * 60.0)
    assert life.told() == ["level_shift"]


def test_what_comes_from_before_our_own_past_waits_for_the_clock() -> None:
    life = lived(100, 105)
    boots(life, 3, 550, uptime_s=155 * 60.0)
    assert life.told() == ["out_of_order"]
    assert (life.meter.state.boot, life.meter.state.at_ms) == ("b", NOON + 5 * MINUTE)
    boots(life, 65, 600, mono_ms=920_000, uptime_s=165 * 60.0)
    assert (life.told(), life.booked()) == ([], 99)
    assert life.meter.bookings[0].quality == "gap"


def test_what_passed_before_the_boot_is_not_lost_with_a_clock_that_was_set_back() -> None:
    """The wall clock was set back after the last value, and something else was read since."""
    life = lived(None, None)
    life.read(-50, boot="b", mono_ms=1 + 10 * MINUTE, missing=("energy_import",))
    assert life.told() == ["clock_stepped", "read_failed"]
    boots(life, -45, 515)
    assert (life.told(), life.booked()) == ([], 14)
