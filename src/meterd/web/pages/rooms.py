"""Every page's routes."""

from __future__ import annotations

from typing import Final

from meterd.web.pages import (
    bill,
    bills,
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
    for room in (overview, meters, meter, bills, bill, records, events, devices, users)
    for route in room.ROUTES
)
