"""Meter records (seed 001), the orders about them, and the columns that an operator may edit."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Annotated, Any, Final, NamedTuple

from aiohttp import web
from msgspec import Meta

from meterd import shapes
from meterd.config.accounts import OPERATES
from meterd.events import Output, RecordRow
from meterd.metering.calendar import iso
from meterd.orders import (
    EDITABLE,
    RECORD_ORDERS,
    Administered,
    RecordEdit,
    RecordOrder,
    RecordOrdered,
)
from meterd.records.life import Status
from meterd.records.ulid import undashed
from meterd.shapes.entries import refusals
from meterd.web import answer_types as types
from meterd.web import order_types as orders
from meterd.web.answers import QUESTIONS, WORLD, Listing, encode, found, json, listed
from meterd.web.asked import PAGED, SPAN, At, Order, page, parameters
from meterd.web.bodies import Wrong, decoded, refused
from meterd.web.caller import needs
from meterd.web.described import Spanned, tells
from meterd.web.gate import actor_of
from meterd.web.problems import Problem, guess, not_found
from meterd.web.world import Reader, Recorded

STATUSES: Final = tuple(status.value for status in Status)
TEXT_MAX: Final = 10_000
"""Characters of a note or a spare."""


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


class Asked(Spanned, frozen=True):
    """Of one configuration, of one status."""

    configuration: str = ""
    status: Annotated[str, Meta(extra_json_schema={"enum": list(STATUSES)})] = ""


@tells(list[types.Record], query=Asked)
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


@tells(types.Record)
async def record(request: web.Request) -> web.Response:
    """One record."""
    parameters(request)
    plain_id, now_ms = _id(request), request.app[WORLD].now_ms()
    return await found(request, lambda reader: _shown(reader, plain_id, now_ms))


def _shown(reader: Reader, plain_id: str, now_ms: int) -> dict[str, Any]:
    kept = reader.record(plain_id)
    if kept is None:
        raise Problem(404, "There is no such record; GET /v1/records lists them.")
    return shapes.record(kept.columns, kept.row, now_ms)


def _id(request: web.Request) -> str:
    try:
        return undashed(request.match_info["id"])
    except ValueError as error:
        raise Problem(404, f"There is no such record: {error}.") from None


# -- orders -------------------------------------------------------------------------------


@needs(OPERATES)
@tells(orders.Ordered, status=202)
async def obey(request: web.Request) -> web.Response:
    """An order about a configuration's record, as of now; 409 where it cannot be carried out.

    202: it takes effect where readings cover this instant.
    """
    parameters(request)
    order = await ordered(request, request.match_info["name"], request.match_info["order"])
    name, at = order.record, iso(order.at_ms)
    body = {"configuration": name, "order": order.order, "time": at, "actor": order.actor}
    return json(encode(body), status=202)


async def ordered(request: web.Request, name: str, asked: str) -> RecordOrdered:
    """The same, for whoever asks by a form. Raises Problem."""
    world = request.app[WORLD]
    known = [spec.name for spec in world.site.records]
    if name not in known:
        raise not_found("record configuration", name, known)
    word: RecordOrder | None = next((order for order in RECORD_ORDERS if order == asked), None)
    if word is None:
        raise not_found("order", asked, RECORD_ORDERS)
    order = RecordOrdered(name, world.now_ms(), actor_of(request), word)
    expect_obeyed(await world.order(order), name)
    return order


def expect_obeyed(outputs: Iterable[Output], about: str) -> None:
    """Raises Problem 409, with the reasons, if what an order has caused is that it is refused.

    about: the meter or the record configuration that it names.
    """
    whys = refusals(outputs, about)
    if whys:
        raise Problem(409, f"{'; '.join(whys)}.")


# -- what belongs to the operator -----------------------------------------------------------


@needs(OPERATES)
@tells(types.Record, body=types.Open)
async def edit(request: web.Request) -> web.Response:
    """Change the columns that are sent, and no other: `orders.EDITABLE` has them."""
    parameters(request)
    world, actor, plain_id = request.app[WORLD], actor_of(request), _id(request)
    asked = decoded(await request.read())
    now_ms = world.now_ms()
    before = await request.app[QUESTIONS].ask(lambda reader: _shown(reader, plain_id, now_ms))
    columns = _edits(asked, before)
    row = RecordEdit(plain_id, columns, now_ms, actor)
    numbers = {"record_id": request.match_info["id"], "changes": columns}
    await world.order(Administered(now_ms, actor, "record_edited", row, "", numbers))
    return await found(request, lambda reader: _shown(reader, plain_id, now_ms))


def _edits(asked: dict[str, Any], known: Collection[str]) -> dict[str, Any]:
    """The columns to be written. Raises Problem 422, which names every one that is wrong."""
    wrong: Wrong = []
    for name, value in asked.items():
        kind = EDITABLE.get(name)
        if kind is None and name in known:
            wrong.append((name, f"is read-only; {', '.join(EDITABLE)} can be written"))
        elif kind is None:
            wrong.append((name, f"is no column of a record.{guess(name, EDITABLE)}"))
        elif kind is bool and not isinstance(value, bool):
            wrong.append((name, "is neither true nor false"))
        elif kind is str and not (value is None or _is_text(value)):
            wrong.append((name, f"is no text of up to {TEXT_MAX} characters"))
    if wrong:
        raise refused(wrong)
    if not asked:
        raise Problem(422, f"Nothing is to be changed; send one of {', '.join(EDITABLE)}.")
    return asked


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= TEXT_MAX and "\0" not in value


ROUTES: Final = (
    web.get("/v1/records", records),
    web.get("/v1/records/{id}", record),
    web.patch("/v1/records/{id}", edit),
    web.post("/v1/records/{name}/{order}", obey),
)
