"""Bearer tokens at the door: whose a request is, and how often a stranger may guess.

Source: RFC 6750; failures are counted by the peer's address, never by what it says of itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hmac import compare_digest
from typing import Final

import msgspec

from meterd.config.tokens import PUSH, READ, WRITE, digest
from meterd.orders import StoredToken
from meterd.web.problems import Problem

REALM: Final = 'Bearer realm="meterd"'
FAILURES_MAX: Final = 10
WINDOW_MS: Final = 60_000
"""So many wrong tokens in so long, and a peer is not listened to until the time is over."""
PEERS_MAX: Final = 1_024
"""Peers whose failures are remembered; the one whose window began first is forgotten first."""

_HEADER: Final = re.compile(r"bearer +([A-Za-z0-9._~+/=-]{1,200})", re.IGNORECASE)


class Caller(msgspec.Struct, frozen=True):
    """Who asks: the name and the scopes of a token that is good."""

    name: str
    scopes: tuple[str, ...]

    @property
    def actor(self) -> str:
        """As events tell it."""
        return f"token {self.name}"

    def may(self, scope: str) -> bool:
        """Whether it has this scope; who may write may read and push as well."""
        return scope in self.scopes or WRITE in self.scopes

    def may_push(self, meter: str) -> bool:
        """Whether it may give readings of this meter."""
        return self.may(PUSH + meter)

    @property
    def pushes(self) -> bool:
        """Whether it may give readings of some meter."""
        return WRITE in self.scopes or any(scope.startswith(PUSH) for scope in self.scopes)


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
        f"This needs a bearer token with the scope {scope}; `meterd token add NAME --scope "
        f"{scope}` on the host makes one.",
        {"WWW-Authenticate": REALM},
    )


class Failures:
    """Wrong tokens, by peer. refused: requests that were not even looked at."""

    def __init__(self) -> None:
        self.refused = 0
        self._peers: dict[str, tuple[int, int]] = {}

    def expect_few(self, peer: str, now_ms: int) -> None:
        """Raises Problem 429 while a peer has guessed too often."""
        began_ms, count = self._window(peer, now_ms)
        if count >= FAILURES_MAX:
            self.refused += 1
            wait_s = -(-(began_ms + WINDOW_MS - now_ms) // 1000)
            detail = f"Too many wrong tokens from this address; try again in {wait_s} s."
            raise Problem(429, detail, {"Retry-After": str(wait_s)})

    def note(self, peer: str, now_ms: int) -> bool:
        """Count one more; whether it was the last one that is borne."""
        began_ms, count = self._window(peer, now_ms)
        self._peers.pop(peer, None)
        if len(self._peers) >= PEERS_MAX:
            self._peers.pop(min(self._peers, key=lambda known: self._peers[known][0]))
        self._peers[peer] = (began_ms, count + 1)
        return count + 1 == FAILURES_MAX

    def _window(self, peer: str, now_ms: int) -> tuple[int, int]:
        """(when it began, failures in it); a clock that was set begins a new one."""
        began_ms, count = self._peers.get(peer, (now_ms, 0))
        return (began_ms, count) if 0 <= now_ms - began_ms < WINDOW_MS else (now_ms, 0)
