"""Transactions against a device made of bytes: what counts as an answer and what does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.readers.bacnet_ip.canned import (
    Canned,
    abort,
    canned,
    complex_ack,
    datagram,
    error,
    i_am,
    real,
    reject,
    simple_ack,
)
from tests.readers.bacnet_ip.said import link

from meterd.readers.bacnet_ip import services
from meterd.readers.bacnet_ip.refusals import RefusedError
from meterd.readers.bacnet_ip.stack import Stack
from meterd.readers.line import LinkStats, ReadFailed

VALUE = {(0, 3, 85): real(1.5)}
ASKED = services.read_property((0, 3), 85)


class Bench:
    """A stack, and a device that it asks."""

    def __init__(self, device: Canned, **more: Any) -> None:
        self.stack = Stack(link(**more), LinkStats("bms"), self.hear)
        self.device = device
        self.heard: list[tuple[str, int, bytes]] = []
        self.news = asyncio.Event()

    def hear(self, who: Hashable, service: int, content: bytes) -> None:
        self.heard.append((str(who), service, content))
        self.news.set()

    async def ask(self) -> Any:
        """The value of analog-input,3."""
        to = await self.stack.place(self.device.place)
        return services.property_read(await self.stack.ask(to, services.READ_PROPERTY, ASKED))

    def answers(self, *apdus: bytes) -> None:
        """These, in which 0xEE stands for the invoke id, instead of what would be sound."""
        self.device.answer = lambda invoke, *_: [
            one[:1] + bytes((invoke,)) + one[2:] if one[1:2] == b"\xee" else one for one in apdus
        ]


@asynccontextmanager
async def bench(**more: Any) -> AsyncIterator[Bench]:
    async with canned(VALUE) as device:
        one = Bench(device, **more)
        await one.stack.open()
        try:
            yield one
        finally:
            one.stack.close()


async def test_an_answer() -> None:
    async with bench() as one:
        assert await one.ask() == 1.5
        assert await one.ask() == 1.5


@pytest.mark.parametrize(
    ("apdu", "kind", "code", "group"),
    [
        (abort(0xEE, 4), "abort", 4, 0),
        (abort(0xEE, 65), "abort", 65, 0),
        (reject(0xEE, 9), "reject", 9, 0),
        (error(0xEE, 12, 2, 32), "error", 32, 2),
    ],
)
async def test_a_refusal(apdu: bytes, kind: str, code: int, group: int) -> None:
    async with bench() as one:
        one.answers(apdu)
        with pytest.raises(RefusedError) as caught:
            await one.ask()
        found = caught.value
        assert (found.kind, found.code, found.group) == (kind, code, group)


async def test_an_error_that_says_nothing_is_garbage() -> None:
    async with bench() as one:
        one.answers(b"\x50\xee\x0c\x91\x02")
        with pytest.raises(ReadFailed) as caught:
            await one.ask()
        assert caught.value.reason == "garbage"


async def test_an_acknowledgement_without_content() -> None:
    async with bench() as one:
        one.answers(simple_ack(0xEE, 5))
        to = await one.stack.place(one.device.place)
        assert await one.stack.ask(to, services.SUBSCRIBE_COV, b"") == b""


async def test_a_lost_datagram_is_sent_once_more() -> None:
    async with bench() as one:
        sound = one.device.sound
        one.device.answer = lambda *asked: [] if len(one.device.asked) == 1 else [sound(*asked)]
        assert await one.ask() == 1.5
        assert len(one.device.asked) == 2


async def test_silence_is_told_in_time_and_a_late_answer_is_nobodys() -> None:
    async with bench() as one:
        late: list[int] = []

        def keep(invoke: int, *_: object) -> list[bytes]:
            late.append(invoke)
            return []

        one.device.answer = keep
        with pytest.raises(ReadFailed, match="no answer within"):
            await one.ask()
        one.device.answer = lambda *_: None
        answer = complex_ack(late[0], 12, ASKED + b"\x3e" + real(9.0) + b"\x3f")
        one.device.send(datagram(answer), one.device.peers[0])
        assert await one.ask() == 1.5


async def test_an_answer_to_another_question_or_from_another_place_does_not_count() -> None:
    wrong = ASKED + b"\x3e" + real(9.0) + b"\x3f"
    async with bench() as one, canned() as stranger:
        sound = one.device.sound

        def answer(invoke: int, service: int, content: bytes) -> list[bytes]:
            stranger.send(datagram(complex_ack(invoke, 12, wrong)), one.device.peers[-1])
            return [complex_ack((invoke + 1) % 256, 12, wrong), sound(invoke, service, content)]

        one.device.answer = answer
        assert await one.ask() == 1.5


async def test_an_answer_in_parts() -> None:
    whole = ASKED + b"\x3e" + b"".join(real(n) for n in range(600)) + b"\x3f"
    parts = [whole[at : at + 1000] for at in range(0, len(whole), 1000)]
    async with bench() as one:
        head = (0x3C, 0x3C, 0x3C, 0x38)

        def send(invoke: int, *_: object) -> list[bytes]:
            return [
                bytes((head[n], invoke, n, 4, 12)) + part for n, part in enumerate(parts)
            ]  # fmt: skip

        assert len(parts) == 4
        one.device.answer = send
        assert await one.ask() == tuple(float(n) for n in range(600))


async def test_parts_without_an_end_are_given_up() -> None:
    async with bench(timeout_ms=50) as one:
        one.device.answer = lambda invoke, *_: [bytes((0x3C, invoke, 0, 4, 12)) + ASKED]
        with pytest.raises(ReadFailed, match="no answer"):
            await one.ask()
        one.device.answer = lambda *_: None
        assert await one.ask() == 1.5


async def test_what_is_told_to_all_is_heard() -> None:
    async with bench() as one:
        await one.ask()
        one.device.send(datagram(i_am(7)), one.device.peers[0])
        await one.news.wait()
        assert one.heard == [(one.device.place, services.I_AM, i_am(7)[2:])]
        to = await one.stack.place(one.device.place)
        one.news.clear()
        await one.stack.tell(services.WHO_IS, services.who_is(), to)
        await one.news.wait()
        assert one.device.unconfirmed == [(8, b"")]


async def test_a_device_behind_a_router() -> None:
    """Network 5, station 0x0c: its answers come through the router's address."""
    behind = b"\x01\x08\x00\x05\x01\x0c"
    async with bench() as one:
        await one.ask()
        ours = one.device.peers[0]
        one.device.send(datagram(i_am(7), behind), ours)
        await one.news.wait()
        assert one.heard[0][0] == "5:12"
        one.device.npci = behind
        to = await one.stack.place("5:12")
        answer = await one.stack.ask(to, services.READ_PROPERTY, ASKED)
        assert services.property_read(answer) == 1.5


async def test_a_network_without_a_router_is_unreachable() -> None:
    async with bench() as one:
        to = await one.stack.place("77:12")
        with pytest.raises(ReadFailed) as caught:
            await one.stack.ask(to, services.READ_PROPERTY, ASKED)
        assert caught.value.reason in {"timeout", "unreachable"}


async def test_closing_ends_every_question() -> None:
    async with bench(timeout_ms=60_000) as one:
        one.answers()
        task = asyncio.ensure_future(one.ask())
        await one.device.bell.until(lambda: bool(one.device.asked))
        one.stack.close()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_device_owes_no_more_answers_than_there_are_numbers() -> None:
    async with bench(timeout_ms=60_000) as one:
        one.answers()
        to = await one.stack.place(one.device.place)
        asking = [
            asyncio.ensure_future(one.stack.ask(to, services.READ_PROPERTY, ASKED))
            for _ in range(256)
        ]
        await one.device.bell.until(lambda: len(one.device.asked) >= 250)
        with pytest.raises(ReadFailed, match="owes 256 answers"):
            await one.ask()
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
