"""The requests of one Modbus connection, one at a time: pauses are kept, busy time is counted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from meterd.clock import Clock
from meterd.readers.line import LinkStats

Encode = Callable[[int, str, int, int], Any]
"""Makes a transport's request of unit, table, address and count."""

Ask = Callable[[Any], Awaitable[bytes]]
"""Sends a transport's request and returns its answer; RefusedError or ReadFailed."""


class Transport(NamedTuple):
    """How requests are written for a kind of line, and where the data of an answer begin.

    identify: makes the request for a unit's identification. after: bytes behind the data.
    """

    encode: Encode
    data_at: int
    identify: Callable[[int], Any]
    after: int = 0


class Turns:
    """Keeps a device's pause before each request, and the time in which the line is not free.

    Busy is from when a request waits for the line only (a frame's silence, or a late reply that
    must go by first) to its answer; a device's own pause is not.
    """

    def __init__(self, clock: Clock, stats: LinkStats) -> None:
        self._clock = clock
        self._stats = stats
        self._loop = asyncio.get_running_loop()
        self._ended_ms = 0
        if stats.busy_s is None:
            stats.busy_s, stats.since_ms = 0.0, clock.mono_ms()

    async def take(self, pause_ms: int, send: Ask, request: Any) -> bytes:
        """Send one request when the device's pause is over; as `Ask` otherwise."""
        if pause_ms and self._ended_ms + pause_ms > self._clock.mono_ms():
            await self._clock.sleep_until(self._ended_ms + pause_ms)
        began_s = self._loop.time()
        try:
            return await send(request)
        finally:
            self._stats.busy_s = (self._stats.busy_s or 0.0) + self._loop.time() - began_s
            self._ended_ms = self._clock.mono_ms()
