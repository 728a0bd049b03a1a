"""Loss windows: time in which a meter may have counted what nobody heard.

A pulse that comes while nobody listens leaves no trace, unlike a register that stands there
until it is read again. So the time is said to be missing, and what is booked around it to
be a lower bound; nothing is invented.
"""

from __future__ import annotations

from meterd.events import Booking
from meterd.metering.calendar import iso
from meterd.metering.journal import Journal
from meterd.metering.meter import Meter
from meterd.metering.register import Mark
from meterd.orders import LOSS_WINDOW, LossDeclared


def declare(meter: Meter, loss: LossDeclared, journal: Journal) -> None:
    """Book the time since each counter's newest entry as missing, with an event for each."""
    found: list[Booking] = []
    for quantity in loss.quantities:
        counter = meter.registers[quantity]
        since_ms, last = counter.state.covered_ms, counter.state.last
        if last is None or loss.at_ms <= since_ms:
            continue
        counter.bookings = []
        counter.lose(Mark(last.amount, loss.at_ms), "", LOSS_WINDOW)
        found += counter.bookings
        journal.event(
            loss.at_ms, LOSS_WINDOW, meter.spec.name, quantity,
            since=iso(since_ms), lost_s=(loss.at_ms - since_ms) / 1000, why=loss.reason,
        )  # fmt: skip
    meter.enter(found)
