"""What a bill is given of the world around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from meterd.billing.pricing import Pricing, source_rates
from meterd.events import Event
from meterd.metering.calendar import Calendar

EventMaker = Callable[[int, str, str, str, dict[str, Any]], Event]


class World(msgspec.Struct, frozen=True):
    """The site's calendar, and how events and ids come about.

    tz_version: of the time-zone database, stored with every closed period.
    event: (at_ms, kind, meter, quantity, numbers) -> Event. new_id: at_ms -> id.
    pricing: what a period costs; tariffs take the place of the sources' own rates.
    """

    calendar: Calendar
    tz_version: str
    event: EventMaker
    new_id: Callable[[int], str]
    pricing: Pricing = source_rates
