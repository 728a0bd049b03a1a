"""Laws of alarms: no storms, nothing due is left, and a restart changes nothing."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from meterd.metering.alarm import HOLD_MS, Turned
from meterd.metering.calendar import Calendar
from meterd.metering.thresholds import Thresholds, ThresholdsState
from meterd.specs import ThresholdSpec

BERLIN = Calendar("Europe/Berlin")
SPEC = ThresholdSpec(
    rated_kw=100.0, warning_percent=80.0, critical_percent=95.0, voltage_high=253.0,
    voltage_low=207.0, power_factor_min=0.9, imbalance_max_percent=20.0,
)  # fmt: skip

readings = st.fixed_dictionaries(
    {},
    optional={
        "currentKw": st.sampled_from([5.0, 78.4, 79.0, 80.0, 80.1, 95.1, -99.0]),
        "voltage": st.sampled_from([0.0, 206.9, 207.1, 230.0, 253.1, 250.0]),
        "powerFactor": st.sampled_from([0.1, -0.89, 0.9, 0.91, 1.0]),
        "phaseImbalance": st.sampled_from([0.0, 19.8, 20.1, 50.0]),
    },
)
Step = tuple[int, dict[str, float] | str]
"""(ms since the step before, a reading, or "silent" or "tick")"""
lives = st.lists(
    st.tuples(
        st.sampled_from([1, 1000, 10_000, 30_000, 59_999, 60_000, 60_001, 900_000, 900_001]),
        readings | st.sampled_from(["silent", "tick"]),
    ),
    max_size=40,
)


def step(alarms: Thresholds, at_ms: int, what: dict[str, float] | str) -> list[Turned]:
    if isinstance(what, dict):
        return alarms.see(at_ms, what)
    return alarms.silent(at_ms) if what == "silent" else alarms.advance(at_ms)


def live(life: list[Step], *, restarts: bool = False, ticks: bool = False) -> list[Turned]:
    """All that is told. restarts: after every step. ticks: whatever is due is done in time."""
    alarms, at_ms, told = Thresholds(SPEC, BERLIN, ThresholdsState()), 10**12, []
    for wait_ms, what in life:
        at_ms += wait_ms
        while ticks and (due_ms := alarms.due_ms()) is not None and due_ms <= at_ms:
            done = alarms.advance(due_ms)
            assert done, "what is due is done"
            told += done
        told += step(alarms, at_ms, what)
        if restarts:
            body: Any = msgspec.msgpack.encode(alarms.state)
            alarms = Thresholds(SPEC, BERLIN, msgspec.msgpack.decode(body, type=ThresholdsState))
    return told


@settings(deadline=None)
@given(lives)
def test_an_alarm_is_raised_and_cleared_in_turn_and_never_in_a_storm(life: list[Step]) -> None:
    last: dict[tuple[str, str], Turned] = {}
    for one in live(life):
        key = (one.alarm, one.severity)
        before = last.get(key)
        assert one.kind == ("alarm_raised" if before is None else _other(before.kind))
        if before is not None and one.alarm != "stale":
            assert one.at_ms - before.at_ms >= HOLD_MS
        last[key] = one


def _other(kind: str) -> str:
    return {"alarm_raised": "alarm_cleared", "alarm_cleared": "alarm_raised"}[kind]


@settings(deadline=None)
@given(lives)
def test_ticks_in_between_change_nothing(life: list[Step]) -> None:
    assert live(life, ticks=True) == live(life)


@settings(deadline=None)
@given(lives)
def test_a_restart_anywhere_changes_nothing(life: list[Step]) -> None:
    assert live(life, restarts=True) == live(life)
