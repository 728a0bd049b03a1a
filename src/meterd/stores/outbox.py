"""The outbox: facts wait here, in the order of their numbers, until a sink has delivered them.

Filled by the commit that the facts tell of. Bounded by the disk alone: what has been
committed is a fact, and is dropped for nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from meterd.stores.connection import Connection, number

Fact = tuple[int, str, bytes, bool]
"""(seq, topic, payload, retain), to the byte as it went in."""

PAGE_MAX: Final = 1000
"""Most facts handed out at once."""


def after(connection: Connection, sink: str, seq: int, limit: int) -> list[Fact]:
    """The next facts of a sink with numbers above `seq`, in order."""
    rows: Any = connection.execute(
        "SELECT seq, topic, payload, retain FROM outbox WHERE sink = ? AND seq > ? "
        "ORDER BY seq LIMIT ?",
        (sink, seq, min(limit, PAGE_MAX)),
    )
    return [(seq, topic, payload, bool(retain)) for seq, topic, payload, retain in rows]


def delete(connection: Connection, sink: str, seqs: Sequence[int]) -> None:
    """Forget delivered facts."""
    connection.executemany(
        "DELETE FROM outbox WHERE sink = ? AND seq = ?", [(sink, seq) for seq in seqs]
    )


def depth(connection: Connection, sink: str) -> int:
    """How many facts wait."""
    sql = "SELECT count(*) FROM outbox WHERE sink = ?"
    return number(connection, sql, (sink,))


def last_seq(connection: Connection, sink: str) -> int:
    """The last number ever given out, 0 before the first."""
    sql = "SELECT coalesce(max(last_seq), 0) FROM sinks WHERE sink = ?"
    return number(connection, sql, (sink,))
