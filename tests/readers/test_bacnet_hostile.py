"""Hostile datagrams: nothing dies, hangs or is believed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator

import pytest
from tests.readers.bacnet_ip.canned import (
    Canned,
    accumulator,
    analog,
    canned,
    complex_ack,
    datagram,
    i_am,
    real,
)
from tests.readers.bacnet_ip.said import ENERGY, POWER, device, link, live
from tests.readers.bms import Running

from meterd.readers.bacnet import read_once
from meterd.readers.line import ReadFailed

TRUTH = ({"energy_import": 444_420_000}, {"active_power": 1.5})
PROPERTIES = {**accumulator(1, 12_345), **analog(3, real(1500.0), 47)}
ROUNDS = 150


def damaged(dice: random.Random, whole: bytes) -> bytes:
    """A datagram in one of the ways in which they go wrong."""
    data = bytearray(whole)
    for _ in range(dice.randint(1, 3)):
        way, at = dice.randrange(4), dice.randrange(len(data))
        if way == 0:
            data[at] = dice.randrange(256)
        elif way == 1:
            del data[at + 1 :]
        elif way == 2:
            data[at:at] = dice.randbytes(dice.randint(1, 9))
        else:
            data[at] ^= 1 << dice.randrange(8)
    if dice.random() < 0.7 and len(data) >= 4:  # past the envelope's own length
        data[2:4] = len(data).to_bytes(2, "big")
    return bytes(data)


def storm(dice: random.Random, count: int) -> Iterator[bytes]:
    """What strangers send: answers, announcements and noise."""
    sound = [
        datagram(i_am(7)),
        datagram(complex_ack(1, 14, b"\x0c\x05\xc0\x00\x01\x1e\x29\x55\x4e\x22\x27\x0f\x4f\x1f")),
        datagram(b"\x3c\x01\x00\x04\x0e" + bytes(40)),
        datagram(b"\x40\x01\x00\x04"),
        datagram(b"\x10\x02\x09\x12\x1c\x02\x00\x00\x07\x2c\x00\x00\x00\x03\x39\x00\x4e\x4f"),
        b"\x81\x0a\x00\x08\x01\x80\x01\x00\x05",
        b"\x81\x00\x00\x06\x00\x00",
    ]
    for _ in range(count):
        yield damaged(dice, dice.choice(sound)) if dice.random() < 0.9 else dice.randbytes(30)


@pytest.mark.parametrize("seed", range(5))
async def test_a_storm_beside_a_device_that_is_read(seed: int) -> None:
    dice = random.Random(seed)
    async with canned(PROPERTIES) as well, canned() as stranger:
        meter = device(ENERGY, POWER, address=well.place, every_ms=100)
        async with Running(meter, bind="127.0.0.1").running() as bms:
            await bms.until(lambda: bool(bms.readings()))
            for data in storm(dice, 500):
                stranger.send(data, well.peers[0])
                await asyncio.sleep(0)
            before = len(bms.readings())
            await bms.until(lambda: len(bms.readings()) >= before + 2)
            assert all((r.registers, r.gauges) == TRUTH for r in bms.readings())
            assert len(asyncio.all_tasks()) < 20


async def answers_of(well: Canned, dice: random.Random) -> None:
    """Let a device's answers be damaged, each in another way."""
    sound = well.sound

    def answer(*asked: object) -> list[bytes]:
        whole = sound(*asked)  # type: ignore[arg-type]  # as they come
        return [damaged(dice, datagram(whole))[6:] or b"\x60"]

    well.answer = answer


@pytest.mark.parametrize("seed", range(3))
async def test_a_device_that_answers_garbage_is_a_failed_poll_or_lacks_values(seed: int) -> None:
    dice = random.Random(seed)
    async with canned(PROPERTIES) as well:
        await answers_of(well, dice)
        meter = device(ENERGY, POWER, address=well.place)
        quick = link(meter, bind="127.0.0.1", timeout_ms=20)
        for _ in range(ROUNDS // 3):
            try:
                async with asyncio.timeout(10):
                    reading = await read_once(quick, meter, (), live().all)
            except ReadFailed:
                continue
            assert all(isinstance(amount, int) for amount in reading.registers.values())


async def test_a_flood_is_dropped_and_counted() -> None:
    async with canned(PROPERTIES) as well, canned() as stranger:
        meter = device(ENERGY, address=well.place, every_ms=100)
        async with Running(meter, bind="127.0.0.1").running() as bms:
            await bms.until(lambda: bool(bms.readings()))
            for _ in range(5_000):
                stranger.send(datagram(i_am(9)), well.peers[0])
            before = len(bms.readings())
            await bms.until(lambda: len(bms.readings()) >= before + 2)
            assert bms.readings()[-1].registers == TRUTH[0]
