"""What a host's boot does to a meter's clocks.

Within one boot elapsed time is monotonic; from the last reading of one boot to the first of the
next it is the wall clock's. But a host that boots may not know how long it was away, and a
device that was up all the while does: where its uptime says that more has passed, it is
believed. A reading from before our own past waits until the wall clock is set.
"""

from __future__ import annotations

import msgspec

from meterd.events import Reading
from meterd.metering.facts import UPTIME_SLACK_S
from meterd.metering.meter_state import MeterState
from meterd.metering.register import RegisterState, moved


def boot(state: MeterState, reading: Reading) -> bool:
    """Put the meter's marks on the clock of the reading's boot. False: it comes from before
    the last reading by the wall clock, and nothing is known of the time between.
    """
    before_ms, mono_ms, by_ms = state.at_ms, reading.mono_ms, 0
    if before_ms is not None and reading.at_ms <= before_ms:
        return False
    if before_ms is not None and mono_ms and state.mono_ms:
        by_ms = mono_ms - _between_ms(state, before_ms, reading) - state.mono_ms
    state.boot, state.mono_ms = reading.boot, moved(state.mono_ms, by_ms)
    for register in state.registers.values():
        change_clock(register, by_ms)
    for power in state.powers.values():
        power.mono_ms = moved(power.mono_ms, by_ms)
    return True


def _between_ms(state: MeterState, before_ms: int, reading: Reading) -> int:
    """From the last reading to this one: by the wall clock, or by the device's if that is more."""
    wall_ms = reading.at_ms - before_ms
    before_s, uptime_s = state.uptime_s, reading.uptime_s
    if before_s is None or uptime_s is None or state.uptime_at_ms != before_ms:
        return wall_ms
    device_ms = round((uptime_s - before_s) * 1000)
    return device_ms if device_ms > wall_ms + UPTIME_SLACK_S * 1000 else wall_ms


def change_clock(state: RegisterState, by_ms: int = 0) -> None:
    """Every mark of a register on the next boot's clock.

    by_ms: how far that one is from the last boot's, 0 where nobody knows.
    """
    state.prev, state.before, state.moved, state.last = (
        mark and mark.on_clock(by_ms)
        for mark in (state.prev, state.before, state.moved, state.last)
    )
    if (question := state.question) is not None:
        mark = question.mark.on_clock(by_ms)
        state.question = msgspec.structs.replace(question, mark=mark)
    state.goods = tuple(
        msgspec.structs.replace(good, mark=good.mark.on_clock(by_ms)) for good in state.goods
    )
    if (undone := state.replaced) is not None:
        state.replaced = (undone[0], undone[1].on_clock(by_ms))
