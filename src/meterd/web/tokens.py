"""Bearer tokens: listed, added, revoked. Only the control socket has this room.

The token itself never comes here: who adds one makes it, and sends its SHA-256.
"""

from __future__ import annotations

from typing import Final

import msgspec
from aiohttp import web

from meterd import shapes
from meterd.config.accounts import ADMINISTERS
from meterd.config.tokens import (
    SCOPES_MAX,
    added,
    checked_digest,
    checked_name,
    checked_scope,
    revoked,
)
from meterd.config.values import WrongValueError
from meterd.orders import TOKENS_MAX, Administered, StoredToken
from meterd.web.answers import WORLD, encode, json
from meterd.web.asked import parameters
from meterd.web.caller import needs
from meterd.web.gate import actor_of
from meterd.web.problems import Problem, not_found


class _Asked(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    sha256: str
    scopes: list[str]
    expires_ms: int | None = None


@needs(ADMINISTERS)
async def tokens(request: web.Request) -> web.Response:
    """Every token, by name, and when it was last good for something."""
    parameters(request)
    world = request.app[WORLD]
    now_ms = world.now_ms()
    return json(encode([shapes.token(token, now_ms) for token in world.tokens.values()]))


@needs(ADMINISTERS)
async def add(request: web.Request) -> web.Response:
    """Let the bearer of a token in; 409 where there is one of its name."""
    parameters(request)
    world, actor = request.app[WORLD], actor_of(request)
    asked = _asked(await request.read())
    token = StoredToken(
        asked.name, asked.sha256, tuple(asked.scopes), world.now_ms(), actor, asked.expires_ms
    )

    def decide() -> Administered:
        if token.name in world.tokens:
            raise Problem(409, f"There is a token {token.name!r} already; revoke it first.")
        if len(world.tokens) >= TOKENS_MAX:
            raise Problem(409, f"There are {TOKENS_MAX} tokens; revoke one first.")
        return added(token)

    await world.administer(decide)
    return json(encode(shapes.token(token, token.created_ms)), status=201)


@needs(ADMINISTERS)
async def revoke(request: web.Request) -> web.Response:
    """Let its bearer in no more, from now on."""
    parameters(request)
    world, actor, name = request.app[WORLD], actor_of(request), request.match_info["name"]

    def decide() -> Administered:
        if name not in world.tokens:
            raise not_found("token", name, world.tokens)
        return revoked(world.tokens[name], world.now_ms(), actor)

    await world.administer(decide)
    return web.Response(status=204)


def _asked(data: bytes) -> _Asked:
    try:
        asked = msgspec.json.decode(data, type=_Asked)
        checked_name(asked.name)
        checked_digest(asked.sha256)
        if not 0 < len(asked.scopes) <= SCOPES_MAX:
            raise Problem(422, f"scopes: there must be from 1 to {SCOPES_MAX} of them.")
        for scope in asked.scopes:
            checked_scope(scope)
    except WrongValueError as wrong:
        raise Problem(422, f"That {wrong}. {wrong.remedy}") from None
    except msgspec.DecodeError as error:
        raise Problem(422, f"{error}.") from None
    return asked


ROUTES: Final = (
    web.get("/v1/tokens", tokens),
    web.post("/v1/tokens", add),
    web.delete("/v1/tokens/{name}", revoke),
)
