"""Edges on GPIO lines, from the kernel's records to counts and their spacing. Pure.

The kernel numbers the edges of each line before it queues them, so the count is the
difference of two numbers, whatever a full queue has dropped (uAPI v2,
`struct gpio_v2_line_event`: 48 bytes).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from fractions import Fraction
from typing import Final

RECORD: Final = struct.Struct("=QIIII24x")
"""timestamp_ns, id, offset, seqno, line_seqno."""
_SEQNO: Final = 1 << 32


class Edges:
    """One line. count: its edges since it was requested. at_ns: of the newest, kernel time.

    unseen: edges that were counted and whose records a full queue has dropped.
    """

    def __init__(self) -> None:
        self.count = 0
        self.at_ns = 0
        self.unseen = 0
        self._seqno = 0

    def take(self, at_ns: int, seqno: int) -> None:
        """The record of one edge."""
        step = (seqno - self._seqno) % _SEQNO
        self.count += step
        self.unseen += max(0, step - 1)
        self._seqno, self.at_ns = seqno, at_ns


class Lines:
    """The lines of one request, by number. Bytes may come in any pieces."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self.by_number = {number: Edges() for number in numbers}
        self._rest = b""

    def take(self, data: bytes) -> None:
        """What was read from the request's file descriptor."""
        data = self._rest + data
        whole = len(data) // RECORD.size * RECORD.size
        for at_ns, _id, number, _seqno, line_seqno in RECORD.iter_unpack(data[:whole]):
            if (edges := self.by_number.get(number)) is not None:
                edges.take(at_ns, line_seqno)
        self._rest = data[whole:]


class Spacing:
    """Pulses a second, from their spacing; when none comes, the most it can still be."""

    def __init__(self) -> None:
        self._count = 0
        self._at_ns = 0
        self._per_s: Fraction | None = None

    def per_s(self, edges: Edges, silent_ms: int) -> Fraction | None:
        """The rate at a time so long after the newest edge; None before two were timed."""
        if edges.count > self._count:
            span_ns = edges.at_ns - self._at_ns
            if self._count and span_ns > 0:
                self._per_s = Fraction((edges.count - self._count) * 10**9, span_ns)
            self._count, self._at_ns = edges.count, edges.at_ns
        if self._per_s is None or silent_ms <= 0:
            return self._per_s
        return min(self._per_s, Fraction(1000, silent_ms))
