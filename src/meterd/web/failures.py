"""How often somebody may guess: wrong tokens and passwords are counted, within bounds.

Counted by the peer's address, never by what it says of itself, and by the name that was tried,
whether or not there is such a user, so that an answer tells nothing.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from meterd.web.problems import Problem

FAILURES_MAX: Final = 10
WINDOW_MS: Final = 60_000
"""So many wrong tokens in so long, and a peer is not listened to until the time is over."""
PEERS_MAX: Final = 1_024
"""Peers whose failures are remembered; the one whose window began first is forgotten first."""
NAME_FAILURES_MAX: Final = 20
NAME_WINDOW_MS: Final = 15 * 60_000
"""So many wrong passwords for one name in so long, from wherever they come."""
_IPV6_PREFIX: Final = 64
"""Whoever has one address of IPv6 has as many as this leaves."""


class Failures:
    """Failures by whoever made them. refused: requests that were not even looked at.

    what: for the sentence, as "wrong tokens from this address".
    """

    def __init__(self, what: str, most: int = FAILURES_MAX, window_ms: int = WINDOW_MS) -> None:
        self.refused = 0
        self._what = what
        self._most = most
        self._window_ms = window_ms
        self._known: dict[str, tuple[int, int]] = {}

    def expect_few(self, who: str, now_ms: int) -> None:
        """Raises Problem 429 while somebody has guessed too often."""
        began_ms, count = self._window(who, now_ms)
        if count >= self._most:
            self.refused += 1
            wait_s = -(-(began_ms + self._window_ms - now_ms) // 1000)
            detail = f"Too many {self._what}; try again in {wait_s} s."
            raise Problem(429, detail, {"Retry-After": str(wait_s)})

    def note(self, who: str, now_ms: int) -> bool:
        """Count one more; whether it was the last one that is borne."""
        began_ms, count = self._window(who, now_ms)
        self._known.pop(who, None)
        if len(self._known) >= PEERS_MAX:
            self._known.pop(min(self._known, key=lambda known: self._known[known][0]))
        self._known[who] = (began_ms, count + 1)
        return count + 1 == self._most

    def _window(self, who: str, now_ms: int) -> tuple[int, int]:
        """(when it began, failures in it); a clock that was set begins a new one."""
        began_ms, count = self._known.get(who, (now_ms, 0))
        return (began_ms, count) if 0 <= now_ms - began_ms < self._window_ms else (now_ms, 0)


def network_of(peer: str) -> str:
    """Whose address it is, as far as can be told: of IPv6 the network."""
    try:
        address = ip_address(peer)
    except ValueError:
        return peer
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((int(address) >> 64 << 64, _IPV6_PREFIX)))
    return peer
