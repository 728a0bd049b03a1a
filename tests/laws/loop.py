"""A loop for a world that waits for nobody: no thread, no socket, and no time that passes.

What the store does in its writer thread is done here and now, so that a life is one line of
calls and takes no longer than they do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from selectors import SelectSelector
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Args = TypeVarTuple("Args")


class _Nobody(SelectSelector):
    """Asks the kernel nothing: nobody out there has anything to say."""

    def select(self, timeout: float | None = None) -> list[Any]:
        assert timeout == 0, "the world waits for what will never happen"
        return []


class Loop(asyncio.SelectorEventLoop):
    """The loop of one life."""

    def __init__(self) -> None:
        super().__init__(_Nobody())

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


def run(life: Coroutine[Any, Any, T]) -> T:
    """Live it to its end."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(life)
