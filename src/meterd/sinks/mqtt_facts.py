"""Facts on their way from the store's outbox to a broker: in order, none lost, few in hand.

A fact is deleted from the outbox only when it has arrived. After a new connection everything
that is left is read again from the oldest on, so a fact may arrive twice, but no fact for
the first time before one of a lower seq, unless the broker refused that one.
"""

from __future__ import annotations

from collections import deque
from typing import Final, Protocol

from meterd.sinks import Fact

BATCH: Final = 50
"""Facts read from the outbox at a time: a few windows of the link, and little memory."""

BATCH_EVERY_MS: Final = 200
"""A backlog leaves at 250 facts a second. A broker acknowledges what it then drops for a
subscriber that is still reconnecting (mosquitto queues 1000), so a day's outage is not
poured out in a second."""

HOLD_MS: Final = 60_000
"""How long facts wait after the broker refused one (an access list, a quota)."""

_BEFORE_ALL: Final = -1


class Outbox(Protocol):
    """The store's queue of facts, one line of numbers per sink."""

    async def outbox_after(
        self, sink: str, seq: int, limit: int
    ) -> list[tuple[int, str, bytes, bool]]:
        """At most `limit` facts above `seq`, lowest first: (seq, topic, payload, retain)."""
        ...

    async def outbox_delete(self, sink: str, seqs: list[int]) -> None:
        """Forget facts that have arrived."""
        ...


class FactLane:
    """The facts of one sink."""

    def __init__(self, sink: str, outbox: Outbox) -> None:
        self._sink = sink
        self._outbox = outbox
        self._arrived: list[int] = []
        self.restart()

    def __bool__(self) -> bool:
        """Whether a fact is ready to be sent."""
        return bool(self._ready)

    def restart(self) -> None:
        """A new connection: what was sent and not acknowledged on the old one goes again."""
        self._sent: set[int] = set()
        self._rewind()

    def _rewind(self) -> None:
        self._ready: deque[Fact] = deque()
        self._cursor = _BEFORE_ALL
        self._more = True
        self._full_at_ms: int | None = None
        self._hold_until_ms: int | None = None

    def expect(self) -> None:
        """The outbox may hold new facts."""
        self._more = True

    async def settle(self) -> None:
        """Delete what has arrived."""
        if self._arrived:
            seqs, self._arrived = self._arrived, []
            await self._outbox.outbox_delete(self._sink, seqs)

    async def refill(self, now_ms: int) -> None:
        """Read on, if nothing is ready, there may be more, and it is time. now_ms: monotonic."""
        if self._hold_until_ms is not None and now_ms >= self._hold_until_ms:
            self._rewind()
        if self._ready or not self._more or self.rest_ms(now_ms):
            return
        self._more = False
        rows = await self._outbox.outbox_after(self._sink, self._cursor, BATCH)
        if rows:
            self._cursor = rows[-1][0]
        if len(rows) == BATCH:
            self._more, self._full_at_ms = True, now_ms
        done = self._sent.union(self._arrived)
        self._ready.extend(Fact(*row) for row in rows if row[0] not in done)

    def rest_ms(self, now_ms: int) -> int:
        """How long to wait before reading on, 0 if not at all."""
        if self._hold_until_ms is not None:
            return max(0, self._hold_until_ms - now_ms)
        if self._full_at_ms is not None:
            return max(0, self._full_at_ms + BATCH_EVERY_MS - now_ms)
        return 0

    def take(self) -> Fact:
        """The next fact to send. Raises IndexError if none is ready."""
        fact = self._ready.popleft()
        self._sent.add(fact.seq)
        return fact

    def arrived(self, seq: int) -> None:
        """The broker has it."""
        self._sent.discard(seq)
        self._arrived.append(seq)

    def refused(self, seq: int, now_ms: int) -> None:
        """The broker does not want it: offer it, and all after it, again later."""
        self._sent.discard(seq)
        self._ready.clear()
        self._hold_until_ms = now_ms + HOLD_MS
