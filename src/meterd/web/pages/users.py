"""Users, roles, and the bills that are granted to them; forms for whoever may change it."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from aiohttp import web

from meterd.config import account_orders
from meterd.config.accounts import ADMINISTERS, INSPECTS, ROLE, USER
from meterd.web.caller import needs
from meterd.web.forms import fields, onward
from meterd.web.grants import NewGrant, take_away
from meterd.web.grants import add as grant
from meterd.web.pages.sheet import Seen, Sheet, page
from meterd.web.pages.tables import Table, cell
from meterd.web.pages.words import instant
from meterd.web.problems import Problem
from meterd.web.roles import NewRole
from meterd.web.roles import add as add_role
from meterd.web.users import NewUser, UserChange, alter, by_of, decided
from meterd.web.users import add as add_user
from meterd.web.world import Reader

PATH: Final = "/users"
LEVELS: Final = {
    1: "granted bills", 5: "sees everything", 7: "and the configuration", 8: "gives orders",
    9: "changes things", 10: "administrator",
}  # fmt: skip
"""The levels that differ from the one before."""


def users(seen: Seen, _reader: Reader) -> Sheet:
    """The page."""
    accounts = seen.accounts
    holders = [(f"{USER}:{name}", name) for name in accounts.users]
    holders += [(f"{ROLE}:{name}", f"everyone who is {name}") for name in accounts.roles]
    context = {
        "may_change": seen.caller.reaches(ADMINISTERS) and bool(seen.caller.csrf),
        "users": list(accounts.users.values()),
        "roles": list(accounts.roles.values()),
        "level_words": LEVELS,
        "bills": list(seen.bills),
        "holders": holders,
        "grants": [("|".join(place), f"{place[0]}: {place[2]}") for place in accounts.grants],
    }
    tables = (user_table(seen), role_table(seen), grant_table(seen))
    return Sheet("users.html", "Users and roles", context, tables)


def user_table(seen: Seen) -> Table:
    """Everyone who may log in."""
    rows = []
    for one in seen.accounts.users.values():
        used = [s.seen_ms for s in seen.accounts.sessions.values() if s.user == one.name]
        rows.append((
            cell(one.name),
            cell(one.level),
            cell(", ".join(one.roles)),
            cell("yes" if one.password else "no"),
            cell(instant(one.created_ms, seen.calendar)),
            cell(instant(max(used, default=None), seen.calendar)),
        ))  # fmt: skip
    columns = ("User", "Level", "Roles", "Password", "Made", "Last used")
    return Table(
        "users", "Users", columns, rows, frozenset({1}),
        empty="There is no user. `meterd user add NAME --level 10` on the host makes the first.",
    )  # fmt: skip


def role_table(seen: Seen) -> Table:
    """Every role, and who has it."""
    found = seen.accounts.users.values()
    rows = [
        (
            cell(role.name),
            cell(role.description),
            cell(", ".join(user.name for user in found if role.name in user.roles)),
        )
        for role in seen.accounts.roles.values()
    ]
    return Table("roles", "Roles", ("Role", "Description", "Users"), rows)


def grant_table(seen: Seen) -> Table:
    """Every grant, and until when."""
    rows = [
        (
            cell(one.bill, href=f"/bills/{one.bill}"),
            cell(one.kind),
            cell(one.holder),
            cell(instant(one.created_ms, seen.calendar)),
            cell(one.created_by),
            cell(instant(one.expires_ms, seen.calendar)),
        )
        for one in seen.accounts.grants.values()
    ]
    columns = ("Bill", "Granted to a", "Name", "Since", "By", "Ends")
    return Table("grants", "Grants", columns, rows)


# -- the forms ----------------------------------------------------------------------------


@needs(ADMINISTERS)
async def add(request: web.Request) -> web.Response:
    """A new user."""
    sent = await fields(request, ("name", "password", "level", "roles"))
    made = NewUser(
        sent["name"], sent["password"] or None, _level(sent["level"]), sent["roles"].split()
    )
    await add_user(request, made)
    return onward(PATH)


@needs(ADMINISTERS)
async def change(request: web.Request) -> web.Response:
    """Another level, other roles; another password if there is one."""
    sent = await fields(request, ("username", "password", "level", "roles"))
    password: Any = sent["password"] or msgspec.UNSET
    asked = UserChange(password, _level(sent["level"]), sent["roles"].split())
    await alter(request, request.match_info["name"], asked)
    return onward(PATH)


@needs(ADMINISTERS)
async def remove(request: web.Request) -> web.Response:
    """A user goes."""
    await fields(request, ())
    name, by = request.match_info["name"], by_of(request)
    await decided(request, lambda accounts: account_orders.user_removed(accounts, name, by))
    return onward(PATH)


@needs(ADMINISTERS)
async def new_role(request: web.Request) -> web.Response:
    """A new role."""
    sent = await fields(request, ("name", "description"))
    await add_role(request, NewRole(sent["name"], sent["description"]))
    return onward(PATH)


@needs(ADMINISTERS)
async def remove_role(request: web.Request) -> web.Response:
    """A role goes."""
    await fields(request, ())
    name, by = request.match_info["name"], by_of(request)
    await decided(request, lambda accounts: account_orders.role_removed(accounts, name, by))
    return onward(PATH)


@needs(ADMINISTERS)
async def new_grant(request: web.Request) -> web.Response:
    """A user or a role may see a bill."""
    sent = await fields(request, ("bill", "holder"))
    kind, _, name = sent["holder"].partition(":")
    if kind not in {USER, ROLE}:
        raise Problem(422, "A bill is granted to a user or to a role; load the page again.")
    await grant(request, sent["bill"], NewGrant(**{kind: name}))
    return onward(PATH)


@needs(ADMINISTERS)
async def remove_grant(request: web.Request) -> web.Response:
    """They see it no more."""
    sent = await fields(request, ("grant",))
    bill, kind, holder = (*sent["grant"].split("|"), "", "", "")[:3]
    await take_away(request, (bill, kind, holder))
    return onward(PATH)


def _level(text: str) -> int:
    if not text.isdecimal() or len(text) > 2:
        raise Problem(422, f"{text!r} is no level; there are 1 to 10.")
    return int(text)


ROUTES: Final = (
    web.get(PATH, page(users, need=INSPECTS)),
    web.post(PATH, add),
    web.post(f"{PATH}/{{name}}", change),
    web.post(f"{PATH}/{{name}}/remove", remove),
    web.post("/roles", new_role),
    web.post("/roles/{name}/remove", remove_role),
    web.post("/grants", new_grant),
    web.post("/grants/remove", remove_grant),
)
