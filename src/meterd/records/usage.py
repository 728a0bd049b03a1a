"""What a record counts: one counter's booking, or a sum of registers lined up in time.

Both are asked for what was used before an instant, and hand over nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable

from meterd.events import Booking
from meterd.metering.parts import Parts

Usage = Callable[[int], int]
"""(instant) -> base units used before it that were not handed over yet. Instants rise."""


def of_booking(booking: Booking, amount: int) -> Usage:
    """Of one booking: by time, rounded down cumulatively. amount: what of it to count."""
    given = 0

    def before(at_ms: int) -> int:
        nonlocal given
        if at_ms >= booking.end_ms:
            share = amount
        elif at_ms <= booking.start_ms:
            share = 0
        else:
            span_ms = booking.end_ms - booking.start_ms
            share = amount * (at_ms - booking.start_ms) // span_ms
        last, given = given, share
        return share - last

    return before


def of_sum(parts: Parts) -> Usage:
    """Of several registers, each as far as it is known."""
    return lambda at_ms: parts.take(at_ms).amount
