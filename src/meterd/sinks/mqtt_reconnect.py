"""Keeps in touch with one broker: connects, hands the connection over, and connects again.

What is said on a connection is its session's business. Sessions never overlap, a broker that
is away is asked less often, and `close` interrupts everything but the session's last words.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

import structlog

from meterd.clock import Clock
from meterd.sinks.mqtt_link import Link, LinkError, connect
from meterd.sinks.mqtt_options import Peer

log = structlog.get_logger()
_T = TypeVar("_T")

Session = Callable[[Link], Awaitable[None]]
"""Speaks on a connection until it ends or `stopping`; raises LinkError when it has ended."""

BACKOFF_MAX_MS: Final = 10_000
"""A broker that is back has the states and facts that waited for it within this time."""
STEADY_MS: Final = 60_000
"""A connection that lived so long starts the backoff from the bottom again."""


def backoff_ms(failures: int, chance: float) -> int:
    """How long to wait after so many failures: doubling to 10 s, up to half of it by chance."""
    ceiling = min(BACKOFF_MAX_MS, 1000 << min(failures, 6))
    return max(1000, int(ceiling * (1 + chance) / 2))


class Reconnecting:
    """The connections to a broker, one after another.

    connected, trouble: its health, in a word and in a sentence. wake: set when a session may
    have something to do.
    """

    def __init__(self, name: str, peer: Callable[[], Peer], session: Session, clock: Clock) -> None:
        """peer: asked before each connection; may raise OSError for a certificate's file."""
        self.connected = False
        self.trouble = ""
        self.wake = asyncio.Event()
        self._name = name
        self._peer = peer
        self._session = session
        self._clock = clock
        self._stop = asyncio.Event()
        self._over = asyncio.Event()
        self._over.set()

    @property
    def stopping(self) -> bool:
        """Whether `close` was called."""
        return self._stop.is_set()

    async def run(self) -> None:
        """Connect, and connect again, until `close`. Raises what a session raises of its own."""
        self._over.clear()
        failures = 0
        try:
            while not self.stopping:
                since_ms = self._clock.mono_ms()
                await self._once()
                now_ms = self._clock.mono_ms()
                failures = 1 if now_ms - since_ms > STEADY_MS else failures + 1
                wait_ms = backoff_ms(failures, random.random())  # noqa: S311  # only jitter
                await self._unless_stopped(self._clock.sleep_until(now_ms + wait_ms))
        finally:
            self._over.set()

    async def close(self) -> None:
        """Let the session say its last words and `run` return, and wait for it."""
        self._stop.set()
        self.wake.set()
        await self._over.wait()

    async def until(self, so: Callable[[], bool]) -> None:
        """Return when something that woke us has made it so."""
        while not so():
            self.wake.clear()
            await self.wake.wait()

    async def _once(self) -> None:
        """One connection, from its beginning to its end."""
        link: Link | None = None
        try:
            link = await self._unless_stopped(connect(self._peer(), self.wake.set))
            if link is not None:
                self.connected, self.trouble = True, ""
                log.info("MQTT broker connected.", sink=self._name, version=link.version)
                await self._session(link)
        except (LinkError, OSError) as error:  # OSError: a certificate file
            if str(error) != self.trouble:
                self.trouble = str(error)
                log.warning("MQTT broker not connected.", sink=self._name, reason=self.trouble)
        finally:
            self.connected = False
            if link is not None:
                link.abort()

    async def _unless_stopped(self, work: Coroutine[Any, Any, _T]) -> _T | None:
        """What `work` returns or raises, or None if `close` comes first."""
        task = asyncio.ensure_future(work)
        stop = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            task.cancel()
            stop.cancel()
            await asyncio.gather(task, stop, return_exceptions=True)
