"""Sinks tell the world what has been committed, and nothing else; each is one file.

A sink says what is durable before the commit (`facts`, pure) and learns what happened after
it (`tell`, which neither blocks nor awaits). Everything slow happens in its own task (`run`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from meterd.events import Output
from meterd.views import BillView, MeterView


class Fact(msgspec.Struct, frozen=True, gc=False):
    """A message that must arrive: kept in the store's outbox until it is acknowledged.

    seq: its place in the sink's one line of facts, without holes; also in the payload.
    """

    seq: int
    topic: str
    payload: bytes
    retain: bool


class Sink(Protocol):
    """What the daemon asks of every sink."""

    name: str

    def facts(self, outputs: Sequence[Output], first_seq: int, epoch: str) -> list[Fact]:
        """The durable messages for these outputs, numbered from `first_seq`. Pure.

        epoch: identity of the line of numbers; a new store starts a new one.
        """
        ...

    def tell(
        self, outputs: Sequence[Output], meters: Sequence[MeterView], bills: Sequence[BillView]
    ) -> None:
        """Take what has just been committed. Never blocks; what does not fit is counted."""
        ...

    async def run(self) -> None:
        """Work until `close`. A fault in the world is retried, never raised."""
        ...

    async def close(self) -> None:
        """Say goodbye, within a bounded time, and let `run` return."""
        ...
