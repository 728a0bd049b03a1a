"""Tasks that must not end: started again with a pause, longer each time, until they hold."""

from __future__ import annotations

import asyncio

from tests.daemon.house import Clock

from meterd.daemon.supervise import FIRST_PAUSE_MS, LONGEST_PAUSE_MS, STEADY_MS, end, supervise


class Work:
    """Fails so many times, having lived for so long, and then returns."""

    def __init__(self, clock: Clock, *lives_ms: int) -> None:
        self.clock = clock
        self.lives_ms = list(lives_ms)
        self.runs = 0

    async def run(self) -> None:
        self.runs += 1
        if self.lives_ms:
            self.clock.mono += self.lives_ms.pop(0)
            raise ValueError("it failed")


async def test_work_that_returns_is_done() -> None:
    clock = Clock()
    work = Work(clock)
    await supervise("chore", work.run, clock)
    assert (work.runs, clock.naps) == (1, [])


async def test_the_pause_doubles_to_a_limit_and_no_failure_gets_out() -> None:
    clock = Clock()
    work = Work(clock, *[10] * 8)
    await supervise("chore", work.run, clock)
    assert work.runs == 9
    doubled = [FIRST_PAUSE_MS << n for n in range(5)]
    assert clock.naps == [*doubled, *[LONGEST_PAUSE_MS] * 3]


async def test_after_a_steady_life_the_pause_is_short_again() -> None:
    clock = Clock()
    work = Work(clock, 10, 10, STEADY_MS + 1, 10)
    await supervise("chore", work.run, clock)
    assert clock.naps == [FIRST_PAUSE_MS, 2 * FIRST_PAUSE_MS, FIRST_PAUSE_MS, 2 * FIRST_PAUSE_MS]


async def test_what_is_ended_is_gone_however_it_ends() -> None:
    async def for_ever() -> None:
        await asyncio.Event().wait()

    async def fails() -> None:
        raise ValueError("it failed")

    tasks = [asyncio.create_task(for_ever()), asyncio.create_task(fails())]
    await end(*tasks)
    assert all(task.done() for task in tasks)
    await end()
