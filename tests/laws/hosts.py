"""The host of a small world: its clocks, of which the wall clock may be wrong."""

from __future__ import annotations

import asyncio

from tests.laws.lives import BEGIN_MS
from tests.laws.loop import Loop


class Host:
    """The host's clocks. ahead: of the wall clock from the monotonic one, ms."""

    def __init__(self) -> None:
        self.boot = "boot-1"
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Loop)
        self._loop = loop
        self._booted_ms = self.true_ms() - 60_000
        self.ahead = BEGIN_MS - self.mono_ms()

    def true_ms(self) -> int:
        """What has really passed."""
        return round(self._loop.time() * 1000)

    def now_ms(self) -> int:
        """Wall clock."""
        return self.mono_ms() + self.ahead

    def mono_ms(self) -> int:
        """Monotonic."""
        return self.true_ms() - self._booted_ms

    async def sleep_until(self, mono_ms: int) -> None:
        """Let time pass."""
        await asyncio.sleep(max(0, mono_ms - self.mono_ms()) / 1000)

    async def wait(self, wait_ms: int) -> None:
        """Let so much of it pass."""
        await self.sleep_until(self.mono_ms() + wait_ms)

    def sleep(self, wait_ms: int) -> None:
        """Be suspended: nobody does anything meanwhile."""
        self._loop.leap(wait_ms / 1000)

    def reboot(self) -> None:
        """The monotonic clock begins again; the wall clock goes on, right or wrong as it was."""
        self.ahead = self.now_ms() - 1_000
        self._booted_ms = self.true_ms() - 1_000
        self.boot = f"boot-{int(self.boot[5:]) + 1}"
