"""Users, listed, made, changed and removed: `/v1/users`. Passwords come in and never go out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from aiohttp import web

from meterd import shapes
from meterd.config import account_orders, passwords
from meterd.config.accounts import (
    ADMINISTERS,
    INSPECTS,
    ROLE,
    ROLES_OF_USER_MAX,
    Accounts,
    checked_account,
    checked_level,
)
from meterd.config.bill_books import RefusedError
from meterd.config.values import WrongValueError
from meterd.orders import Administered, StoredUser
from meterd.web import account_types
from meterd.web.answers import WORLD, encode, json
from meterd.web.asked import PAGED, parameters, part_of
from meterd.web.bodies import refused
from meterd.web.caller import caller_of, needs
from meterd.web.described import Paged, tells
from meterd.web.gate import actor_of
from meterd.web.login import KEYS
from meterd.web.problems import Problem, not_found
from meterd.web.refusals import refusal
from meterd.web.session import checked, sent
from meterd.web.tags import expect_match, tag_of

PATH: Final = "/v1/users/{name}"


class NewUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A user who is made. password: none where a proxy or a provider says who they are."""

    name: str
    password: str | None = None
    level: int = 1
    roles: list[str] = []


class UserChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be changed of a user. password: null takes it away."""

    password: str | msgspec.UnsetType | None = msgspec.UNSET
    level: int | msgspec.UnsetType = msgspec.UNSET
    roles: list[str] | msgspec.UnsetType = msgspec.UNSET


@needs(INSPECTS)
@tells(list[account_types.User], query=Paged)
async def users(request: web.Request) -> web.Response:
    """Everyone who may log in."""
    accounts = request.app[WORLD].accounts
    rows, headers = part_of(request, parameters(request, PAGED), [*accounts.users.values()])
    return json(encode([shapes.user(accounts, user) for user in rows]), headers=headers)


@needs(INSPECTS)
@tells(account_types.User)
async def user(request: web.Request) -> web.Response:
    """One of them."""
    parameters(request)
    return _shown(request, _name(request))


@needs(ADMINISTERS)
@tells(account_types.User, body=NewUser, status=201)
async def create(request: web.Request) -> web.Response:
    """Make a user; roles that there are none of yet are made."""
    parameters(request)
    asked = sent(await request.read(), NewUser)
    await add(request, asked)
    return _shown(request, asked.name, 201, {"Location": PATH.format(name=asked.name)})


async def add(request: web.Request, asked: NewUser) -> None:
    """The same, for whoever asks by a form. Raises Problem."""
    name = _checked("name", lambda: checked_account(asked.name))
    level = _checked("level", lambda: checked_level(asked.level))
    roles = _roles(asked.roles)
    kept = "" if asked.password is None else await _hashed(request, asked.password)
    by = by_of(request)
    made = StoredUser(name, kept, level, roles, *by)
    await decided(request, lambda accounts: account_orders.user_added(accounts, made, by))


@needs(ADMINISTERS)
@tells(account_types.User, body=UserChange)
async def change(request: web.Request) -> web.Response:
    """Change what is sent of a user, and nothing else."""
    parameters(request)
    name = _name(request)
    await alter(request, name, sent(await request.read(), UserChange))
    return _shown(request, name)


async def alter(request: web.Request, name: str, asked: UserChange) -> None:
    """The same, for whoever asks by a form. Raises Problem."""
    changes: dict[str, Any] = {}
    level, roles, password = asked.level, asked.roles, asked.password
    if level is not msgspec.UNSET:
        changes["level"] = _checked("level", lambda: checked_level(level))
    if roles is not msgspec.UNSET:
        changes["roles"] = _roles(roles)
    by, own = by_of(request), caller_of(request).session
    kept = ""
    if isinstance(password, str):
        kept = await _hashed(request, password)
    if changes:
        await decided(
            request, lambda accounts: account_orders.user_changed(accounts, name, changes, by)
        )
    if password is not msgspec.UNSET:
        await decided(
            request,
            lambda accounts: account_orders.sparing(
                account_orders.password_changed(accounts, name, kept, by), own
            ),
        )


@needs(ADMINISTERS)
@tells(None, status=204)
async def remove(request: web.Request) -> web.Response:
    """Take a user away, with the grants and the logins they had."""
    parameters(request)
    name, by = _name(request), by_of(request)
    await decided(request, lambda accounts: account_orders.user_removed(accounts, name, by))
    return web.Response(status=204)


# -- how ----------------------------------------------------------------------------------


def by_of(request: web.Request) -> tuple[int, str]:
    """When, and who."""
    return request.app[WORLD].now_ms(), actor_of(request)


async def decided(request: web.Request, decide: Callable[[Accounts], Administered | None]) -> None:
    """Make a change of the accounts, or raise Problem."""
    world = request.app[WORLD]

    def now() -> Administered | None:
        _expect_match(request, world.accounts)
        try:
            return decide(world.accounts)
        except RefusedError as error:
            raise refusal(error) from None

    await world.administer(now)


def _expect_match(request: web.Request, accounts: Accounts) -> None:
    """A change by the API may be for the user or the role as it was read."""
    kind = next((kind for kind in ("users", "roles") if f"/v1/{kind}/" in request.path), "")
    row = getattr(accounts, kind).get(request.match_info["name"]) if kind else None
    if row is not None:
        expect_match(request, tag_of(row), row.name)


async def _hashed(request: web.Request, password: str) -> str:
    good = checked(password)
    return await request.app[KEYS].work(lambda: passwords.hashed(good))


def _checked(field: str, check: Callable[[], Any]) -> Any:
    try:
        return check()
    except WrongValueError as wrong:
        raise refused([(field, f"{wrong}. {wrong.remedy}")]) from None


def _roles(names: list[str]) -> Any:
    if len(names) > ROLES_OF_USER_MAX:
        raise Problem(422, f"roles: there may be {ROLES_OF_USER_MAX} of them.")
    return _checked("roles", lambda: tuple(dict.fromkeys(checked_account(n, ROLE) for n in names)))


def _name(request: web.Request) -> str:
    name, known = request.match_info["name"], request.app[WORLD].accounts.users
    if name not in known:
        raise not_found("user", name, known)
    return name


def _shown(request: web.Request, name: str, status: int = 200, headers: Any = None) -> web.Response:
    accounts = request.app[WORLD].accounts
    if name not in accounts.users:  # removed meanwhile
        raise not_found("user", name, accounts.users)
    body = shapes.user(accounts, accounts.users[name])
    tag = {"ETag": tag_of(accounts.users[name])}
    return json(encode(body), status=status, headers=tag | (headers or {}))


ROUTES: Final = (
    web.get("/v1/users", users),
    web.post("/v1/users", create),
    web.get(PATH, user),
    web.patch(PATH, change),
    web.delete(PATH, remove),
)
