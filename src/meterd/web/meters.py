"""Meters: what they show now, and their intervals."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from meterd import shapes
from meterd.config.accounts import GRANTED
from meterd.events import Interval
from meterd.specs import MeterSpec
from meterd.web import answer_types as types
from meterd.web.answers import WORLD, Listing, listed, made
from meterd.web.asked import PAGED, SPAN, At, Order, page, parameters, part_of
from meterd.web.caller import needs
from meterd.web.described import Paged, Spanned, tells
from meterd.web.problems import not_found
from meterd.web.visible import visible

BY_START: Final = Order[Interval](
    tuple[At, str, str, str],
    lambda item: (item.start_ms, item.quantity, item.method, item.phase),
    lambda key: Interval("", key[1], key[2], key[3], key[0], key[0], 0),
)


class Asked(Spanned, frozen=True):
    """Of one quantity."""

    quantity: str = ""


@needs(GRANTED)
@tells(list[types.Open], query=Paged)
async def meters(request: web.Request) -> web.Response:
    """Every meter as a POWERMETER, with what else it reads."""
    asked, seen = parameters(request, PAGED), visible(request)
    fields, views = seen.site.fields, seen.meters
    specs, headers = part_of(request, asked, seen.site.meters)
    response = await made(
        request, lambda: [shapes.meter_row(spec, views.get(spec.name), fields) for spec in specs]
    )
    response.headers.update(headers)
    return response


@needs(GRANTED)
@tells(types.Open)
async def meter(request: web.Request) -> web.Response:
    """One meter, with all it said."""
    parameters(request)
    spec = _spec(request)
    world = request.app[WORLD]
    view, fields = world.meters.get(spec.name), world.site.fields
    return await made(request, lambda: shapes.meter(spec, view, fields))


@needs(GRANTED)
@tells(list[types.Interval], query=Asked)
async def intervals(request: web.Request) -> web.Response:
    """A meter's intervals, oldest first, of all its quantities or one."""
    asked = parameters(request, (*SPAN, "quantity", *PAGED))
    spec, quantity = _spec(request), asked.get("quantity")
    listing = Listing[Interval](
        lambda reader, part: reader.intervals(spec.name, part, quantity),
        lambda item: shapes.interval(item, shapes.unit_of(spec, item.quantity)),
        BY_START,
    )
    return await listed(request, listing, page(asked, BY_START))


def _spec(request: web.Request) -> MeterSpec:
    name, specs = request.match_info["name"], visible(request).site.meters
    found = next((spec for spec in specs if spec.name == name), None)
    if found is None:
        raise not_found("meter", name, (spec.name for spec in specs))
    return found


ROUTES: Final = (
    web.get("/v1/meters", meters),
    web.get("/v1/meters/{name}", meter),
    web.get("/v1/meters/{name}/intervals", intervals),
)
