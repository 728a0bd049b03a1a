"""One question at a time to each device, and not too many in all.

A controller answers one request after the other; whoever waited while it was silent need not
try for themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Final, NamedTuple

from meterd.readers.bacnet_ip.conversation import Ask
from meterd.readers.line import ReadFailed

AT_ONCE: Final = 32
"""Devices that are asked at once: their answers fit what the host keeps for us."""

Send = Callable[[Hashable, int, bytes], Awaitable[bytes]]
"""Sends a confirmed request: (to whom, service, content)."""


class _Silence(NamedTuple):
    """Why a device did not answer. The failure itself would keep what it was raised in."""

    reason: str
    text: str


class Gate:
    """The way to every device of a link."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._turns: dict[Hashable, asyncio.Lock] = {}
        self._silent: dict[Hashable, _Silence] = {}
        self._answering = asyncio.Semaphore(AT_ONCE)

    def to(self, who: Hashable) -> Ask:
        """How one device is asked."""

        async def ask(service: int, content: bytes) -> bytes:
            turn = self._turns.setdefault(who, asyncio.Lock())
            waited, before = turn.locked(), self._silent.get(who)
            async with turn:
                silence = self._silent.get(who)
                if waited and silence is not None and silence is not before:
                    raise ReadFailed(*silence)
                return await self._answer(who, service, content)

        return ask

    async def _answer(self, who: Hashable, service: int, content: bytes) -> bytes:
        """A device that was silent last takes nobody's place."""
        try:
            if who in self._silent:
                answer = await self._send(who, service, content)
            else:
                async with self._answering:
                    answer = await self._send(who, service, content)
        except ReadFailed as failure:
            self._silent[who] = _Silence(failure.reason, str(failure))
            raise
        except Exception:
            self._silent.pop(who, None)
            raise
        self._silent.pop(who, None)
        return answer
