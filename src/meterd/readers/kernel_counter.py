"""Inputs that the kernel counts: the counter subsystem's files, read like any register.

Such a count survives a restart of the daemon and not one of the host, so a reading tells
the host's uptime with it: a fall together with a new boot is a reset. `ceiling`, where the
driver has one, is where the count wraps.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from meterd.config.pulse import PulseDevice, PulsePoint
from meterd.events import Reading
from meterd.metering.dial import Dial
from meterd.readers.line import ReadFailed, Surroundings
from meterd.readers.number_file import Aside, number

TIMEOUT_MS: Final = 1000
"""No counter of a kernel that is well takes longer."""
CEILING_MAX: Final = 2**63 - 1
"""A larger one is never reached, and no store keeps it."""


class Counters:
    """The counters of one meter that stand in files."""

    def __init__(self, device: PulseDevice, around: Surroundings) -> None:
        self._device = device
        self._points = tuple(point for point in device.points if point.path)
        self._around = around
        self._aside = Aside(TIMEOUT_MS)

    async def read(self, beside: Reading | None) -> Reading:
        """Their values, added to what the meter's lines have if there is that.

        Raises ReadFailed when there would be nothing.
        """
        if beside is not None and not self._points:
            return beside
        counts: dict[str, int] = {}
        dials: dict[str, Dial] = {}
        failure: ReadFailed | None = None
        for point in self._points:
            try:
                counts[point.quantity], dial = await self._aside.do(partial(_count, point))
            except ReadFailed as error:
                failure = error
                continue
            if dial is not None:
                dials[point.quantity] = dial
        if beside is None and failure is not None and not counts:
            raise failure
        clock = self._around.clock
        reading = beside or Reading(self._device.meter, clock.now_ms(), {}, {})
        return msgspec.structs.replace(
            reading,
            registers=reading.registers | counts,
            missing=tuple(p.quantity for p in self._points if p.quantity not in counts),
            uptime_s=clock.mono_ms() / 1000,
            boot=clock.boot,
            mono_ms=clock.mono_ms(),
            dials=dials,
        )


def _count(point: PulsePoint) -> tuple[int, Dial | None]:
    """What a counter shows, and where it wraps if that is known. Raises ReadFailed."""
    enable, ceiling = (Path(point.path).with_name(name) for name in ("enable", "ceiling"))
    if enable.exists() and number(str(enable)) == 0:
        text = f"{point.path} does not count; write 1 into {enable}"
        raise ReadFailed("disabled", text)
    amount = point.start + int(number(point.path) * point.amount)
    if point.start or not ceiling.exists() or not 0 < (most := number(str(ceiling))) <= CEILING_MAX:
        return amount, None
    one = max(1, int(point.amount))
    return amount, Dial(one, int((most + 1) * point.amount))
