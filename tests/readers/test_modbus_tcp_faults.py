"""Modbus TCP against a device that misbehaves: no wrong value is ever read."""

from __future__ import annotations

import asyncio
import random

import pytest
from tests.readers.hall import M1, SILENCE_MS, TRUTH, site

from meterd.sim.modbus_server import Fault

PASSED_OVER = {
    "a late answer's twin": (Fault(twice=True), "late"),
    "another unit's answer": (Fault(before=bytes.fromhex("0000 0000 0003 09 83 02")), None),
    "noise that looks like a frame": (Fault(before=bytes.fromhex("0000 0000 0002 0900")), None),
}


@pytest.mark.parametrize(("fault", "reason"), PASSED_OVER.values(), ids=PASSED_OVER.keys())
async def test_what_comes_beside_the_answer_does_no_harm(fault: Fault, reason: str | None) -> None:
    async with site() as hall:
        hall.spoil(fault, fault, fault)
        assert await hall.read() == TRUTH
        assert await hall.read() == TRUTH
        assert hall.server.accepted == 1
        assert sum(hall.stats.faults.values()) == 3
        assert reason is None or hall.stats.faults == {reason: 3}


NO_ANSWER = {
    "silence": (Fault(silent=True), "timeout"),
    "an answer under another transaction id": (Fault(tid=1), "timeout"),
    "an answer with another unit": (Fault(unit=1), "timeout"),
    "an answer with another function": (Fault(function=1), "timeout"),
    "half an answer": (Fault(cut=8), "short"),
    "a part of the header": (Fault(cut=3), "short"),
    "less than was asked for": (Fault(words=0), "wrong_length"),
    "more than was asked for": (Fault(words=2), "wrong_length"),
    "a length that lies": (Fault(before=b"\0\1\0\0\0\1\1", cut=0), "garbled"),
    "a length beyond all frames": (Fault(before=b"\0\1\0\0\1\0", cut=0), "garbled"),
    "another protocol": (Fault(before=b"HTTP/1.1 400"), "garbled"),
    "a unit behind a gateway that is away": (Fault(exception=0x0B), "unreachable"),
    "a gateway without a path": (Fault(exception=0x0A), "unreachable"),
    "a connection that ends in the answer": (Fault(cut=8, close=True), "closed"),
    "a connection that ends before it": (Fault(silent=True, close=True), "closed"),
}


@pytest.mark.parametrize(("fault", "reason"), NO_ANSWER.values(), ids=NO_ANSWER.keys())
async def test_no_answer_is_no_reading_and_the_next_poll_is_right(
    fault: Fault, reason: str
) -> None:
    patience_ms = SILENCE_MS if reason in ("timeout", "short") else 5_000
    async with site(timeout_ms=patience_ms) as hall:
        hall.spoil(fault)
        assert await hall.read() == reason
        hall.take_time()
        assert await hall.read() == TRUTH
        assert await hall.read() == TRUTH


@pytest.mark.parametrize("times", [1, 2, 3, 5])
async def test_late_answers_are_never_taken_for_later_ones(times: int) -> None:
    async with site(timeout_ms=SILENCE_MS) as hall:
        hall.spoil(*[Fault(delay_ms=SILENCE_MS + 5)] * times)
        for _ in range(times + 6):
            values = await hall.read()
            assert isinstance(values, str) or values.items() <= TRUTH.items()
        hall.take_time()
        assert await hall.read() == TRUTH


FAULTS = [fault for fault, _ in [*NO_ANSWER.values(), *PASSED_OVER.values()]]


@pytest.mark.parametrize("seed", range(4))
async def test_a_hostile_device_gives_nothing_or_the_truth(seed: int) -> None:
    chance = random.Random(seed)
    async with site(timeout_ms=SILENCE_MS) as hall:
        delays = [Fault(delay_ms=ms) for ms in (10, SILENCE_MS, SILENCE_MS + 10)]
        hall.server.misbehave = lambda _: (
            chance.choice([*FAULTS, *delays]) if chance.random() < 0.4 else None
        )
        for _ in range(25):
            values = await hall.read()
            assert isinstance(values, str) or values.items() <= TRUTH.items()
        hall.take_time()
        assert await hall.read() == TRUTH


async def test_a_caller_that_is_cancelled_anywhere_does_no_harm() -> None:
    async with site() as hall:
        for steps in range(40):
            task = asyncio.ensure_future(hall.line.read(M1))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            assert await hall.read() == TRUTH
        assert set(hall.stats.faults) <= {"late"}
