"""Roles, which several users have, and to which bills can be granted: `/v1/roles`."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from aiohttp import web

from meterd import shapes
from meterd.config import account_orders
from meterd.config.accounts import (
    ADMINISTERS,
    DESCRIPTION_MAX,
    INSPECTS,
    ROLE,
    checked_account,
)
from meterd.config.values import WrongValueError
from meterd.orders import StoredRole
from meterd.web import account_types
from meterd.web.answers import WORLD, encode, json
from meterd.web.asked import PAGED, parameters, part_of
from meterd.web.bodies import refused
from meterd.web.caller import needs
from meterd.web.described import Paged, tells
from meterd.web.problems import not_found
from meterd.web.session import sent
from meterd.web.tags import tag_of
from meterd.web.users import by_of, decided

PATH: Final = "/v1/roles/{name}"


class NewRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A role that is made."""

    name: str
    description: str = ""


class RoleChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be changed of a role."""

    description: str


@needs(INSPECTS)
@tells(list[account_types.Role], query=Paged)
async def roles(request: web.Request) -> web.Response:
    """Every role, who has it, and what is granted to it."""
    accounts = request.app[WORLD].accounts
    rows, headers = part_of(request, parameters(request, PAGED), [*accounts.roles.values()])
    return json(encode([shapes.role(accounts, role) for role in rows]), headers=headers)


@needs(INSPECTS)
@tells(account_types.Role)
async def role(request: web.Request) -> web.Response:
    """One of them."""
    parameters(request)
    return _shown(request, request.match_info["name"])


@needs(ADMINISTERS)
@tells(account_types.Role, body=NewRole, status=201)
async def create(request: web.Request) -> web.Response:
    """Make a role."""
    parameters(request)
    asked = sent(await request.read(), NewRole)
    await add(request, asked)
    return _shown(request, asked.name, 201, {"Location": PATH.format(name=asked.name)})


async def add(request: web.Request, asked: NewRole) -> None:
    """The same, for whoever asks by a form. Raises Problem."""
    try:
        name = checked_account(asked.name, ROLE)
    except WrongValueError as wrong:
        raise refused([("name", f"{wrong}. {wrong.remedy}")]) from None
    by = by_of(request)
    made = StoredRole(name, _description(asked.description), *by)
    await decided(request, lambda accounts: account_orders.role_added(accounts, made, by))


@needs(ADMINISTERS)
@tells(account_types.Role, body=RoleChange)
async def change(request: web.Request) -> web.Response:
    """Describe it in other words."""
    parameters(request)
    name, by = request.match_info["name"], by_of(request)
    text = _description(sent(await request.read(), RoleChange).description)
    await decided(request, lambda accounts: account_orders.role_changed(accounts, name, text, by))
    return _shown(request, name)


@needs(ADMINISTERS)
@tells(None, status=204)
async def remove(request: web.Request) -> web.Response:
    """Take a role away from everyone, with what was granted to it."""
    parameters(request)
    name, by = request.match_info["name"], by_of(request)
    await decided(request, lambda accounts: account_orders.role_removed(accounts, name, by))
    return web.Response(status=204)


def _description(text: str) -> str:
    if len(text) > DESCRIPTION_MAX or not all(c.isprintable() for c in text):
        detail = f"is no printable text of up to {DESCRIPTION_MAX} characters"
        raise refused([("description", detail)])
    return text


def _shown(request: web.Request, name: str, status: int = 200, headers: Any = None) -> web.Response:
    accounts = request.app[WORLD].accounts
    if name not in accounts.roles:
        raise not_found(ROLE, name, accounts.roles)
    body = shapes.role(accounts, accounts.roles[name])
    tag = {"ETag": tag_of(accounts.roles[name])}
    return json(encode(body), status=status, headers=tag | (headers or {}))


ROUTES: Final = (
    web.get("/v1/roles", roles),
    web.post("/v1/roles", create),
    web.get(PATH, role),
    web.patch(PATH, change),
    web.delete(PATH, remove),
)
