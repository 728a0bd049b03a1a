"""What a device says of itself: its serial number, how long it has been up, other texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from meterd.events import Reading
from meterd.metering.meter_state import MeterState
from meterd.metering.register import RegisterState

SERIAL: Final = "serial_number"
LAST_RESET: Final = "last_reset"
UPTIME: Final = "uptime"
UPTIME_WRAP_S: Final = 42_949_672.96
"""Where sysUpTime, hundredths of a second in 32 bits, starts again."""
UPTIME_SLACK_S: Final = 5.0


def note_evidence(state: MeterState, reading: Reading, registers: Iterable[RegisterState]) -> None:
    """Tell the registers what the device says of itself that may mean that they began anew."""
    rebooted, cleared = has_rebooted(state, reading), was_reset(state, reading)
    if rebooted or cleared:
        for register in registers:
            register.rebooted |= rebooted
            register.cleared |= cleared


def was_reset(state: MeterState, reading: Reading) -> bool:
    """Whether the device says that its counters were cleared at another time than it said before.
    `note_facts` keeps the time for the next reading.
    """
    told, before = reading.texts.get(LAST_RESET), state.texts.get(LAST_RESET)
    return None not in {told, before} and told != before


def has_rebooted(state: MeterState, reading: Reading) -> bool:
    """Whether the uptime went back; sysUpTime's own wrap is no reboot. It is kept for the
    next reading.
    """
    uptime_s, before_s = reading.uptime_s, state.uptime_s
    if uptime_s is None:
        return False
    elapsed_s = (reading.at_ms - state.uptime_at_ms) / 1000
    state.uptime_s, state.uptime_at_ms = uptime_s, reading.at_ms
    if before_s is None or uptime_s >= before_s - UPTIME_SLACK_S:
        return False
    return abs(before_s + elapsed_s - UPTIME_WRAP_S - uptime_s) > UPTIME_SLACK_S


def note_facts(state: MeterState, reading: Reading) -> None:
    """Show them beside what was measured. Texts are known until they are told anew."""
    if reading.texts:
        state.texts = {**state.texts, **reading.texts}
    if reading.serial is not None and state.texts.get(SERIAL) != reading.serial:
        state.texts = {**state.texts, SERIAL: reading.serial}
    if reading.uptime_s is not None:
        state.gauges = {**state.gauges, UPTIME: reading.uptime_s}
