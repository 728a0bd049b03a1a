"""Alarms that stand now, as of the last commit; and who has seen them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aiohttp import web
from msgspec import Struct

from meterd import shapes
from meterd.config.accounts import OPERATES
from meterd.events import Event, Output
from meterd.metering.acknowledge import ACKNOWLEDGED
from meterd.metering.calendar import iso
from meterd.orders import Acknowledged
from meterd.web import answer_types as types
from meterd.web import order_types as orders
from meterd.web.answers import WORLD, encode, json, made
from meterd.web.asked import parameters
from meterd.web.caller import needs
from meterd.web.described import tells
from meterd.web.gate import actor_of
from meterd.web.problems import not_found
from meterd.web.records import expect_obeyed
from meterd.web.session import sent


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


@needs(OPERATES)
@tells(orders.Seen, body=orders.ToAcknowledge)
async def acknowledge(request: web.Request) -> web.Response:
    """Alarms of a meter were seen; 409 where none that is meant stands."""
    parameters(request)
    data = await request.read()
    asked = sent(data, orders.ToAcknowledge) if data else orders.ToAcknowledge()
    order, outputs = await acknowledge_some(request, request.match_info["name"], asked)
    events = [one for one in outputs if isinstance(one, Event) and one.kind == ACKNOWLEDGED]
    told = [{key: one.numbers[key] for key in ("alarm", "severity", "since")} for one in events]
    by = {"time": iso(order.at_ms), "actor": order.actor}
    return json(encode({"meter": order.meter, **by, "alarms": told}))


async def acknowledge_some(
    request: web.Request, meter: str, asked: orders.ToAcknowledge
) -> tuple[Acknowledged, Sequence[Output]]:
    """(the order, what came of it), for whoever asks by a form as well. Raises Problem."""
    world = request.app[WORLD]
    names = [spec.name for spec in world.site.meters]
    if meter not in names:
        raise not_found("meter", meter, names)
    order = Acknowledged(meter, world.now_ms(), actor_of(request), asked.alarm, asked.note)
    outputs = await world.order(order)
    expect_obeyed(outputs, meter)
    return order, outputs


ROUTES: Final = (
    web.get("/v1/alarms", alarms),
    web.post("/v1/meters/{name}/acknowledge", acknowledge),
)
