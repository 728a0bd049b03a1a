"""A counter that stands still while power flows (failure C13).

It is the wrong register, or whoever answers for the meter answers from memory. Judged only of a
meter that reads both, and only after so long that a register which its device renews every hour
is none. Pure: it is told of readings and keeps nothing that a restart would miss.
"""

from __future__ import annotations

from typing import Final

from meterd.specs import STALE_MS

LONG_MS: Final = 2 * 3_600_000
"""Counters are not called stuck before."""


class Still:
    """What power says should have been counted since a register last moved.

    limit_j: joules that a register shows if it counts. since_ms: when it was first seen where it
    stands. due_j: joules that power says have been used since.
    """

    def __init__(self, limit_j: int) -> None:
        self.limit_j = limit_j
        self.since_ms = 0
        self.due_j = 0.0
        self._dial: int | None = None
        self._at_ms = 0
        self._kw = 0.0

    def see(self, at_ms: int, dial: int, kw: float) -> bool | None:
        """Whether it stands still; None while that cannot be told. dial: base units. kw: imported.

        Of two powers the lower one counts, and between readings more than 15 minutes apart none.
        """
        lasted_ms = at_ms - self._at_ms
        self._at_ms, self._kw, kw_before = at_ms, kw, self._kw
        if dial != self._dial:
            moved = self._dial is not None
            self._dial, self.since_ms, self.due_j = dial, at_ms, 0.0
            return False if moved else None
        if 0 < lasted_ms <= STALE_MS:
            self.due_j += max(min(kw, kw_before), 0.0) * lasted_ms
        long = at_ms - self.since_ms >= LONG_MS
        return True if long and self.due_j >= self.limit_j else None
