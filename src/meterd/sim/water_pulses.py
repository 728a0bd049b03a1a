"""The simulated water meter: a pulse for every litre, counted in a file.

The file stands for the kernel's counter subsystem, which keeps such a number in /sys; no
GPIO is needed to read one.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Final

from meterd.clock import Clock
from meterd.sim.site import Site

EVERY_MS: Final = 500


class PulseFile:
    """The file, kept up to date from `start` to `stop`."""

    def __init__(self, path: Path, site: Site, clock: Clock) -> None:
        self._path = path
        self._site = site
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Count from now on."""
        self._path.parent.mkdir(exist_ok=True)
        self._write()
        self._task = asyncio.create_task(self._count())

    async def stop(self) -> None:
        """Count no more; the file stays."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _count(self) -> None:
        while True:
            await self._clock.sleep_until(self._clock.mono_ms() + EVERY_MS)
            self._write()

    def _write(self) -> None:
        """The whole number at once: whoever reads sees the old one or the new one."""
        self._site.live_to(self._clock.now_ms())
        water = self._site.devices["water"]
        written = self._path.with_suffix(".new")
        written.write_text(f"{water.dial() // water.count}\n", "ascii")
        written.replace(self._path)
