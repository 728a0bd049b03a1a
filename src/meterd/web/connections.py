"""How every connection goes: polls, failures, faults, and for which part of the time it is busy."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from meterd.web.answers import WORLD, encode, json
from meterd.web.asked import parameters
from meterd.web.described import tells
from meterd.web.world import LineView


@tells(list[LineView])
async def connections(request: web.Request) -> web.Response:
    """Every connection that is read and its devices, counted since the daemon started."""
    parameters(request)
    return json(encode(list(request.app[WORLD].lines)))


ROUTES: Final = (web.get("/v1/connections", connections),)
