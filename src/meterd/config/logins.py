"""Logins: what a browser is given, how long it is good for, and the changes that they make.

A browser is given 43 random characters, of which only the SHA-256 is kept. Whoever forges a
request for it (CSRF) does not know them, and so not the word that is derived from them either,
which every change must repeat. Source: OWASP Session Management and CSRF Cheat Sheets.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from hmac import compare_digest
from typing import Final

import msgspec

from meterd.config.accounts import Accounts
from meterd.config.bill_books import By
from meterd.config.tokens import RANDOM_BYTES
from meterd.orders import SESSIONS_MAX, Administered, Row, StoredSession

OWN: Final = "password"
OIDC: Final = "oidc"

IDLE_MS: Final = 12 * 3_600_000
"""A login that is not used for so long is over: a night."""
LIFE_MS: Final = 7 * 86_400_000
"""And so it is after a week, used or not."""
SEEN_MS: Final = 300_000
"""How exactly it is kept when one was last used: each time is a commit."""
SESSIONS_OF_USER_MAX: Final = 20
"""Browsers that a user may be logged in with; one more, and the oldest is out."""


def session_text(random: bytes) -> str:
    """What the browser is given, from so many random bytes."""
    assert len(random) == RANDOM_BYTES, len(random)
    return urlsafe_b64encode(random).rstrip(b"=").decode()


def csrf_of(text: str) -> str:
    """The word that a change must repeat: it tells nothing about what it is derived from."""
    return sha256(b"meterd csrf " + text.encode()).hexdigest()[:32]


def is_csrf(word: str, wanted: str) -> bool:
    """Whether it is that word, in constant time."""
    return compare_digest(word.encode("utf-8", "replace"), wanted.encode())


def stands(session: StoredSession, now_ms: int) -> bool:
    """Whether a login is still good."""
    return now_ms < session.expires_ms and now_ms - session.seen_ms < IDLE_MS


def new_session(kept: str, user: str, via: str, now_ms: int) -> StoredSession:
    """A login as of now. kept: the SHA-256 of what the browser is given."""
    return StoredSession(kept, user, via, now_ms, now_ms, now_ms + LIFE_MS)


def logged_in(accounts: Accounts, session: StoredSession, peer: str) -> Administered:
    """Somebody has come in; what has run out, and what is too many, ends."""
    now_ms, found = session.created_ms, list(accounts.sessions.values())
    standing = [one for one in found if stands(one, now_ms)]
    standing.sort(key=lambda one: one.seen_ms)
    own = [one for one in standing if one.user == session.user]
    extra = own[: max(0, len(own) + 1 - SESSIONS_OF_USER_MAX)]
    extra += standing[: max(0, len(standing) + 1 - SESSIONS_MAX)]
    over = {one.sha256: one for one in found if not stands(one, now_ms)}
    over |= {one.sha256: one for one in extra}
    numbers = {"user": session.user, "via": session.via, "peer": peer}
    return Administered(
        now_ms, f"user {session.user}", "logged_in", session, numbers=numbers,
        also=tuple(_ended(one) for one in over.values()),
    )  # fmt: skip


def logged_out(sessions: list[StoredSession], by: By) -> Administered:
    """These logins, one user's, are over."""
    first, *rest = sessions
    numbers = {"user": first.user, "sessions": len(sessions)}
    return Administered(
        *by, "logged_out", _ended(first), numbers=numbers, also=tuple(map(_ended, rest))
    )


def _ended(session: StoredSession) -> Row:
    return msgspec.structs.replace(session, gone=True)
