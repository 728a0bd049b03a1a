"""Bills and their sources made, changed and ended (seed 003); the file's are read-only here.

Before a source is added its current reading can be seen: `GET /v1/sources` lists every
candidate, and `?dry_run=true` answers as if, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

import msgspec
from aiohttp import web

from meterd.config import bill_orders, source_orders
from meterd.config.account_orders import without_grants
from meterd.config.accounts import GRANTED
from meterd.config.bill_books import WRONG, Books, RefusedError
from meterd.config.bill_books import attached as sources_of
from meterd.config.bills import BillConfig, SourceConfig
from meterd.config.stored import BILL, BILL_SOURCES, label
from meterd.orders import Administered
from meterd.shapes.candidates import of_site
from meterd.web import answer_types as types
from meterd.web import order_types as orders
from meterd.web.answers import QUESTIONS, WORLD, encode, json, made
from meterd.web.asked import parameters
from meterd.web.bodies import decoded, plain
from meterd.web.caller import needs
from meterd.web.described import tells
from meterd.web.gate import actor_of
from meterd.web.problems import Problem, not_found
from meterd.web.refusals import misfits, others, refusal
from meterd.web.tags import bill_tag, expect_match
from meterd.web.visible import visible
from meterd.web.world import Page, World

DRY_RUN: Final = "dry_run"
BILL_PATH: Final = "/v1/bills/{name}"
SOURCE_PATH: Final = "/v1/bills/{name}/sources/{meter}"

Change = Callable[[Books], Administered | None]


@tells(list[orders.Candidate], query=orders.Named)
async def sources(request: web.Request) -> web.Response:
    """Every candidate with its current reading, and the bills that it is on already."""
    asked = parameters(request, ("meter",))
    world = request.app[WORLD]
    return await made(request, lambda: list(of_site(world.site, world.meters, asked.get("meter"))))


@tells(
    orders.BillMade,
    query=orders.Rehearsed,
    body=BillConfig,
    status=201,
    also=((200, orders.BillMade),),
)
async def create(request: web.Request) -> web.Response:
    """Make a bill; its sources come with their current readings."""
    dry, body = _dry(request), plain(decoded(await request.read()))
    name = str(body.get("name"))
    by = by_of(request)
    await carry_out(request, name, lambda books: bill_orders.created(books, body, by), dry=dry)
    wanted = body.get("sources") or ()
    read = [_reading(request.app[WORLD], row) for row in wanted]
    return json(
        encode({"name": name, DRY_RUN: dry, "bill": body, "readings": read}),
        status=HTTPStatus.OK if dry else HTTPStatus.CREATED,
        headers={"Location": BILL_PATH.format(name=name)},
    )


@tells(orders.BillChanged, query=orders.Rehearsed, body=types.Open)
async def change(request: web.Request) -> web.Response:
    """Change the terms that are sent, and no other; they apply from the next period on."""
    dry, body = _dry(request), plain(decoded(await request.read()))
    name, by = request.match_info["name"], by_of(request)
    await carry_out(
        request, name, lambda books: bill_orders.changed(books, name, body, by), dry=dry
    )
    after = {
        key: value for key, value in (_stored(request, name) | body).items() if value is not None
    }
    return json(encode({"name": name, DRY_RUN: dry, "bill": after}))


@tells(orders.BillEnded, also=((204, None),))
async def end(request: web.Request) -> web.Response:
    """End a bill: 200 where it has a history, which stays; 204 where it has none and is gone."""
    parameters(request)
    name, by = request.match_info["name"], by_of(request)
    sampled = await request.app[QUESTIONS].ask(
        lambda reader: bool(
            reader.samples(name, Page(limit=1)) or reader.periods(name, Page(limit=1))
        )
    )

    def decide(books: Books) -> Administered | None:
        item = bill_orders.ended(books, name, by, sampled=sampled)
        return without_grants(request.app[WORLD].accounts, item, name)

    await carry_out(request, name, decide)
    if not sampled:
        return web.Response(status=HTTPStatus.NO_CONTENT)
    return json(encode({"name": name, "ended": True}))


@tells(
    orders.SourceAdded,
    query=orders.Rehearsed,
    body=SourceConfig,
    status=201,
    also=((200, orders.SourceAdded),),
)
async def add(request: web.Request) -> web.Response:
    """Add a source; the answer carries its current reading."""
    dry, body = _dry(request), plain(decoded(await request.read()))
    name, by = request.match_info["name"], by_of(request)
    await carry_out(
        request, name, lambda books: source_orders.added(books, name, body, by), dry=dry
    )
    status = HTTPStatus.OK if dry else HTTPStatus.CREATED
    return json(
        encode({"bill": name, DRY_RUN: dry, **_reading(request.app[WORLD], body)}), status=status
    )


@tells(orders.SourcesOf, query=orders.Which, body=orders.Switched)
async def switch(request: web.Request) -> web.Response:
    """Enable or disable a source; nothing else of it can be changed."""
    asked = parameters(request, ("kind", "phase"))
    body = decoded(await request.read())
    if body.keys() != {"enabled"} or not isinstance(body["enabled"], bool):
        raise refusal(RefusedError(WRONG, "enabled", "is all that is sent, true or false"))
    name, by = request.match_info["name"], by_of(request)
    turn = source_orders.enabled if body["enabled"] else source_orders.disabled
    wanted = (request.match_info["meter"], asked.get("kind", ""), asked.get("phase", ""))

    await carry_out(request, name, lambda books: turn(books, name, wanted, by))
    return json(encode({"bill": name, "sources": _attached(request, name)}))


@tells(orders.SourcesOf, query=orders.Which)
async def remove(request: web.Request) -> web.Response:
    """Take a source off a bill; what it has used stays billed."""
    asked = parameters(request, ("kind", "phase"))
    name, by = request.match_info["name"], by_of(request)
    wanted = (request.match_info["meter"], asked.get("kind", ""), asked.get("phase", ""))
    await carry_out(request, name, lambda books: source_orders.removed(books, name, wanted, by))
    return json(encode({"bill": name, "sources": _attached(request, name)}))


@needs(GRANTED)
@tells(list[orders.Attached])
async def attached(request: web.Request) -> web.Response:
    """The sources of a bill, where each comes from, and whether it is enabled."""
    parameters(request)
    name, bills = request.match_info["name"], visible(request).bills
    if name not in bills:
        raise not_found("bill", name, bills)
    return json(encode(_attached(request, name)))


# -- how ----------------------------------------------------------------------------------


def by_of(request: web.Request) -> tuple[int, str]:
    """When something is ordered, and who orders it."""
    return request.app[WORLD].now_ms(), actor_of(request)


def _dry(request: web.Request) -> bool:
    asked = parameters(request, (DRY_RUN,)).get(DRY_RUN, "false")
    if asked not in {"true", "false"}:
        raise Problem(400, f"'{DRY_RUN}' is true or false, not {asked!r}.")
    return asked == "true"


async def carry_out(request: web.Request, name: str, change: Change, *, dry: bool = False) -> None:
    """Make the change, or raise Problem: it is refused, or something would not fit."""
    world = request.app[WORLD]

    def decide() -> Administered | None:
        if request.method != "POST":
            expect_match(request, bill_tag(world, name), name)
        try:
            return change(_books(world))
        except RefusedError as error:
            raise refusal(error) from None

    wrong = await (world.rehearse(decide) if dry else world.administer(decide))
    own = [*wrong.get(label(BILL, name), ()), *wrong.get(label(BILL_SOURCES, name), ())]
    if own:
        raise misfits(own)
    if wrong:
        raise Problem(409, others(wrong))


def _books(world: World) -> Books:
    return Books(world.file, world.config, world.objects)


# -- what is shown ------------------------------------------------------------------------


def _reading(world: World, source: Any) -> dict[str, Any]:
    """A source that was sent, with what it shows now."""
    wanted = source.get("kind", "best"), source.get("phase")
    for row in of_site(world.site, world.meters, str(source.get("meter"))):
        if wanted[0] in {"best", row["kind"]} and wanted[1] == row["phase"]:
            return {**row, "enabled": source.get("enabled", True)}
    return dict(source)


def _stored(request: web.Request, name: str) -> dict[str, Any]:
    row = request.app[WORLD].objects.get(label(BILL, name))
    return {} if row is None else msgspec.json.decode(row.body)


def _attached(request: web.Request, name: str) -> list[dict[str, Any]]:
    return [
        {
            "meter": source.place[0],
            "kind": source.place[1],
            "phase": source.place[2] or None,
            "enabled": source.enabled,
            "origin": source.origin,
        }
        for source in sources_of(_books(request.app[WORLD]), name)
    ]


ROUTES: Final = (
    web.get("/v1/sources", sources),
    web.post("/v1/bills", create),
    web.patch(BILL_PATH, change),
    web.delete(BILL_PATH, end),
    web.get(f"{BILL_PATH}/sources", attached),
    web.post(f"{BILL_PATH}/sources", add),
    web.patch(SOURCE_PATH, switch),
    web.delete(SOURCE_PATH, remove),
)
