"""A register's days as tables: time (s), value, what is said, what is booked (kWh).

One count is a kilowatt-hour and the ceiling is 100 kW unless a day says otherwise, so ten
kilowatt-hours fit into six minutes. Every day also proves that the books balance.
"""

from itertools import pairwise
from typing import Any

from meterd.events import Booking, Event
from meterd.metering.counter import Counter
from meterd.metering.journal import Journal
from meterd.metering.register import Mark, RegisterState
from meterd.specs import RegisterSpec

KWH = 3_600_000
T0 = 1_700_000_000_000


def counter(**spec: Any) -> Counter:
    """A fresh register; count, modulus, per_hour and jitter in kWh."""
    for name in ("count", "modulus", "per_hour", "jitter"):
        if spec.get(name) is not None:
            spec[name] *= KWH
    defaults = {"count": KWH, "per_hour": 100 * KWH}
    return Counter("m", RegisterSpec("energy_import", **{**defaults, **spec}), RegisterState())


def live(register: Counter, day: str) -> list[Booking]:
    """Feed a day; check every row; return all bookings. `!` after a value: a reboot."""
    bookings: list[Booking] = []
    for row in day.strip().splitlines():
        at_s, value, said, booked = row.split()
        journal = Journal(lambda _: "id")
        register.state.rebooted |= value.endswith("!")
        before = register.state.booked
        at_ms = T0 + int(at_s) * 1000
        if value == "-":
            register.complain("read_failed", Mark(0, at_ms), journal)
            made = []
        else:
            serial, _, number = value.rstrip("!").rpartition(":")
            now = Mark(int(number) * KWH, at_ms)
            replaced = bool(serial) and serial != register.state.serial
            made = (register.replace(serial, now, journal) if replaced
                    else register.observe(now, journal))  # fmt: skip
        kinds = [event.kind for event in journal.outputs if isinstance(event, Event)]
        found = (",".join(kinds) or "-", sum(b.amount for b in made) // KWH)
        assert found == (said, int(booked)), row
        assert register.state.booked - before == sum(b.amount for b in made), row
        bookings += made
        balance(register)
    tiles(bookings)
    return bookings


def balance(register: Counter) -> None:
    """The dial is explained to the joule, and nothing is owed backwards."""
    state = register.state
    first = state.first or 0
    assert first + state.booked + state.unbilled + state.adjusted - state.rolled_over == state.dial
    assert state.debt >= 0


def tiles(bookings: list[Booking]) -> None:
    """Bookings follow one another without hole or overlap, and none is negative."""
    for earlier, later in pairwise(bookings):
        assert earlier.end_ms == later.start_ms
    assert all(booking.amount >= 0 for booking in bookings)
