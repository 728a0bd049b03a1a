"""Who there is at the small site: users of every level, their logins and their grants."""

from __future__ import annotations

from functools import cache

from meterd.config.accounts import Accounts
from meterd.config.logins import csrf_of
from meterd.config.passwords import hashed
from meterd.config.tokens import digest
from meterd.orders import Row, StoredGrant, StoredRole, StoredSession, StoredUser

NOW_MS = 1_767_276_000_000  # 2026-01-01T14:00:00Z
USERS = {"nina": 1, "tom": 1, "rita": 1, "vera": 5, "ines": 7, "otto": 8, "wanda": 9, "anna": 10}
"""User -> level. A bill is granted to tom, and to the role that rita has; nothing to nina."""
PASSWORD = "correct horse"


def session_of(name: str) -> str:
    """What the browser of a user has."""
    return f"session-of-{name}"


@cache
def accounts() -> Accounts:
    """Everybody, logged in, with one password."""
    kept, made = hashed(PASSWORD), (1, "anna")
    rows: list[Row] = [StoredRole("tenants", "Whoever rents", *made)]
    for name, level in USERS.items():
        rows.append(StoredUser(name, kept, level, ("tenants",) if name == "rita" else (), *made))
        session = StoredSession(
            digest(session_of(name)), name, "password", NOW_MS - 1, NOW_MS - 1, NOW_MS + 1
        )
        rows.append(session)
    rows.append(StoredGrant("tenant-a", "user", "tom", *made, NOW_MS + 1))
    rows.append(StoredGrant("tenant-a", "user", "nina", *made, NOW_MS))  # over this very instant
    rows.append(StoredGrant("tenant-a", "role", "tenants", *made))
    return Accounts().after(rows)


def login(name: str, *, word: bool = True) -> dict[str, str]:
    """The headers that a browser of ours sends. word: those of a change repeat it."""
    text = session_of(name)
    return {"Cookie": f"meterd={text}"} | ({"X-Meterd-CSRF": csrf_of(text)} if word else {})
