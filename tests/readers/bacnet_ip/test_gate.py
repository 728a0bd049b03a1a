"""One question at a time to each device."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Hashable

import pytest

from meterd.readers.bacnet_ip.gate import AT_ONCE, Gate
from meterd.readers.bacnet_ip.refusals import RefusedError
from meterd.readers.line import ReadFailed


class Net:
    """Devices that answer when they are let to, each in its own way."""

    def __init__(self) -> None:
        self.asked: list[tuple[Hashable, int]] = []
        self.open = asyncio.Event()
        self.moods: dict[Hashable, Exception] = {}
        self.gate = Gate(self.send)

    async def send(self, who: Hashable, service: int, content: bytes) -> bytes:
        self.asked.append((who, service))
        await self.open.wait()
        if who in self.moods:
            raise self.moods[who]
        return content

    async def started(self, *asking: tuple[Hashable, int]) -> list[asyncio.Task[bytes]]:
        tasks = [asyncio.ensure_future(self.gate.to(who)(n, b"x")) for who, n in asking]
        for _ in range(5):
            await asyncio.sleep(0)
        return tasks


async def test_a_device_is_asked_one_thing_after_the_other_and_others_meanwhile() -> None:
    net = Net()
    tasks = await net.started(("a", 1), ("a", 2), ("b", 3))
    assert net.asked == [("a", 1), ("b", 3)]
    net.open.set()
    assert await asyncio.gather(*tasks) == [b"x"] * 3
    assert net.asked[2] == ("a", 2)


async def test_whoever_waited_for_a_silent_device_need_not_try() -> None:
    net = Net()
    net.moods["a"] = ReadFailed("timeout", "no answer")
    tasks = await net.started(("a", 1), ("a", 2), ("a", 3))
    net.open.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [str(one) for one in found] == ["no answer"] * 3
    assert net.asked == [("a", 1)]
    with pytest.raises(ReadFailed):
        await net.gate.to("a")(4, b"")
    del net.moods["a"]
    assert await net.gate.to("a")(5, b"y") == b"y"
    assert [n for _, n in net.asked] == [1, 4, 5]


async def test_a_device_that_is_silent_for_long_leaves_nothing_of_its_failures() -> None:
    """Each would hold what it was raised in, and that the one before."""

    class Silent(ReadFailed):
        pass

    async def send(who: Hashable, service: int, content: bytes) -> bytes:
        raise Silent("timeout", f"{who!s}: no answer")

    gate = Gate(send)
    for _ in range(20):
        with pytest.raises(Silent):
            await gate.to("a")(1, b"")
    gc.collect()
    assert [one for one in gc.get_objects() if type(one) is Silent] == []


async def test_a_refusal_is_an_answer() -> None:
    net = Net()
    net.open.set()
    net.moods["a"] = RefusedError("reject", 9)
    with pytest.raises(RefusedError):
        await net.gate.to("a")(1, b"")


async def test_so_many_at_once_and_silent_ones_besides() -> None:
    net = Net()
    net.open.set()
    net.moods["dead"] = ReadFailed("timeout", "no answer")
    with pytest.raises(ReadFailed):
        await net.gate.to("dead")(0, b"")
    net.open.clear()
    tasks = await net.started(*((n, 1) for n in range(AT_ONCE + 9)), ("dead", 1))
    assert len(net.asked) == 1 + AT_ONCE + 1
    net.open.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert len(net.asked) == 1 + AT_ONCE + 9 + 1
