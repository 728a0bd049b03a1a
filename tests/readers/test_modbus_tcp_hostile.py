"""Hostile devices on TCP and on serial lines: nothing dies, hangs or is believed.

Every word of the device holds its own address, so that a value that is not the truth shows.
"""

from __future__ import annotations

import asyncio
import random
import struct
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.readers.hall import M1, TRUTH, site
from tests.readers.modbus.devices import around, device, point
from tests.readers.modbus.sunspec_maps import sun
from tests.readers.modbus.wire import answer, connected
from tests.readers.riser import riser

from meterd.config.sunspec import MODELS_MAX
from meterd.readers.line import ReadFailed
from meterd.readers.modbus import frames, rtu_frames, sunspec
from meterd.readers.modbus.frames import RefusedError
from meterd.readers.modbus.rtu_bus import Pace, RtuBus
from meterd.readers.modbus.unit import Unit
from meterd.readers.modbus.words import width
from meterd.readers.modbus_tcp import TRANSPORT
from meterd.sim.modbus_server import Asked, Fault

SPOILED_MS = 25
LARGEST = 7 + 253
"""Bytes of the longest Modbus TCP frame."""
REFUSALS = [1, 2, 3, 4, 5, 6, 8, 10, 11, 99]


def fault(dice: random.Random) -> Fault | None:
    """Some way in which an answer goes wrong, or none."""
    noise = dice.randbytes(dice.choice([1, 3, 9, 40, 300]))
    return dice.choice([
        None, None,
        Fault(exception=dice.choice(REFUSALS)),
        Fault(words=dice.randrange(125)),
        Fault(tid=dice.choice([-1, 1, 5, 30_000])),
        Fault(unit=dice.randrange(1, 255)),
        Fault(function=dice.randrange(1, 255)),
        Fault(before=noise),
        Fault(before=noise, silent=False, cut=dice.randrange(12)),
        Fault(cut=dice.randrange(1, 12)),
        Fault(twice=True),
        Fault(silent=True),
        Fault(delay_ms=SPOILED_MS * 2),
        Fault(close=True),
    ])  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
async def test_a_storm_on_tcp(seed: int) -> None:
    dice = random.Random(seed)
    async with site(timeout_ms=SPOILED_MS) as hall:
        hall.server.misbehave = lambda asked: fault(dice)
        for _ in range(60):
            read = await hall.read()
            assert isinstance(read, str) or read.items() <= TRUTH.items(), read
        assert len(asyncio.all_tasks()) < 10
        hall.take_time()
        assert isinstance(await hall.read(), dict)


@pytest.mark.parametrize("seed", range(2))
async def test_a_storm_on_a_serial_line(seed: int) -> None:
    dice = random.Random(seed)
    async with riser(timeout_ms=SPOILED_MS, max_turnaround_ms=3 * SPOILED_MS) as line:

        def next_fault(_asked: Asked) -> Fault | None:
            return fault(dice)

        line.server.misbehave = next_fault
        await line.read(M1)  # the port is open
        send = line.server._send

        def garbling(data: bytes) -> None:
            spoil = spoiled(dice, data) if dice.random() < 0.5 else data
            send(spoil)

        line.server._send = garbling
        for _ in range(25):
            read = await line.read(M1)
            assert isinstance(read, str) or read.items() <= TRUTH.items(), read
            assert len(line.line._bus._buffer) <= rtu_frames.BUFFER_MAX
        line.server.misbehave = None
        line.server._send = send
        line.around.clock.now += 60_000  # type: ignore[attr-defined]  # what was refused is asked
        assert isinstance(await line.read(M1), dict)


def spoiled(dice: random.Random, whole: bytes) -> bytes:
    """An answer with bytes changed, cut off or put in, or as it was."""
    data = bytearray(whole)
    for _ in range(dice.choice([0, 1, 1, 1, 2])):
        data[dice.randrange(len(data))] = dice.randrange(256)
    if dice.random() < 0.3:
        del data[dice.randrange(len(data)) :]
    if dice.random() < 0.3:
        at = dice.randint(0, len(data))
        data[at:at] = dice.randbytes(dice.randint(1, 30))
    return bytes(data)


