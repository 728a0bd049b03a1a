"""Which objects go into one request: as many as the agent can answer at once. Pure.

sysUpTime leads every request, so that nothing is taken from an agent that has restarted
without our knowing; of an agent that takes one object at a time it is asked first, and
last if rows of a table are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

VARBINDS_MAX: Final = 30
"""Objects in one request, before an agent has said that it can take fewer."""
REPLY_BYTES_MAX: Final = 1_200
"""Of an answer as it is estimated: one that needs no second Ethernet frame, with privacy."""
VALUE_BYTES: Final = 12
"""What is allowed for a value: more than any number takes."""
BINDING_BYTES: Final = 6
"""The tags and lengths of a binding with two short lengths, and two bytes to spare."""

Batch = tuple[bytes, ...]


def reply_bytes(batch: Iterable[bytes]) -> int:
    """What the bindings of an answer are estimated to take."""
    return sum(len(oid) + BINDING_BYTES + VALUE_BYTES for oid in batch)


def batches(uptime: bytes, objects: Sequence[bytes], limit: int, rows: bool) -> list[Batch]:
    """The requests of one cycle. limit: objects in one. rows: whether tables are among them."""
    others = [oid for oid in dict.fromkeys(objects) if oid != uptime]
    if limit < 2:
        last = (uptime,) if rows and others else ()
        return [(oid,) for oid in (uptime, *others, *last)]
    found: list[Batch] = []
    batch = [uptime]
    size = reply_bytes(batch)
    for oid in others:
        more = reply_bytes((oid,))
        if len(batch) > 1 and (len(batch) == limit or size + more > REPLY_BYTES_MAX):
            found.append(tuple(batch))
            batch, size = [uptime], reply_bytes((uptime,))
        batch.append(oid)
        size += more
    return [*found, tuple(batch)]


def halves(batch: Batch) -> list[Batch]:
    """Two smaller requests for one that got no answer; none where nothing is left to split."""
    if len(batch) < 2:
        return []
    middle = len(batch) // 2
    return [batch[:middle], batch[middle:]]
