"""The application: every room's routes behind one gate, every error in one shape.

    http: {listen: "127.0.0.1:9850"}

It is made twice: for the control socket, where the operator may do everything, and for TCP,
where the host itself may read. It owns no socket, no clock and no store.
"""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

from meterd.config.http import HttpConfig
from meterd.web import (
    alarms,
    bill_orders,
    bills,
    connections,
    events,
    gate,
    grants,
    history,
    meters,
    objects,
    openapi,
    problems,
    readings,
    records,
    roles,
    series,
    session,
    site,
    statements,
    static,
    stream,
    tokens,
    users,
)
from meterd.web.answers import QUESTIONS, WORLD, Questions
from meterd.web.door import Door
from meterd.web.login import KEYS, Keys
from meterd.web.pages import account, oidc, rooms, sheet
from meterd.web.pages import login as login_page
from meterd.web.provider import Provider
from meterd.web.taken import BODY_MAX
from meterd.web.world import Exposition, Page, Reader, Unavailable, World

__all__ = ["Exposition", "Page", "Reader", "Unavailable", "World", "application", "refused"]

ROOMS: Final = (
    site, meters, objects, readings, records, bills, bill_orders, series, statements, events,
    alarms, connections, stream, static, users, roles, grants, openapi, rooms,
)  # fmt: skip
VISITORS: Final = (session, login_page, oidc, account)
"""Rooms that only TCP has: on the control socket nobody need log in."""
OPERATORS: Final = (tokens, history)
"""Rooms that only the control socket has: who may be let in is nobody's to say over TCP."""


def refused(app: web.Application) -> dict[str, int]:
    """What the bounds of an application have refused so far, by what was too much of."""
    keys = app[KEYS]
    return {
        "questions": app[QUESTIONS].refused,
        "passwords": keys.refused + keys.of_peers.refused + keys.of_names.refused,
        "tokens": app[gate.DOOR].failures.refused if gate.DOOR in app else 0,
    }


def application(world: World, exposition: Exposition, http: HttpConfig | None) -> web.Application:
    """The whole web, for an `AppRunner` of the caller's.

    http: as the configuration has it; None on the control socket, which only the operator can
    open.
    """
    door = None if http is None else Door(http)
    app = web.Application(
        middlewares=[problems.explained, gate.guard(door)], client_max_size=BODY_MAX
    )
    if door is not None and http is not None:
        app[gate.DOOR] = door
        app[oidc.WAYS] = oidc.Ways(None if http.oidc is None else Provider(http.oidc))
    app[WORLD] = world
    app[QUESTIONS] = Questions(world)
    app[site.EXPOSITION] = exposition
    app[problems.PAGE] = sheet.problem
    app[KEYS] = Keys()
    app[openapi.DOCUMENT] = []
    app[history.ALONE] = asyncio.Lock()
    app.on_response_prepare.append(gate.harden)
    app.on_shutdown.append(stream.dismiss)
    for room in (*ROOMS, *(OPERATORS if door is None else VISITORS)):
        app.add_routes(room.ROUTES)
    return app
