"""What a device says of its own counters, where the configuration says nothing.

An accumulator tells what one count is and the largest it shows before it wraps. What it has
told is kept with the register, so a wrap during an outage is still known for one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from meterd.metering.meter import Meter
from meterd.specs import RegisterSpec


class Dial(NamedTuple):
    """What a device says of one of its counters: one count (`step`), and where it wraps."""

    step: int
    modulus: int | None = None


def learn(meter: Meter, dials: Mapping[str, tuple[int, int | None]]) -> None:
    """Believe what a reading brings of the meter's counters: each is a Dial."""
    for quantity, dial in dials.items():
        counter = meter.registers.get(quantity)
        if counter is not None and counter.state.told != dial:
            counter.state.told = dial
            recall(meter)


def recall(meter: Meter) -> None:
    """Let every counter be judged by what its device has told of it."""
    for register in meter.spec.registers:
        counter = meter.registers[register.quantity]
        if counter.state.told is not None:
            counter.spec = completed(register, Dial(*counter.state.told))


def completed(register: RegisterSpec, dial: Dial) -> RegisterSpec:
    """A register as declared, and where nothing is, as its device says."""
    return msgspec.structs.replace(
        register,
        count=dial.step if register.count == 1 else register.count,
        modulus=dial.modulus if register.modulus is None else register.modulus,
    )
