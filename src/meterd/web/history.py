"""History of another system, as `meterd import` sends it: on the control socket only.

    POST /v1/meters/{name}/history
    {"quantity": "energy_import", "source": "old.csv", "rows": [[line, start, end, amount, good]]}

Times are epoch ms, amounts base units. One request is carried out at a time, so that what is
judged is what is there.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Final

import msgspec
from aiohttp import web

from meterd.config.accounts import ADMINISTERS
from meterd.shapes.history.judge import History, NotCountedError, counted, judged, ordered
from meterd.shapes.history.report import report
from meterd.shapes.history.rows import HistoryRow
from meterd.web.answers import QUESTIONS, WORLD, encode, json
from meterd.web.asked import parameters
from meterd.web.caller import needs
from meterd.web.gate import actor_of
from meterd.web.problems import Problem, not_found

ALONE: Final = web.AppKey[asyncio.Lock]("history")
Source = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body."""

    quantity: str
    source: Source
    rows: list[HistoryRow]


@needs(ADMINISTERS)
async def take(request: web.Request) -> web.Response:
    """Take what is new and fits; the answer says what was skipped and refused."""
    parameters(request)
    world, name = request.app[WORLD], request.match_info["name"]
    specs = {spec.name: spec for spec in world.site.meters}
    if name not in specs:
        raise not_found("meter", name, specs)
    try:
        asked = msgspec.json.decode(await request.read(), type=Sent)
        register = counted(specs[name], asked.quantity)
    except (msgspec.DecodeError, NotCountedError) as error:
        raise Problem(422, f"{error}.") from None
    history = History(specs[name], register, asked.rows, asked.source)
    now_ms, actor = world.now_ms(), actor_of(request)
    async with request.app[ALONE]:
        plan = await request.app[QUESTIONS].ask(
            lambda reader: judged(reader, world.site, history, now_ms)
        )
        if plan.taken:
            await world.order(ordered(history, plan.taken, now_ms, actor))
    return json(encode(report(plan)))


ROUTES: Final = (web.post("/v1/meters/{name}/history", take),)
