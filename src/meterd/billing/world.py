"""What a bill is given of the world around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from meterd.billing.pricing import Pricing
from meterd.billing.tariffs.hours import NO_PRICES, Prices
from meterd.billing.tariffs.price import price
from meterd.events import Event
from meterd.metering.calendar import Calendar

EventMaker = Callable[[int, str, str, str, dict[str, Any]], Event]


class World(msgspec.Struct, frozen=True):
    """The site's calendar, and how events and ids come about.

    tz_version: of the time-zone database, stored with every closed period.
    event: (at_ms, kind, meter, quantity, numbers) -> Event. new_id: at_ms -> id.
    pricing: what a period costs. prices: the price series that tariffs go by.
    """

    calendar: Calendar
    tz_version: str
    event: EventMaker
    new_id: Callable[[int], str]
    pricing: Pricing = price
    prices: Prices = NO_PRICES
