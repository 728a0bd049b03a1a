"""Hostile datagrams to the stack itself: network layer, segments and transactions."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from tests.damage import many
from tests.readers.bacnet_ip.canned import (
    abort,
    complex_ack,
    datagram,
    error,
    i_am,
    reject,
    simple_ack,
)
from tests.readers.bacnet_ip.test_services_fuzz import SINGLE
from tests.readers.bacnet_ip.test_stack import bench

from meterd.readers.bacnet_ip import bvll
from meterd.readers.bacnet_ip.refusals import RefusedError
from meterd.readers.bacnet_ip.tags import GarbageError
from meterd.readers.line import ReadFailed

CASES = 400
SEGMENT = bytes((0x3C, 0, 0, 4, 12)) + SINGLE
APDUS = [
    complex_ack(0, 12, SINGLE), SEGMENT, SEGMENT[:2] + b"\x01" + SEGMENT[3:], error(0, 12, 2, 32),
    reject(0, 9), abort(0, 4), simple_ack(0, 5), i_am(7), b"\x40\x00\x00\x04",
]  # fmt: skip
NPCIS = (b"\x01\x00", b"\x01\x08\x00\x05\x01\x07")
ROUTERS = [b"\x81\x0a\x00\x09\x01\x80\x01\x00\x05", b"\x81\x0a\x00\x0a\x01\x80\x03\x01\x00\x05"]
SOUND = [datagram(apdu, npci) for npci in NPCIS for apdu in APDUS] + ROUTERS


@pytest.mark.parametrize("seed", range(2))
async def test_what_answers_an_open_question_is_its_answer_or_nothing(seed: int) -> None:
    async with bench(timeout_ms=50) as one:
        one.device.answer = lambda *_: []
        asked = [asyncio.ensure_future(one.ask()) for _ in range(8)]
        await asyncio.sleep(0)
        here = (one.device.place.partition(":")[0], int(one.device.place.partition(":")[2]))
        for data in many(seed, CASES, SOUND):
            carried = bvll.carried(data, here)
            if carried is not None:
                one.stack._receive(carried)
            await asyncio.sleep(0)
        for question in asked:
            with suppress(ReadFailed, RefusedError, GarbageError):
                await question
        one.device.answer = lambda *_: None
        assert await one.ask() == 1.5
        assert len(asyncio.all_tasks()) < 20
    assert not one.stack._client.waiting
    assert not one.stack._transactions.clientTransactions
