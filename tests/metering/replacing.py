"""Orders about a replaced counter, as the tests give them: kilowatt-hours, and seconds.

One count is a kilowatt-hour and the ceiling 100 kW, so ten fit into six minutes.
"""

from __future__ import annotations

from typing import Any

from tests.metering.days import KWH, T0, balance, counter, live

from meterd.events import Booking, Event
from meterd.metering.counter import Counter
from meterd.metering.journal import Journal
from meterd.metering.replacement import replace
from meterd.orders import ReplacementOrdered


def at(second: int) -> int:
    return T0 + second * 1000


def told(register: Counter, second: int, **fields: Any) -> tuple[list[Booking], Event]:
    """Give an order; what it books, and the event it leaves. Values in kWh, times in seconds."""
    for name in ("old_final", "new_initial"):
        if name in fields:
            fields[name] *= KWH
    if "swapped" in fields:
        fields["swapped_ms"] = at(fields.pop("swapped"))
    journal = Journal(lambda _: "id")
    order = ReplacementOrdered("m", at(second), "ann", **fields)
    bookings = replace(register, order, journal)
    (event,) = journal.outputs
    assert isinstance(event, Event)
    balance(register)
    return list(bookings), event


def lived(day: str, **spec: Any) -> Counter:
    register = counter(**spec)
    live(register, day)
    return register


READ = """
    0    500  baseline_set  0
    360  505  -             5
"""


SERIAL = """
    0    A:500  baseline_set    0
    360  A:505  -               5
    720  B:14   meter_replaced  0
    1080 B:16   -               2
"""
