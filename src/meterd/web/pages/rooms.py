"""Every page's routes."""

from __future__ import annotations

from typing import Final

from meterd.web.pages import (
    bill,
    bill_forms,
    bills,
    chain,
    configuration,
    definition,
    devices,
    events,
    meter,
    meter_forms,
    meters,
    new_meter,
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
        bill_forms,
        meter_forms,
        new_meter,
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
