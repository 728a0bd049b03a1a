"""Logging in and out by the API, and who somebody is: `/v1/session`.

    POST /v1/session  {"name": "anna", "password": "..."}

The answer sets a cookie, and says the word that every change by this login must repeat in the
header `X-Meterd-CSRF`.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from aiohttp import web

from meterd.config import passwords
from meterd.config.account_orders import password_changed, sparing
from meterd.config.accounts import ANYBODY, GRANTED
from meterd.config.values import WrongValueError
from meterd.web import account_types
from meterd.web.answers import WORLD, encode, json
from meterd.web.asked import parameters
from meterd.web.bodies import refused
from meterd.web.caller import OWN, Caller, caller_of, needs
from meterd.web.described import tells
from meterd.web.gate import actor_of
from meterd.web.login import KEYS, give, known, log_in, log_out, take_back
from meterd.web.problems import Problem


class Login(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name and a password."""

    name: str
    password: str


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A password in place of another."""

    old: str
    new: str


@needs(ANYBODY)
@tells(account_types.Session, body=Login, status=201)
async def begin(request: web.Request) -> web.Response:
    """Log in."""
    parameters(request)
    asked = sent(await request.read(), Login)
    text, caller = await log_in(request, asked.name, asked.password)
    response = json(encode(shown(caller)), status=201)
    give(request, response, text)
    return response


@needs(GRANTED)
@tells(account_types.Session)
async def who(request: web.Request) -> web.Response:
    """Who asks, and the word for changes."""
    parameters(request)
    return json(encode(shown(caller_of(request))))


@needs(OWN)
@tells(None, status=204)
async def end(request: web.Request) -> web.Response:
    """Log out."""
    parameters(request)
    own = caller_of(request).session
    await log_out(request, lambda session: session.sha256 == own)
    response = web.Response(status=204)
    take_back(request, response)
    return response


@needs(OWN)
@tells(None, body=NewPassword, status=204)
async def change(request: web.Request) -> web.Response:
    """Take another password; every other login of the user ends."""
    parameters(request)
    asked = sent(await request.read(), NewPassword)
    await take_password(request, asked.old, asked.new)
    return web.Response(status=204)


async def take_password(request: web.Request, old: str, new: str) -> None:
    """Another password for whoever asks, who must know the old one. Raises Problem."""
    world, caller = request.app[WORLD], caller_of(request)
    if not caller.session:
        raise Problem(409, "Your password is kept by who has let you in; change it there.")
    fresh = checked(new, "new")
    await known(request, caller.name, old)
    kept = await request.app[KEYS].work(lambda: passwords.hashed(fresh))
    by = world.now_ms(), actor_of(request)
    await world.administer(
        lambda: sparing(password_changed(world.accounts, caller.name, kept, by), caller.session)
    )


def shown(caller: Caller) -> dict[str, Any]:
    """Whoever asks, as they are told it."""
    bills = None if caller.sees_all else sorted(caller.bills)
    return {
        "name": caller.name,
        "kind": caller.kind,
        "level": caller.level,
        "roles": list(caller.roles),
        "bills": bills,
        "csrf": caller.csrf or None,
    }


def sent(data: bytes, kind: Any) -> Any:
    """A body as it must be. Raises Problem 422, which repeats nothing of it."""
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        raise Problem(422, f"{error}.") from None
    except msgspec.DecodeError:
        raise Problem(400, "The body is no JSON that can be read.") from None


def checked(password: str, field: str = "password") -> str:
    """A password that may be one. Raises Problem 422."""
    try:
        return passwords.checked_password(password)
    except WrongValueError as wrong:
        raise refused([(field, f"{wrong}. {wrong.remedy}")]) from None


ROUTES: Final = (
    web.post("/v1/session", begin),
    web.get("/v1/session", who),
    web.delete("/v1/session", end),
    web.put("/v1/session/password", change),
)
