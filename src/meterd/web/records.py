"""Meter records (seed 001), and the order to cut one."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from aiohttp import web

from meterd import shapes
from meterd.events import CutoverOrdered, RecordRow
from meterd.metering.calendar import iso
from meterd.records.life import Status
from meterd.web.answers import WORLD, Listing, encode, json, listed
from meterd.web.asked import PAGED, SPAN, At, Order, page, parameters
from meterd.web.gate import actor_of
from meterd.web.problems import Problem, guess, not_found
from meterd.web.world import Recorded

STATUSES: Final = tuple(status.value for status in Status)


class _StandIn(NamedTuple):
    """A record of which only the place in the list is known."""

    row: RecordRow
    columns: dict[str, Any]


def _stand_in(key: tuple[int, str]) -> _StandIn:
    start_ms, shown_id = key
    row = RecordRow("", "", 0, "", start_ms, None, 0, None, start_ms, None, None, None)
    return _StandIn(row, {"id": shown_id})


BY_START: Final = Order[Recorded](
    tuple[At, str], lambda kept: (kept.row.start_ms, kept.columns["id"]), _stand_in
)


async def records(request: web.Request) -> web.Response:
    """Records by start, of all configurations or one, of every status or one."""
    asked = parameters(request, ("configuration", *SPAN, "status", *PAGED))
    configuration, status = asked.get("configuration"), asked.get("status")
    if status is not None and status not in STATUSES:
        words = ", ".join(STATUSES)
        raise Problem(400, f"{status!r} is no status; there are {words}.{guess(status, STATUSES)}")
    now_ms = request.app[WORLD].now_ms()
    listing = Listing[Recorded](
        lambda reader, part: reader.records(part, configuration),
        lambda kept: shapes.record(kept.columns, kept.row, now_ms),
        BY_START,
        None if status is None else lambda kept: kept.row.status == status,
    )
    return await listed(request, listing, page(asked, BY_START))


async def cutover(request: web.Request) -> web.Response:
    """Cut a configuration's record now. Accepted: it ends where readings cover this instant."""
    parameters(request)
    world, name = request.app[WORLD], request.match_info["name"]
    known = [spec.name for spec in world.site.records]
    if name not in known:
        raise not_found("record configuration", name, known)
    order = CutoverOrdered(name, world.now_ms(), actor_of(request))
    await world.order(order)
    body = {"configuration": name, "time": iso(order.at_ms), "actor": order.actor}
    return json(encode(body), status=202)


ROUTES: Final = (
    web.get("/v1/records", records),
    web.post("/v1/records/{name}/cutover", cutover),
)
