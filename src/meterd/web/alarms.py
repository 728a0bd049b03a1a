"""Alarms that stand now, as of the last commit."""

from __future__ import annotations

from typing import Final

from aiohttp import web
from msgspec import Struct

from meterd import shapes
from meterd.web import answer_types as types
from meterd.web.answers import WORLD, made
from meterd.web.asked import parameters
from meterd.web.described import tells
from meterd.web.problems import not_found


class Asked(Struct, frozen=True):
    """Of one meter."""

    meter: str = ""


@tells(list[types.Alarm], query=Asked)
async def alarms(request: web.Request) -> web.Response:
    """Every alarm that stands, of all meters or one, in the order of the configuration."""
    meter = parameters(request, ("meter",)).get("meter")
    world = request.app[WORLD]
    names = [spec.name for spec in world.site.meters]
    if meter is not None and meter not in names:
        raise not_found("meter", meter, names)
    wanted = names if meter is None else [meter]
    views = {name: world.meters[name] for name in wanted if name in world.meters}
    return await made(request, lambda: shapes.alarm_rows(views))


ROUTES: Final = (web.get("/v1/alarms", alarms),)
