"""Users, roles and grants made, changed and ended, by commands and through the API.

Each function decides one change and returns it as an `Administered`. What goes with it (the
grants and logins of a user who is removed) is in the same commit. Raises RefusedError.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import msgspec

from meterd.config.accounts import ROLE, USER, Accounts
from meterd.config.bill_books import CONFLICT, MISSING, By, RefusedError
from meterd.orders import (
    GRANTS_MAX,
    ROLES_MAX,
    USERS_MAX,
    Administered,
    Row,
    StoredGrant,
    StoredRole,
    StoredUser,
)

replace = msgspec.structs.replace


def user_added(accounts: Accounts, user: StoredUser, by: By) -> Administered:
    """A new user; roles that there are none of yet are made."""
    if user.name in accounts.users:
        raise RefusedError(CONFLICT, "", f"there is a user {user.name!r} already")
    if len(accounts.users) >= USERS_MAX:
        raise RefusedError(CONFLICT, "", f"there are {USERS_MAX} users; remove one first")
    numbers = {"user": user.name, "level": user.level, "roles": list(user.roles)}
    made = _new_roles(accounts, user.roles, by)
    return Administered(*by, "user_added", user, numbers=numbers, also=made)


def user_changed(
    accounts: Accounts, name: str, changes: dict[str, Any], by: By
) -> Administered | None:
    """The level or the roles of a user, as they are to be; None if they are so."""
    old = _user(accounts, name)
    told = {key: [getattr(old, key), value] for key, value in changes.items()}
    told = {key: pair for key, pair in told.items() if pair[0] != pair[1]}
    if not told:
        return None
    row = replace(old, **changes, modified_ms=by[0], modified_by=by[1])
    made = _new_roles(accounts, row.roles, by)
    return Administered(
        *by, "user_changed", row, numbers={"user": name, "changes": told}, also=made
    )


def password_changed(accounts: Accounts, name: str, kept: str, by: By) -> Administered:
    """Another password, or none; every login of the user ends. kept: the hash, "" for none."""
    row = replace(_user(accounts, name), password=kept, modified_ms=by[0], modified_by=by[1])
    numbers = {"user": name, "kept": bool(kept)}
    ended = tuple(_sessions(accounts, name))
    return Administered(*by, "password_changed", row, numbers=numbers, also=ended)


def sparing(item: Administered, session: str) -> Administered:
    """The same change, but the login of this SHA-256 goes on."""
    rest = tuple(row for row in item.also if getattr(row, "sha256", "") != session)
    return replace(item, also=rest)


def user_removed(accounts: Accounts, name: str, by: By) -> Administered:
    """Nobody logs in by this name any more; its grants and logins end."""
    row = replace(_user(accounts, name), gone=True)
    also = (*_grants(accounts, USER, name), *_sessions(accounts, name))
    return Administered(*by, "user_removed", row, numbers={"user": name}, also=also)


def role_added(accounts: Accounts, role: StoredRole, by: By) -> Administered:
    """A new role."""
    if role.name in accounts.roles:
        raise RefusedError(CONFLICT, "", f"there is a role {role.name!r} already")
    if len(accounts.roles) >= ROLES_MAX:
        raise RefusedError(CONFLICT, "", f"there are {ROLES_MAX} roles; remove one first")
    numbers = {"role": role.name, "description": role.description}
    return Administered(*by, "role_added", role, numbers=numbers)


def role_changed(accounts: Accounts, name: str, description: str, by: By) -> Administered | None:
    """Another description; None if it is so."""
    old = _role(accounts, name)
    if old.description == description:
        return None
    changes = {"description": [old.description, description]}
    row = replace(old, description=description)
    return Administered(*by, "role_changed", row, numbers={"role": name, "changes": changes})


def role_removed(accounts: Accounts, name: str, by: By) -> Administered:
    """Nobody is this any more; its grants end."""
    row = replace(_role(accounts, name), gone=True)
    users = tuple(
        replace(user, roles=tuple(role for role in user.roles if role != name))
        for user in accounts.users.values()
        if name in user.roles
    )
    also = (*users, *_grants(accounts, ROLE, name))
    return Administered(*by, "role_removed", row, numbers={"role": name}, also=also)


def granted(accounts: Accounts, bills: Collection[str], grant: StoredGrant, by: By) -> Administered:
    """Let a user or a role see a bill, or until when. bills: all there are."""
    if grant.bill not in bills:
        raise RefusedError(MISSING, "", f"there is no bill {grant.bill!r}")
    if grant.kind == ROLE:
        _role(accounts, grant.holder)
    else:
        _user(accounts, grant.holder)
    new = (grant.bill, grant.kind, grant.holder) not in accounts.grants
    if new and len(accounts.grants) >= GRANTS_MAX:
        raise RefusedError(CONFLICT, "", f"there are {GRANTS_MAX} grants; revoke one first")
    numbers = {"bill": grant.bill, grant.kind: grant.holder, "expires_ms": grant.expires_ms}
    return Administered(*by, "grant_added", grant, numbers=numbers)


def revoked(accounts: Accounts, place: tuple[str, str, str], by: By) -> Administered:
    """They see it no more. place: the bill, user or role, and which."""
    old = accounts.grants.get(place)
    bill, kind, holder = place
    if old is None:
        raise RefusedError(MISSING, "", f"{bill} is not granted to the {kind} {holder!r}")
    numbers = {"bill": bill, kind: holder}
    return Administered(*by, "grant_revoked", replace(old, gone=True), numbers=numbers)


def without_grants(accounts: Accounts, item: Administered | None, bill: str) -> Administered | None:
    """The change that takes a bill away, with its grants: another of its name has none."""
    if item is None or not getattr(item.row, "gone", False):
        return item
    ended = [replace(row, gone=True) for row in accounts.grants.values() if row.bill == bill]
    return replace(item, also=(*item.also, *ended))


def _user(accounts: Accounts, name: str) -> StoredUser:
    if name not in accounts.users:
        raise RefusedError(MISSING, "", f"there is no user {name!r}")
    return accounts.users[name]


def _role(accounts: Accounts, name: str) -> StoredRole:
    if name not in accounts.roles:
        raise RefusedError(MISSING, "", f"there is no role {name!r}")
    return accounts.roles[name]


def _new_roles(accounts: Accounts, names: Iterable[str], by: By) -> tuple[Row, ...]:
    new = [name for name in dict.fromkeys(names) if name not in accounts.roles]
    if len(accounts.roles) + len(new) > ROLES_MAX:
        raise RefusedError(CONFLICT, "", f"there are {ROLES_MAX} roles; remove one first")
    return tuple(StoredRole(name, "", *by) for name in new)


def _grants(accounts: Accounts, kind: str, holder: str) -> list[Row]:
    found = accounts.grants.values()
    return [replace(row, gone=True) for row in found if (row.kind, row.holder) == (kind, holder)]


def _sessions(accounts: Accounts, user: str) -> list[Any]:
    return [replace(row, gone=True) for row in accounts.sessions.values() if row.user == user]
