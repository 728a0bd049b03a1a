"""Every page's routes."""

from __future__ import annotations

from typing import Final

from meterd.web.pages import (
    bill,
    bills,
    chain,
    configuration,
    definition,
    devices,
    events,
    meter,
    meters,
    overview,
    records,
    users,
)

ROUTES: Final = tuple(
    route
    for room in (
        overview,
        meters,
        meter,
        chain,
        bills,
        bill,
        records,
        events,
        devices,
        configuration,
        definition,
        users,
    )
    for route in room.ROUTES
)
