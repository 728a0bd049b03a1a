"""The only module that may ask the time or sleep."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Protocol

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Clock(Protocol):
    """Wall and monotonic time, and sleep, so that tests can be the clock."""

    boot: str

    def now_ms(self) -> int:
        """Wall clock, epoch ms UTC."""
        ...

    def mono_ms(self) -> int:
        """Milliseconds since boot, suspend included; never goes back within one boot."""
        ...

    async def sleep_until(self, mono_ms: int) -> None:
        """Return at or after this monotonic instant."""
        ...


class SystemClock:
    """The host's clock. CLOCK_BOOTTIME, so that a suspended host knows how long it slept."""

    def __init__(self) -> None:
        self.boot = _BOOT_ID.read_text("ascii").strip() if _BOOT_ID.exists() else ""

    def now_ms(self) -> int:
        """Wall clock, epoch ms UTC."""
        return time.time_ns() // 1_000_000

    def mono_ms(self) -> int:
        """Milliseconds since boot, suspend included."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000

    async def sleep_until(self, mono_ms: int) -> None:
        """Sleep to a monotonic instant; at least yields once."""
        await asyncio.sleep(max(0, mono_ms - self.mono_ms()) / 1000)
