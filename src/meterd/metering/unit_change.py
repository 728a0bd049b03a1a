"""A counter that goes on in another unit: Wh before an update of the device, kWh after it.

The law takes what it then shows for a reset or a new level, and what follows for use: a
thousandth of it, or a thousand times as much. Where the last value before and the first after
agree but for a factor of a thousand, that is told, and until another counter takes over or the
unit comes back what is booked is questionable. Nothing is booked otherwise than the law says:
which of both units is the wrong one is for people to find out.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import msgspec

from meterd.events import GAP, GOOD, QUESTIONABLE, Booking
from meterd.metering.journal import Journal
from meterd.metering.register import Mark, Register, Swap, elapsed
from meterd.units import shown

POWER: Final = 3
FACTOR: Final = 10**POWER
SHARE: Final = 20
"""What may have been used in between is at most this part of a value that proves something."""


def judged(register: Register, bookings: Sequence[Booking], journal: Journal) -> Sequence[Booking]:
    """What a reading has booked, in doubt while the unit is.

    Judges each take-over once, when its first value is known; tells one that looks like another
    unit (`unit_suspected`).
    """
    swap = register.state.swap
    if swap is not None and swap.unit_power is None and (new := swap.new) is not None:
        power = _power(register, swap.old, new)
        swap = register.state.swap = msgspec.structs.replace(swap, unit_power=power)
        if power:
            _tell(register, swap, new, journal)
    if swap is None or not swap.unit_power:
        return bookings
    return [
        msgspec.structs.replace(one, quality=QUESTIONABLE) if one.quality in (GOOD, GAP) else one
        for one in bookings
    ]


def _power(register: Register, old: Mark, new: Mark) -> int:
    """The power of ten between two values that agree otherwise; 0 where nothing shows one."""
    most, count = register.cap(elapsed(old, new)), register.spec.count
    if most is None or (most + FACTOR * count) * SHARE > old.amount:
        return 0
    for power, amount, step in (
        (-POWER, new.amount * FACTOR, FACTOR * count),
        (POWER, new.amount // FACTOR, count),
    ):
        if -step < amount - old.amount <= most:
            return power
    return 0


def _tell(register: Register, swap: Swap, new: Mark, journal: Journal) -> None:
    unit = register.spec.unit
    numbers = {
        "value": shown(new.amount, unit),
        "baseline": shown(swap.old.amount, unit),
        "unit": unit,
        "factor": f"{Decimal(1).scaleb(swap.unit_power or 0):f}",
    }
    journal.event(new.at_ms, "unit_suspected", register.meter, register.spec.quantity, **numbers)
