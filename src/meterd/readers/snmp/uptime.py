"""Whether an agent has restarted: what its sysUpTime, its boots and the time say. Pure.

sysUpTime counts hundredths and wraps after 497 days, which is no restart. It restarts from
zero; so if it is less than it was, or far less than it should be by now, the agent has.
"""

from __future__ import annotations

from typing import Final

WRAP: Final = 1 << 32
SLACK: Final = 300
"""Hundredths that an agent's clock and the network may differ by, at least."""
DRIFT: Final = 50
"""One part in so many that an agent's clock may be slow or fast."""


class Uptime:
    """The last sysUpTime of one agent, and when it was read (monotonic)."""

    def __init__(self) -> None:
        self._ticks: int | None = None
        self._at_ms = 0

    def restarted(self, ticks: int, at_ms: int) -> bool:
        """Note a sysUpTime; whether the agent has restarted since the last one."""
        before, elapsed = self._ticks, (at_ms - self._at_ms) // 10
        self._ticks, self._at_ms = ticks, at_ms
        if before is None:
            return False
        slack = SLACK + elapsed // DRIFT
        if ticks >= before:
            return ticks < before + elapsed - slack
        behind = (before + elapsed - ticks) % WRAP
        return before + elapsed + slack < WRAP or min(behind, WRAP - behind) > slack