@pytest.mark.parametrize("seed", range(2))
async def test_a_stream_of_anything_ends_the_request_or_waits(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(1000):
        connection, wire = connected()
        asking = asyncio.ensure_future(connection.exchange(frames.request(17, "holding", 107, 2)))
        await asyncio.sleep(0)
        said = spoiled(dice, answer(wire.sent[-1]))
        cut = dice.randint(0, len(said))
        for part in (said[:cut], said[cut:]):
            if not connection.closed:
                connection.data_received(part)
            assert len(connection._rest) < LARGEST
        connection.close()
        try:
            found = await asking
        except (ReadFailed, RefusedError):
            continue
        assert found[2:9] == bytes.fromhex("00000007110304")
        assert len(found) == 13


@pytest.mark.parametrize("seed", range(2))
def test_a_frame_that_was_garbled_on_the_line_is_no_answer(seed: int) -> None:
    dice = random.Random(seed)
    asked, whole = rtu_frames.request(1, "input", 12, 2), bytes.fromhex("010404C32C9822EDD0")
    for _ in range(2000):
        said = spoiled(dice, whole)
        found = rtu_frames.search(said, asked)
        assert found.reply in (b"", whole) or found.verdict == frames.EXCEPTION
        assert rtu_frames.blame(said, asked)


@settings(max_examples=150)
@given(st.lists(st.binary(max_size=400), max_size=4), st.booleans())
async def test_a_line_of_anything_is_no_answer(chunks: list[bytes], named: bool) -> None:
    asked = rtu_frames.identify(1) if named else rtu_frames.request(1, "input", 12, 2)
    bus = RtuBus("line", Pace(0.0, 0.0, 0.0, 0.0), {})
    bus.connect(lambda _: None)
    asking = asyncio.ensure_future(bus.exchange(asked))
    await asyncio.sleep(0)
    for chunk in chunks:
        bus.hear(chunk)
        assert len(bus._buffer) <= rtu_frames.BUFFER_MAX
    try:
        found = await asking
    except (ReadFailed, RefusedError):
        return
    assert found[-2:] == rtu_frames.crc(found[:-2])


@given(st.binary(max_size=300), st.integers(0, 40))
def test_an_identification_of_anything_is_text_or_nothing(noise: bytes, objects: int) -> None:
    pdu = bytes((43, 14, 1, 1, 0, 0, objects)) + noise
    assert all(text.isprintable() for text in frames.texts(pdu))
    asked = rtu_frames.identify(1)
    found = rtu_frames.search(b"\1" + pdu, asked)
    assert found == rtu_frames.NOTHING or found.reply.startswith(asked.head)


@settings(max_examples=150)
@given(st.integers(0, 2**32), st.sampled_from([1, 7, 203, 213, 0xFFFE]), st.integers(0, 300))
async def test_a_map_of_anything_is_walked_in_a_bounded_time(
    seed: int, likely: int, length: int
) -> None:
    dice = random.Random(seed)
    asked = 0

    async def read(address: int, count: int) -> Sequence[int]:
        nonlocal asked
        asked += 1
        if asked == 1:
            return sunspec.MARKER
        if dice.random() < 0.02:
            raise RefusedError(dice.choice([1, 2, 3]), address)
        size = dice.choice([length, length, 105, 124, dice.randrange(65_536)])
        return [dice.choice([likely, dice.randrange(65536)]), size][
            : count - (dice.random() < 0.01)
        ]

    models = await sunspec.walk(read)
    assert asked <= MODELS_MAX + 2
    assert all(0 <= model.address < 65_536 for model in models)
    try:
        found = sunspec.find(sun(), models)
    except ReadFailed:
        return
    assert all(one.address >= 0 and one.address + width(one) <= 65_536 for one in found.points)


NUMBERS = device(
    *(point(f"n{n}", 4 * n, type_) for n, type_ in enumerate(
        ("int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64", "bcd16",
         "bcd32"))),
    point("text", 40, "string", length=8), point("bit", 44, "bitfield", bit=3),
    point("energy_import", 46, "float64", unit="GWh"), point("scale", 50, "int16"),
    point("scaled", 51, "uint32", scale_point="scale"),
)  # fmt: skip


@settings(max_examples=150)
@given(st.binary(min_size=250, max_size=250), st.binary(min_size=20, max_size=20))
async def test_words_of_anything_are_numbers_or_absent(noise: bytes, more: bytes) -> None:
    unit, surroundings = Unit(NUMBERS, (), TRANSPORT), around()[0]

    async def ask(request: frames.Request) -> bytes:
        data = (more + noise)[: 2 * request.count]
        return bytes(frames.DATA_AT) + data

    reading = await unit.read(ask, surroundings)
    struct.pack(f">{len(reading.gauges)}d", *reading.gauges.values())
    assert all(value - value == 0 for value in reading.gauges.values())  # neither NaN nor infinity
    assert all(abs(amount) < 2**63 for amount in reading.registers.values())
    known = {*reading.gauges, *reading.registers, *reading.texts}
    assert known | set(reading.missing) == {one.quantity for one in NUMBERS.points}
