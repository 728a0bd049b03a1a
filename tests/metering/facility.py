"""A facility with one entrance and two racks, in the hours after a midnight."""

from __future__ import annotations

from typing import Any

import msgspec

from meterd.events import Interval
from meterd.metering.calendar import Calendar, parse_iso
from meterd.metering.pue import Pue, PueState

BERLIN = Calendar("Europe/Berlin")
MIDNIGHT = parse_iso("2026-01-10T00:00:00+01:00")
FIVE = 300_000
HOUR = 12 * FIVE
DAY = 24 * HOUR
MEMBERS = (("grid",), ("pdu1", "pdu2"))


def used(meter: str, start_ms: int, amount: int, length_ms: int = FIVE, **more: Any) -> Interval:
    row = Interval(meter, "energy_import", "measured", "", start_ms, start_ms + length_ms, amount)
    return msgspec.structs.replace(row, **more)


def fresh(members: Any = MEMBERS) -> Pue:
    return Pue(3, members, BERLIN, PueState())


def hours(made: Pue, first: int, count: int, **joules: int) -> None:
    """So many whole hours from midnight on, of the meters named."""
    for hour in range(first, first + count):
        for meter, amount in joules.items():
            made.take(used(meter, MIDNIGHT + hour * HOUR, amount, HOUR))


def shown(made: Pue) -> dict[str, float | str | None]:
    """window -> the ratio, or why there is none."""
    return {
        one.window: one.ratio if one.ratio is not None else one.reason for one in made.figures()
    }
