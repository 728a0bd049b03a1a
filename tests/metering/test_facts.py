"""What a device says of itself: uptime, serial number, texts."""

from __future__ import annotations

from typing import Any

import pytest
from tests.metering.living import MINUTE, NOON

from meterd.events import Reading
from meterd.metering.facts import UPTIME_WRAP_S, has_rebooted, note_facts
from meterd.metering.meter_state import MeterState


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
