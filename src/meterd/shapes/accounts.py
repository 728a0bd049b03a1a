"""Users, roles and grants as they are told; never a password, nor what is kept of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from meterd.metering.calendar import iso
from meterd.orders import StoredGrant, StoredRole, StoredSession, StoredUser


class Accounts(Protocol):
    """All there are; grants by bill, kind and name of the holder, sessions by their SHA-256."""

    @property
    def users(self) -> Mapping[str, StoredUser]:
        """By name."""
        ...

    @property
    def grants(self) -> Mapping[tuple[str, str, str], StoredGrant]:
        """By place."""
        ...

    @property
    def sessions(self) -> Mapping[str, StoredSession]:
        """By SHA-256."""
        ...


def user(accounts: Accounts, row: StoredUser) -> dict[str, Any]:
    """A user. grants: bills granted to them by name. password: whether there is one."""
    seen = [one.seen_ms for one in accounts.sessions.values() if one.user == row.name]
    return {
        "name": row.name,
        "level": row.level,
        "roles": list(row.roles),
        "grants": _granted(accounts, "user", row.name),
        "password": bool(row.password),
        "created": iso(row.created_ms),
        "created_by": row.created_by,
        "modified": None if row.modified_ms is None else iso(row.modified_ms),
        "modified_by": row.modified_by,
        "last_seen": iso(max(seen)) if seen else None,
    }


def role(accounts: Accounts, row: StoredRole) -> dict[str, Any]:
    """A role, who has it, and which bills are granted to it."""
    return {
        "name": row.name,
        "description": row.description,
        "users": [each.name for each in accounts.users.values() if row.name in each.roles],
        "grants": _granted(accounts, "role", row.name),
        "created": iso(row.created_ms),
        "created_by": row.created_by,
    }


def grant(row: StoredGrant, now_ms: int) -> dict[str, Any]:
    """A grant. expired: whether it shows nothing any more at now_ms."""
    return {
        "bill": row.bill,
        row.kind: row.holder,
        "created": iso(row.created_ms),
        "created_by": row.created_by,
        "expires": None if row.expires_ms is None else iso(row.expires_ms),
        "expired": row.expires_ms is not None and row.expires_ms <= now_ms,
    }


def _granted(accounts: Accounts, kind: str, holder: str) -> list[str]:
    rows: Iterable[StoredGrant] = accounts.grants.values()
    return sorted(row.bill for row in rows if (row.kind, row.holder) == (kind, holder))
