"""Who there is, what each level may do, and which bills somebody may see (seed 003).

Users of level 5 and above see every bill; a bill may be granted to others and to their roles.
What is not granted is not seen: deny by default.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from meterd.config.values import WrongValueError
from meterd.orders import (
    Row,
    StoredGrant,
    StoredRole,
    StoredSession,
    StoredUser,
)

ANYBODY: Final = 0
GRANTED: Final = 1
"""Sees what was granted, and nothing else."""
READS: Final = 5
"""Sees everything but who else there is."""
INSPECTS: Final = 7
"""Sees the configuration, and who may see what, as well."""
OPERATES: Final = 8
"""Gives orders: readings by hand, cutovers, replacements."""
CHANGES: Final = 9
"""Makes, changes and ends meters, bills and sources."""
ADMINISTERS: Final = 10
"""Says who there is and what they may see."""

USER: Final = "user"
ROLE: Final = "role"
HOLDERS: Final = (USER, ROLE)
DESCRIPTION_MAX: Final = 200
ROLES_OF_USER_MAX: Final = 20

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")


class Accounts(msgspec.Struct, frozen=True):
    """All of them. grants: by bill, kind and name of the holder. sessions: by their SHA-256."""

    users: Mapping[str, StoredUser] = {}
    roles: Mapping[str, StoredRole] = {}
    grants: Mapping[tuple[str, str, str], StoredGrant] = {}
    sessions: Mapping[str, StoredSession] = {}

    def after(self, rows: Iterable[Row]) -> Accounts:
        """As they are once these rows have come, changed or gone; other kinds are not ours."""
        found: dict[str, dict[Any, Any]] = {
            place: dict(getattr(self, place)) for place in self.__struct_fields__
        }
        for row in rows:
            if type(row) in _PLACES:
                place, key = _PLACES[type(row)]
                found[place].pop(key(row), None)
                if not row.gone:
                    found[place][key(row)] = row
        return Accounts(**found)


_PLACES: Final[dict[Any, Any]] = {
    StoredUser: ("users", lambda row: row.name),
    StoredRole: ("roles", lambda row: row.name),
    StoredGrant: ("grants", lambda row: (row.bill, row.kind, row.holder)),
    StoredSession: ("sessions", lambda row: row.sha256),
}
KINDS: Final = tuple(_PLACES)
"""The kinds of rows that accounts are made of."""


def bills_granted(
    accounts: Accounts, user: str, roles: Iterable[str], now_ms: int
) -> frozenset[str]:
    """The bills that a user of a level below 5 may see now."""
    holders = {(USER, user), *((ROLE, role) for role in roles)}
    return frozenset(
        grant.bill
        for grant in accounts.grants.values()
        if (grant.kind, grant.holder) in holders
        and (grant.expires_ms is None or now_ms < grant.expires_ms)
    )


def checked_account(name: Any, what: str = USER) -> str:
    """The name of a user or a role. Raises WrongValueError."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        remedy = "Use up to 64 letters, digits, _ . @ and -, with a letter or digit first."
        raise WrongValueError(f"is no name of a {what}", remedy)
    return name


def checked_level(level: Any) -> int:
    """A level. Raises WrongValueError."""
    if not isinstance(level, int) or isinstance(level, bool) or not 1 <= level <= ADMINISTERS:
        raise WrongValueError("is no level", "Write a whole number from 1 to 10.")
    return level
