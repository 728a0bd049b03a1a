"""Who may see a bill whose level alone does not show it: `/v1/bills/{name}/grants` (seed 003)."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from aiohttp import web

from meterd import shapes
from meterd.config import account_orders
from meterd.config.accounts import ADMINISTERS, HOLDERS, INSPECTS, ROLE, USER
from meterd.metering.calendar import parse_iso
from meterd.orders import StoredGrant
from meterd.web import account_types
from meterd.web.answers import WORLD, encode, json
from meterd.web.asked import PAGED, parameters, part_of
from meterd.web.bodies import refused
from meterd.web.caller import needs
from meterd.web.described import Paged, tells
from meterd.web.problems import Problem, not_found
from meterd.web.session import sent
from meterd.web.users import by_of, decided

PATH: Final = "/v1/bills/{name}/grants"


class NewGrant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To whom a bill is granted: a user or a role. expires: an instant, none for never."""

    user: str | None = None
    role: str | None = None
    expires: str | None = None


@needs(INSPECTS)
@tells(list[account_types.Grant], query=Paged)
async def grants(request: web.Request) -> web.Response:
    """Every grant of a bill."""
    asked = parameters(request, PAGED)
    world, name = request.app[WORLD], request.match_info["name"]
    if name not in world.bills:
        raise not_found("bill", name, world.bills)
    now_ms = world.now_ms()
    found = [grant for grant in world.accounts.grants.values() if grant.bill == name]
    rows, headers = part_of(request, asked, found)
    return json(encode([shapes.grant(grant, now_ms) for grant in rows]), headers=headers)


@needs(ADMINISTERS)
@tells(account_types.Grant, body=NewGrant, status=201)
async def create(request: web.Request) -> web.Response:
    """Let a user or a role see a bill; once more, and it is the new time that counts."""
    parameters(request)
    made = await add(request, request.match_info["name"], sent(await request.read(), NewGrant))
    return json(encode(shapes.grant(made, made.created_ms)), status=201)


async def add(request: web.Request, bill: str, asked: NewGrant) -> StoredGrant:
    """The same, for whoever asks by a form. Raises Problem."""
    kind, holder = (USER, asked.user) if asked.role is None else (ROLE, asked.role)
    if holder is None or (asked.user is not None and asked.role is not None):
        raise Problem(422, "A bill is granted to one user or to one role; send one of the two.")
    by = by_of(request)
    grant = StoredGrant(bill, kind, holder, *by, _instant(asked.expires, by[0]))
    bills = request.app[WORLD].bills
    await decided(request, lambda accounts: account_orders.granted(accounts, bills, grant, by))
    return grant


def _instant(text: str | None, now_ms: int) -> int | None:
    if text is None:
        return None
    try:
        at_ms = parse_iso(text)
    except (ValueError, OverflowError):
        detail = "is no time with an offset; write 2026-01-31T12:00:00Z"
        raise refused([("expires", detail)]) from None
    if at_ms <= now_ms:
        raise refused([("expires", "is over already; name a time to come")])
    return at_ms


@needs(ADMINISTERS)
@tells(None, status=204)
async def remove(request: web.Request) -> web.Response:
    """They see it no more."""
    parameters(request)
    place = (
        request.match_info["name"], request.match_info["kind"], request.match_info["holder"],
    )  # fmt: skip
    await take_away(request, place)
    return web.Response(status=204)


async def take_away(request: web.Request, place: tuple[str, str, str]) -> None:
    """The same, for whoever asks by a form. place: the bill, user or role, and which."""
    if place[1] not in HOLDERS:
        raise not_found("kind of holder", place[1], HOLDERS)
    by = by_of(request)
    await decided(request, lambda accounts: account_orders.revoked(accounts, place, by))


ROUTES: Final[Any] = (
    web.get(PATH, grants),
    web.post(PATH, create),
    web.delete(f"{PATH}/{{kind}}/{{holder}}", remove),
)
