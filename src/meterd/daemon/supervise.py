"""Tasks that must not end: one that fails is told of and started again, with a pause."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from meterd.clock import Clock

log = structlog.get_logger()

FIRST_PAUSE_MS: Final = 1_000
LONGEST_PAUSE_MS: Final = 30_000
STEADY_MS: Final = 60_000
"""A task that lived so long starts again after the first pause."""


async def supervise(name: str, work: Callable[[], Awaitable[None]], clock: Clock) -> None:
    """Run `work` until it returns; start it again when it raises. A fault stays in its task."""
    pause_ms = FIRST_PAUSE_MS
    while True:
        began_ms = clock.mono_ms()
        try:
            await work()
        except Exception:
            log.exception("A task failed and is started again.", task=name)
        else:
            return
        if clock.mono_ms() - began_ms > STEADY_MS:
            pause_ms = FIRST_PAUSE_MS
        await clock.sleep_until(clock.mono_ms() + pause_ms)
        pause_ms = min(2 * pause_ms, LONGEST_PAUSE_MS)


async def end(*tasks: asyncio.Task[None]) -> None:
    """Cancel tasks and wait until they are gone."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
