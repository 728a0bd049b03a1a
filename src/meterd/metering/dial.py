"""What a device says of its own counters, where the configuration says nothing.

An accumulator tells what one count is and the largest it shows before it wraps. What it has
told is kept with the register, so a wrap during an outage is still known for one.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from meterd.events import Dial
from meterd.metering.meter import Meter
from meterd.specs import RegisterSpec


def learn(meter: Meter, dials: Mapping[str, Dial]) -> None:
    """Believe what a reading brings of the meter's counters."""
    for quantity, dial in dials.items():
        counter = meter.registers.get(quantity)
        if counter is not None and counter.state.told != (dial.count, dial.modulus):
            counter.state.told = (dial.count, dial.modulus)
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
        count=dial.count if register.count == 1 else register.count,
        modulus=dial.modulus if register.modulus is None else register.modulus,
    )
