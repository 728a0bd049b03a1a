"""A loop for a world that waits for nobody: no thread, no socket, and time that leaps.

Where nothing is left to do, time goes on to the next timer. What the store does in its writer
thread is done here and now, and connections are of the world's own (`wires.py`): a life is one
line of calls, takes no longer than they do, and is the same at every run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from random import Random
from selectors import SelectSelector
from typing import Any, Final, TypeVar, TypeVarTuple

from tests.laws.wires import DELAY_S, Datagrams, Hears, connect

T = TypeVar("T")
Args = TypeVarTuple("Args")
Accept = Callable[[], asyncio.Protocol]
_RESOLUTION_S: Final = 1e-6
"""Of thirty years in a float."""


class _Nobody(SelectSelector):
    """Asks the kernel nothing: nobody out there has anything to say."""

    def __init__(self, passes: Callable[[float], None]) -> None:
        super().__init__()
        self._passes = passes

    def select(self, timeout: float | None = None) -> list[Any]:
        assert timeout is not None, "the world waits for what will never happen"
        if timeout > 0:
            self._passes(timeout)
        return []


class Loop(asyncio.SelectorEventLoop):
    """The loop of one life.

    peers: who listens for connections, by host and port. hears: takes all datagrams. chance: of
    the wires.
    """

    def __init__(self) -> None:
        self._now_s = 0.0
        super().__init__(_Nobody(self.leap))
        self._clock_resolution = _RESOLUTION_S
        self.peers: dict[tuple[str, int], Accept] = {}
        self.hears: Hears | None = None
        self.chance = Random(0)

    def time(self) -> float:
        """Seconds since the world began."""
        return self._now_s

    def leap(self, seconds: float) -> None:
        """So much time passes, and nobody does anything in it."""
        self._now_s += seconds

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """An error that nobody waits for ends the life."""
        raise context.get("exception") or RuntimeError(context["message"])

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Args], T], *args: *Args
    ) -> asyncio.Future[T]:
        """Do it at once; its error is raised where it is waited for."""
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - as a thread would, it hands over any
            done.set_exception(error)
        return done

    async def create_connection(  # type: ignore[override]  # of the many ways, the one in use
        self, factory: Accept, host: str, port: int
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        """Connect to who listens there; ConnectionRefusedError if nobody does."""
        await asyncio.sleep(DELAY_S)
        accept = self.peers.get((host, port))
        if accept is None:
            raise ConnectionRefusedError
        ours, theirs = factory(), accept()
        return connect(ours, theirs, self.chance), ours

    async def create_datagram_endpoint(  # type: ignore[override]  # of the many ways, one
        self, factory: Callable[[], asyncio.DatagramProtocol], remote_addr: tuple[str, int]
    ) -> tuple[asyncio.DatagramTransport, asyncio.DatagramProtocol]:
        """A socket for datagrams to one address."""
        assert self.hears is not None
        protocol = factory()
        return Datagrams(protocol, self.hears, remote_addr[0]), protocol


def run(life: Coroutine[Any, Any, T]) -> T:
    """Live it to its end."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(life)
