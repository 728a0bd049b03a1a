"""Energy from power: the trapezoid between two readings, in integers.

Power is milliwatts, time milliseconds; the fraction of a joule is carried, so integrating
finely or coarsely differs by nothing but the readings. Across more than fifteen minutes
nothing is integrated: it is missing (contract section 2, "Power"). Negative power goes to
export; where the sign changes, each side gets its triangle.
"""

from __future__ import annotations

from typing import Final

import msgspec

from meterd.events import GOOD, MISSING, Booking
from meterd.specs import STALE_MS

MW_PER_KW: Final = 1_000_000
HALVES_PER_JOULE: Final = 2_000_000
"""Twice the milliwatt-milliseconds in a joule: a trapezoid is (a + b) x dt / 2."""


class PowerState(msgspec.Struct, array_like=True, gc=False):
    """The last power and the carried fractions (in halves) of each direction.

    covered_ms: booked up to here; later than `at_ms` after the clock was stepped back.
    """

    at_ms: int = 0
    mono_ms: int = 0
    power_mw: int = 0
    import_carry: int = 0
    export_carry: int = 0
    covered_ms: int = 0


def milliwatts(power_kw: float) -> int:
    """A power in kilowatts, rounded to the milliwatt."""
    return round(power_kw * MW_PER_KW)


class Integrator:
    """One power of one meter. `observe` returns (import, export) bookings."""

    def __init__(self, meter: str, state: PowerState, event: str = "") -> None:
        self.meter = meter
        self.state = state
        self.event = event

    def observe(self, at_ms: int, mono_ms: int, power_mw: int) -> tuple[Booking, Booking] | None:
        """Book from the last reading to this one; None when it is the first, or no later."""
        state = self.state
        began_ms, last_mw = state.at_ms, state.power_mw
        both_mono = mono_ms and state.mono_ms
        span_ms = mono_ms - state.mono_ms if both_mono else at_ms - began_ms
        if began_ms and span_ms <= 0:
            return None
        state.at_ms, state.mono_ms, state.power_mw = at_ms, mono_ms, power_mw
        if not began_ms:
            return self._both(at_ms, 0, 0)
        if span_ms > STALE_MS:
            return self._both(at_ms, 0, 0, MISSING)
        inward, outward = _areas(last_mw, power_mw, span_ms)
        taken, state.import_carry = divmod(state.import_carry + inward, HALVES_PER_JOULE)
        given, state.export_carry = divmod(state.export_carry + outward, HALVES_PER_JOULE)
        return self._both(at_ms, taken, given)

    def _both(
        self, at_ms: int, taken: int, given: int, quality: str = GOOD
    ) -> tuple[Booking, Booking]:
        """From what is covered so far up to `at_ms`."""
        start_ms = self.state.covered_ms or at_ms
        end_ms = self.state.covered_ms = max(start_ms, at_ms)
        event = self.event
        return (
            Booking(self.meter, "energy_import", start_ms, end_ms, taken, quality, event=event),
            Booking(self.meter, "energy_export", start_ms, end_ms, given, quality, event=event),
        )


def _areas(first_mw: int, last_mw: int, span_ms: int) -> tuple[int, int]:
    """Twice the area above and below zero of the line between two powers."""
    if first_mw >= 0 and last_mw >= 0:
        return (first_mw + last_mw) * span_ms, 0
    if first_mw <= 0 and last_mw <= 0:
        return 0, -(first_mw + last_mw) * span_ms
    height = abs(first_mw) + abs(last_mw)
    above = max(first_mw, last_mw) ** 2 * span_ms // height
    below = min(first_mw, last_mw) ** 2 * span_ms // height
    return above, below
