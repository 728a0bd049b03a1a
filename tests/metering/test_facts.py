"""What a device says of itself: uptime, serial number, texts."""

from __future__ import annotations

from typing import Any

import pytest
from tests.metering.living import MINUTE, NOON, Living, register, spec

from meterd.events import Reading
from meterd.metering.facts import UPTIME_WRAP_S, has_rebooted, note_evidence, note_facts
from meterd.metering.meter_state import MeterState
from meterd.metering.register import RegisterState


def reading(minute: float, **told: Any) -> Reading:
    return Reading("m", NOON + round(minute * MINUTE), {}, {}, **told)


@pytest.mark.parametrize(
    ("before", "after", "rebooted"),
    [
        (None, 60.0, False),
        (1000.0, None, False),
        (1000.0, 1300.0, False),
        (1000.0, 996.0, False),  # within the slack
        (1000.0, 10.0, True),
        (UPTIME_WRAP_S - 100.0, 200.0, False),  # sysUpTime's own wrap
        (UPTIME_WRAP_S - 100.0, 194.0, True),
    ],
)
def test_an_uptime_that_went_back_is_a_reboot(
    before: float | None, after: float | None, rebooted: bool
) -> None:
    state = MeterState()
    assert not has_rebooted(state, reading(0, uptime_s=before))
    assert has_rebooted(state, reading(5, uptime_s=after)) == rebooted
    assert state.uptime_s == (before if after is None else after)


def test_facts_are_shown_until_they_are_told_anew() -> None:
    state = MeterState(gauges={"voltage": 230.0})
    note_facts(state, reading(0, serial="A", uptime_s=60.0, texts={"batch_id": "7"}))
    assert state.texts == {"batch_id": "7", "serial_number": "A"}
    assert state.gauges == {"voltage": 230.0, "uptime": 60.0}
    kept = state.texts
    note_facts(state, reading(5, serial="A"))
    assert state.texts is kept
    note_facts(state, reading(10))
    note_facts(state, reading(10, texts={"batch_id": "8"}))
    assert state.texts == {"batch_id": "8", "serial_number": "A"}


STAMP = {"last_reset": "03/14/2025"}
LATER = {"last_reset": "03/15/2025"}


@pytest.mark.parametrize(
    ("before", "after", "cleared"),
    [(STAMP, STAMP, False), (STAMP, LATER, True), (STAMP, {}, False), ({}, STAMP, False)],
)
def test_a_last_reset_that_moved_proves_a_reset(
    before: dict[str, str], after: dict[str, str], cleared: bool
) -> None:
    state, known = MeterState(), RegisterState()
    note_facts(state, reading(0, texts=before))
    note_evidence(state, reading(5, texts=after), [known])
    assert (known.rebooted, known.cleared) == (False, cleared)


@pytest.mark.parametrize("nonvolatile", [True, False])
def test_a_counter_that_was_cleared_by_hand_is_known_at_once(nonvolatile: bool) -> None:
    life = Living(spec(register(nonvolatile=nonvolatile)))
    life.read(0, 500, texts=STAMP)
    life.told()
    life.read(5, 1, texts=LATER)
    assert (life.told(), life.booked()) == (["reset"], 0)
    life.read(10, 2, texts=LATER)
    assert (life.told(), life.booked()) == ([], 1)


def test_a_cleared_counter_that_has_passed_its_old_value_is_a_lower_bound() -> None:
    life = Living(spec(register(nonvolatile=True)))
    life.read(0, 1, texts=STAMP)
    life.told()
    life.read(5, 2, texts=LATER)
    assert (life.told(), life.booked()) == (["minimum_booked"], 1)


def test_where_the_time_of_the_last_reset_is_told_a_wrap_without_it_is_a_wrap() -> None:
    wraps = register(nonvolatile=True, modulus=10_000 * 3_600_000)
    for stamp, event in ((STAMP, "rollover"), (LATER, "reset")):
        life = Living(spec(wraps))
        life.read(0, 9_999, texts=STAMP)
        life.told()
        life.read(5, 1, texts=stamp)
        assert life.told()[0] == event
