"""The line to a tenant: asks, judges what comes back, and knows when to leave it alone.

Trouble is of the whole line: no answer, a busy server, a token that is refused. It is logged
when it begins, changes its kind and ends; until it ends one request at a time probes it.
What is wrong with one object alone is for those who asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import structlog

from meterd.clock import Clock
from meterd.sinks.demandflow_client import CONCURRENCY, Answer, Client

log = structlog.get_logger()

READ: Final = "read"
WRITE: Final = "write"
CREATE: Final = "create"

RETRY_MS: Final = 1_000
BACKOFF_MAX_MS: Final = 300_000
REVOKED: Final = frozenset({401, 403})
GONE: Final = frozenset({404, 410})
INVALID: Final = frozenset({400, 422})
_OF_ONE_OBJECT: Final = INVALID | {409}
_OF_THE_LINE: Final = frozenset({0, 408, 429, 502, 503, 504})
_ODD_MAX: Final = 3
"""So many 5xx in a row, of whatever objects, and it is the server that is in trouble."""


def backoff_ms(failures: int, chance: float) -> int:
    """How long to wait after so many failures: doubling to 5 min, up to half of it by chance."""
    ceiling = min(BACKOFF_MAX_MS, RETRY_MS << min(failures, 10))
    return max(RETRY_MS, int(ceiling * (1 + chance) / 2))


class Line:
    """hold_ms: nothing is asked before this monotonic time. chance: jitter, 0 to 1."""

    def __init__(self, name: str, clock: Clock, chance: Callable[[], float]) -> None:
        self.hold_ms = 0
        self.client: Client | None = None
        self._name = name
        self._clock = clock
        self._chance = chance
        self._troubles: dict[str, tuple[str, str]] = {}
        self._failures = 0
        self._odd = 0

    @property
    def trouble(self) -> str:
        """Why the tenant is not kept up to date, "" if it is."""
        return "; ".join(dict.fromkeys(why for _, why in self._troubles.values()))

    @property
    def room(self) -> int:
        """How many requests may be in flight."""
        return 1 if self._troubles else CONCURRENCY

    def later_ms(self, failures: int) -> int:
        """When to try again what failed so often (monotonic)."""
        return self._clock.mono_ms() + backoff_ms(failures, self._chance())

    async def ask(
        self, purpose: str, method: str, path: str, body: dict[str, Any] | None = None
    ) -> Answer:
        """One request. purpose: WRITE, CREATE or READ, whose success the asker declares."""
        assert self.client is not None, "asked before the line was opened"
        answer = await self.client.ask(method, path, body)
        self._judge(purpose, answer)
        return answer

    def _judge(self, purpose: str, answer: Answer) -> None:
        status = answer.status
        why = f"{status}: {answer.said}" if status else answer.said
        if answer.fine:
            if purpose != READ:
                self.well(purpose)
        elif status in REVOKED:
            self.fail(purpose, "revoked", f"the token is refused, perhaps revoked ({why})")
        elif status in GONE or (status in _OF_ONE_OBJECT and purpose != READ):
            pass
        elif status in _OF_THE_LINE or status < 500 or purpose == READ:
            self.fail(purpose, "failing", why, answer.wait_ms)
        else:
            self._odd += 1
            if self._odd >= _ODD_MAX:
                self.fail(purpose, "failing", why, answer.wait_ms)

    def fail(self, purpose: str, kind: str, why: str, wait_ms: int = 0) -> None:
        """It does not go; leave it alone for a while. kind: a word; a new one is logged."""
        if self.client is not None:
            why = self.client.fit(why)
        now_ms = self._clock.mono_ms()
        if now_ms >= self.hold_ms:  # else it is of the same burst, and counts once
            self._failures += 1
            self.hold_ms = self.later_ms(self._failures)
        self.hold_ms = max(self.hold_ms, now_ms + wait_ms)
        before, _ = self._troubles.get(purpose, ("", ""))
        self._troubles[purpose] = kind, why
        if before != kind:
            log.warning("DemandFlow is not kept up to date.", sink=self._name, reason=why)

    def well(self, purpose: str) -> None:
        """It goes again."""
        self._failures = self._odd = 0
        if self._troubles.pop(purpose, None) is not None and not self._troubles:
            log.info("DemandFlow is kept up to date again.", sink=self._name)
