"""The application: every room's routes behind one gate, every error in one shape.

    http: {listen: "127.0.0.1:9850"}

It is made twice: for the control socket, where the operator may do everything, and for TCP,
where the host itself may read. It owns no socket, no clock and no store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Final

from aiohttp import web

from meterd.web import (
    alarms,
    bill_orders,
    bills,
    events,
    gate,
    history,
    meters,
    objects,
    problems,
    readings,
    records,
    series,
    site,
    statements,
    tokens,
)
from meterd.web.answers import QUESTIONS, WORLD, Questions
from meterd.web.gate import BODY_MAX, LOCAL_HOSTS
from meterd.web.world import Exposition, Page, Reader, Unavailable, World

__all__ = ["Exposition", "Page", "Reader", "Unavailable", "World", "application"]

ROOMS: Final = (
    site, meters, objects, readings, records, bills, bill_orders, series, statements, events,
    alarms,
)  # fmt: skip
OPERATORS: Final = (tokens, history)
"""Rooms that only the control socket has: who may be let in is nobody's to say over TCP."""


def application(
    world: World, exposition: Exposition, *, trusted: bool, hosts: Collection[str] = ()
) -> web.Application:
    """The whole web, for an `AppRunner` of the caller's.

    trusted: it is served on the control socket, which only the operator can open. hosts:
    names it may be asked by beside those of the host itself, as in `http.listen`.
    """
    named = {f"[{host}]" if ":" in host else host for host in map(str.lower, hosts)}
    allowed = None if trusted else LOCAL_HOSTS | named
    app = web.Application(
        middlewares=[problems.explained, gate.guard(allowed)], client_max_size=BODY_MAX
    )
    app[WORLD] = world
    app[QUESTIONS] = Questions(world)
    app[site.EXPOSITION] = exposition
    app[history.ALONE] = asyncio.Lock()
    app.on_response_prepare.append(gate.harden)
    for room in (*ROOMS, *OPERATORS) if trusted else ROOMS:
        app.add_routes(room.ROUTES)
    return app
