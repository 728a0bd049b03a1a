"""An event loop and a clock whose time moves only when everybody waits."""

from __future__ import annotations

import asyncio
import selectors


class Still(selectors.SelectSelector):
    """Waits for nobody: the time it should wait has passed at once, and a little more, as
    nothing takes no time."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now_s += max(timeout or 0.0, 1e-6)
        return super().select(0)


class StillLoop(asyncio.SelectorEventLoop):
    """An event loop whose time moves only when everybody waits."""

    def __init__(self) -> None:
        self._still = Still()
        super().__init__(self._still)

    def time(self) -> float:
        return self._still.now_s


class StillClock:
    """The same time, for the poll loop."""

    boot = ""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()

    def now_ms(self) -> int:
        return round(1000 * self._loop.time())

    mono_ms = now_ms

    async def sleep_until(self, mono_ms: int) -> None:
        await asyncio.sleep(max(0, mono_ms - self.mono_ms()) / 1000)
