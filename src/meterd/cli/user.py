"""Users, their levels and roles, and the bills that they may see.

A password is asked for, or read from standard input as one line; it never stands in the command.
Works beside a running daemon, which heeds it at once, and without one.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from meterd import shapes
from meterd.cli.accounts import account, accounts_of, bills_of, give
from meterd.cli.actions import actions
from meterd.cli.control import actor
from meterd.cli.exits import DONE, FINDING, USAGE, CliError
from meterd.cli.listing import put
from meterd.cli.passwords import asked_password
from meterd.cli.printing import as_json
from meterd.cli.site import loaded, store_argument, store_errors, store_path
from meterd.clock import SystemClock
from meterd.config import account_orders as orders
from meterd.config.accounts import ADMINISTERS, ROLE, USER, Accounts
from meterd.config.load import Loaded
from meterd.config.passwords import hashed
from meterd.config.tokens import duration_ms
from meterd.config.values import WrongValueError
from meterd.metering.calendar import iso
from meterd.orders import Administered, StoredGrant, StoredUser
from meterd.stores.queries import Reader

COLUMNS: Final = ("name", "level", "roles", "grants", "password", "created", "last_seen")
SUMMARIES: Final = {
    "add": "let somebody log in; asks for the password",
    "list": "every user, their level, roles and grants",
    "password": "another password; every login of the user ends",
    "level": "another level: 5 sees every bill, 8 gives orders, 9 changes things, 10 all",
    "role": "give a user a role, or take it away",
    "grant": "let a user, or everyone of a role, see a bill",
    "revoke": "they see it no more",
    "remove": "nobody logs in by this name any more",
}

Change = Callable[[Accounts], Administered | None]


class Order(NamedTuple):
    """What to ask a running daemon, what to decide where none runs, and what was done."""

    method: str
    target: str
    body: dict[str, Any] | None
    change: Change
    done: str


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    store_argument(parser)
    made = actions(parser, SUMMARIES)
    for name in ("add", "password", "level", "role", "remove"):
        made[name].add_argument("name", metavar="NAME")
    made["add"].add_argument("--level", type=int, default=1, metavar="N", help="1 (default) to 10")
    made["add"].add_argument("--role", action="append", default=[], metavar="ROLE", dest="roles")
    made["add"].add_argument(
        "--no-password", action="store_true", help="a proxy or a provider says who they are"
    )
    made["password"].add_argument("--none", action="store_true", help="take it away")
    made["level"].add_argument("level", type=int, metavar="N", help="1 to 10")
    made["role"].add_argument("role", metavar="ROLE")
    made["role"].add_argument("--away", action="store_true", help="take it away")
    for name in ("grant", "revoke"):
        made[name].add_argument("name", metavar="NAME", help="a user, with --role a role")
        made[name].add_argument("bill", metavar="BILL")
        made[name].add_argument("--role", action="store_true", help="NAME is a role")
    made["grant"].add_argument("--expires", metavar="TIME", help="for so long, as in 90d")
    made["list"].add_argument("--csv", action="store_true", help="print CSV")


def run(args: Namespace) -> int:
    """Exit 1 where it is refused."""
    found = loaded(args)
    path = store_path(found, args.store)
    if args.action == "list":
        put(args, _rows(args, path), COLUMNS)
        return DONE
    order = ORDERS[args.action](args, found, path)
    daemon = give(path, found, (order.method, order.target, order.body), order.change)
    if args.json:
        as_json({order.done: args.name, "daemon": daemon})
    else:
        print(f"{args.name}: {order.done}")
    return DONE


def _rows(args: Namespace, path: str) -> list[dict[str, Any]]:
    if not Path(path).exists():
        return []
    with store_errors(), Reader.open(path) as reader:
        accounts = accounts_of(reader)
    rows = [shapes.user(accounts, user) for user in accounts.users.values()]
    for row in rows if not args.json else ():
        row |= {"roles": " ".join(row["roles"]), "grants": " ".join(row["grants"])}
    return rows


def _by() -> tuple[int, str]:
    return SystemClock().now_ms(), actor()


def _target(args: Namespace) -> str:
    return f"/v1/users/{quote(args.name, safe='')}"


def _add(args: Namespace, _found: Loaded, _path: str) -> Order:
    name, level = account(args.name), _level(args.level)
    roles = tuple(account(role, ROLE) for role in args.roles)
    secret = None if args.no_password else asked_password(name)
    body = {"name": name, "password": secret, "level": level, "roles": list(roles)}

    def change(accounts: Accounts) -> Administered:
        by = _by()
        kept = "" if secret is None else hashed(secret)
        return orders.user_added(accounts, StoredUser(name, kept, level, roles, *by), by)

    return Order("POST", "/v1/users", body, change, "added")


def _password(args: Namespace, _found: Loaded, _path: str) -> Order:
    secret = None if args.none else asked_password(args.name)

    def change(accounts: Accounts) -> Administered:
        kept = "" if secret is None else hashed(secret)
        return orders.password_changed(accounts, args.name, kept, _by())

    return Order("PATCH", _target(args), {"password": secret}, change, "password changed")


def _level_order(args: Namespace, _found: Loaded, _path: str) -> Order:
    changes = {"level": _level(args.level)}
    return Order(
        "PATCH", _target(args), changes,
        lambda accounts: orders.user_changed(accounts, args.name, changes, _by()),
        "level changed",
    )  # fmt: skip


def _role(args: Namespace, _found: Loaded, path: str) -> Order:
    role = account(args.role, ROLE)
    roles: tuple[str, ...] = ()
    if Path(path).exists():
        with store_errors(), Reader.open(path) as reader:
            users = accounts_of(reader).users
        roles = users[args.name].roles if args.name in users else ()
    if args.away and role not in roles:
        raise CliError(f"{args.name} has not the role {role!r}", FINDING)
    after = tuple(each for each in roles if each != role)
    after = after if args.away else (*after, role)
    return Order(
        "PATCH", _target(args), {"roles": list(after)},
        lambda accounts: orders.user_changed(accounts, args.name, {"roles": after}, _by()),
        "role taken away" if args.away else "role given",
    )  # fmt: skip


def _grant(args: Namespace, found: Loaded, path: str) -> Order:
    now_ms, kind = SystemClock().now_ms(), ROLE if args.role else USER
    try:
        until = None if args.expires is None else now_ms + duration_ms(args.expires)
    except WrongValueError as wrong:
        raise CliError(f"--expires {args.expires} {wrong}. {wrong.remedy}", USAGE) from wrong
    body = {kind: args.name, "expires": None if until is None else iso(until)}

    def change(accounts: Accounts) -> Administered:
        by = _by()
        grant = StoredGrant(args.bill, kind, args.name, *by, until)
        return orders.granted(accounts, bills_of(found, path), grant, by)

    target = f"/v1/bills/{quote(args.bill, safe='')}/grants"
    return Order("POST", target, body, change, f"may see {args.bill}")


def _revoke(args: Namespace, _found: Loaded, _path: str) -> Order:
    kind = ROLE if args.role else USER
    place = (args.bill, kind, args.name)
    bill, holder = (quote(text, safe="") for text in (args.bill, args.name))
    target = f"/v1/bills/{bill}/grants/{kind}/{holder}"
    return Order(
        "DELETE", target, None, lambda accounts: orders.revoked(accounts, place, _by()),
        f"may see {args.bill} no more",
    )  # fmt: skip


def _remove(args: Namespace, _found: Loaded, _path: str) -> Order:
    return Order(
        "DELETE", _target(args), None,
        lambda accounts: orders.user_removed(accounts, args.name, _by()), "removed",
    )  # fmt: skip


def _level(level: int) -> int:
    if not 1 <= level <= ADMINISTERS:
        raise CliError(f"{level} is no level; there are 1 to {ADMINISTERS}", USAGE)
    return level


ORDERS: Final = {
    "add": _add, "password": _password, "level": _level_order, "role": _role, "grant": _grant,
    "revoke": _revoke, "remove": _remove,
}  # fmt: skip
