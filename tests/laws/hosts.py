"""The host of a small world: its clocks, of which the wall clock may be wrong."""

from __future__ import annotations

import asyncio

from tests.laws.lives import BEGIN_MS


class Host:
    """The host's clocks."""

    def __init__(self) -> None:
        self.boot = "boot-1"
        self.mono = 60_000
        self.ahead = BEGIN_MS - self.mono

    def now_ms(self) -> int:
        """Wall clock."""
        return self.mono + self.ahead

    def mono_ms(self) -> int:
        """Monotonic."""
        return self.mono

    async def sleep_until(self, mono_ms: int) -> None:
        """Time passes by itself."""
        self.mono = max(self.mono, mono_ms)
        await asyncio.sleep(0)

    def reboot(self) -> None:
        """The monotonic clock begins again; the wall clock goes on, right or wrong as it was."""
        self.ahead, self.mono = self.now_ms() - 1_000, 1_000
        self.boot = f"boot-{int(self.boot[5:]) + 1}"
