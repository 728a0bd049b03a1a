"""Subscriptions: made, renewed, refused, lost."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import pairwise

from structlog.testing import capture_logs
from tests.readers.bacnet_ip.said import Around, Asked, device, point

from meterd.readers.bacnet_ip.conversation import Ask
from meterd.readers.bacnet_ip.cov import Watch
from meterd.readers.bacnet_ip.refusals import RefusedError
from meterd.readers.line import ReadFailed

TWO = device(point("active_power", 0, 3, cov=True), point("voltage", 0, 4, cov=True),
             point("current", 0, 5))  # fmt: skip


class Bench:
    """A watch, and the device that is subscribed to. A lifetime of 0 is over at once."""

    def __init__(self, lifetime_s: int = 0) -> None:
        self.around = Around()
        self.watch = Watch(TWO, lifetime_s, self.around.all)
        self.bad: Exception | None = None
        self.enough = asyncio.Event()
        self.wanted = 2
        self.ask = Asked(self.answer)

    def answer(self, service: int, content: bytes) -> bytes:
        if len(self.ask.requests) >= self.wanted:
            self.enough.set()
        if self.bad is not None:
            raise self.bad
        return b""

    async def way(self) -> Ask:
        return self.ask

    async def keeps(self, requests: int) -> list[str]:
        """Keep until so many requests have been made; the objects and processes asked for."""
        self.wanted = requests
        self.enough.clear()
        task = asyncio.ensure_future(self.watch.keep(self.way))
        async with asyncio.timeout(20):
            await self.enough.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return [content.hex() for _, content in self.ask.requests]


async def test_every_object_is_subscribed_to_and_renewed_with_a_new_process() -> None:
    bench = Bench()
    assert bench.watch.wanted
    asked = await bench.keeps(4)
    assert [text.rpartition("1c")[2][:8] for text in asked] == ["00000003", "00000004"] * 2
    assert asked[0] != asked[2]
    assert len(bench.watch.processes) == 2
    for process in bench.watch.processes:
        bench.watch.news.clear()
        bench.watch.hear(process)
        assert bench.watch.news.is_set()
    bench.watch.news.clear()
    bench.watch.hear(0)
    assert not bench.watch.news.is_set()


async def test_a_device_that_takes_none_is_told_of_once_and_asked_again_in_time() -> None:
    bench = Bench()
    bench.bad = RefusedError("error", 45, 5)
    with capture_logs() as logs:
        await bench.keeps(6)
    assert [log["object"] for log in logs] == ["analog-input,3", "analog-input,4"]


async def test_a_device_that_was_silent_is_subscribed_to_when_it_answers_again() -> None:
    bench = Bench(lifetime_s=1_000)
    bench.bad = ReadFailed("timeout", "no answer")
    task = asyncio.ensure_future(bench.watch.keep(bench.way))
    bench.wanted = 1
    async with asyncio.timeout(20):
        await bench.enough.wait()
        bench.bad = None
        bench.wanted = 3
        bench.enough.clear()
        bench.watch.lost.set()
        await bench.enough.wait()
    task.cancel()
    assert len(bench.ask.requests) == 3


async def test_news_are_read_at_once_but_not_more_often_than_once_a_second() -> None:
    bench = Bench()
    read: list[int] = []
    done = asyncio.Event()

    async def reads() -> None:
        read.append(bench.around.clock.mono_ms())
        bench.watch.news.set()
        if len(read) == 2:
            raise ReadFailed("timeout", "the poll will tell")
        if len(read) == 3:
            done.set()

    bench.watch.news.set()
    task = asyncio.ensure_future(bench.watch.follow(reads))
    async with asyncio.timeout(20):
        await done.wait()
    task.cancel()
    assert [b - a for a, b in pairwise(read)][:2] == [1000, 1000]


def test_a_device_without_such_points_is_not_watched() -> None:
    assert not Watch(device(point("current", 0, 5)), 300, Around().all).wanted
