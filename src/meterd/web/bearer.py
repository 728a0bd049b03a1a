"""Bearer tokens at the door: whose a request is, and what is said where none is good.

Source: RFC 6750.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hmac import compare_digest
from typing import Final

from meterd.config.tokens import LEVELS, PUSH, READ, WRITE, digest
from meterd.orders import StoredToken
from meterd.web.caller import Caller
from meterd.web.problems import Problem

REALM: Final = 'Bearer realm="meterd"'

_HEADER: Final = re.compile(r"bearer +([A-Za-z0-9._~+/=-]{1,200})", re.IGNORECASE)


def caller(token: StoredToken) -> Caller:
    """Who has a token: as much as a user of the level of its scopes."""
    level = max((LEVELS[scope] for scope in token.scopes if scope in LEVELS), default=0)
    pushes = {s.removeprefix(PUSH) for s in token.scopes if s.startswith(PUSH)}
    return Caller(token.name, level, pushes=frozenset(pushes))


def scope_for(need: float) -> str:
    """The smallest scope that is enough."""
    return next((scope for scope, level in LEVELS.items() if level >= need), WRITE)


def holder(header: str, tokens: Iterable[StoredToken], now_ms: int) -> StoredToken | None:
    """The token in an Authorization header, if it is known and has not expired.

    It is held against every token there is, in constant time each.
    """
    presented = _HEADER.fullmatch(header.strip())
    wanted = digest(presented[1]) if presented else ""
    found = None
    for token in tokens:
        if compare_digest(token.sha256, wanted):
            found = token
    expired = found is not None and found.expires_ms is not None and found.expires_ms <= now_ms
    return None if expired else found


def invalid() -> Problem:
    """What is said to a token that is not good; never which of the reasons it was."""
    return Problem(
        401,
        "The token is unknown, revoked or expired; `meterd token list` on the host shows "
        "which there are.",
        {"WWW-Authenticate": f'{REALM}, error="invalid_token"'},
    )


def insufficient(scope: str) -> Problem:
    """What is said to a token that is good for something else."""
    return Problem(
        403,
        f"This token has not the scope {scope}; `meterd token add NAME --scope {scope}` on the "
        "host makes one that has.",
        {"WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{scope}"'},
    )


def needed(scope: str = READ) -> Problem:
    """What is said to nobody in particular."""
    return Problem(
        401,
        f"This needs a login, or a bearer token with the scope {scope}; `meterd token add NAME "
        f"--scope {scope}` on the host makes one.",
        {"WWW-Authenticate": REALM},
    )
