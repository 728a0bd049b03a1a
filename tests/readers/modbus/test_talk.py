"""A conversation with units: identifications, and words that may not all be there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pymodbus import ModbusDeviceIdentification
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice
from tests.readers.modbus.devices import around, link
from tests.readers.riser import riser

from meterd.readers import modbus_tcp
from meterd.readers.line import ReadFailed
from meterd.readers.modbus import frames, rtu_frames, rtu_line
from meterd.readers.modbus.frames import RefusedError
from meterd.readers.modbus.talk import Talk, snapshot
from meterd.sim.modbus_server import Asked, Fault, ModbusServer, Unit

WHO = ("Acme", "X-1", "2.0")


@asynccontextmanager
async def talking(unit: Unit) -> AsyncIterator[tuple[Talk, ModbusServer]]:
    server = ModbusServer({1: unit})
    port = await server.start()
    talk = modbus_tcp.talk(link(port, timeout_ms=100), 0, around()[0])
    try:
        yield talk, server
    finally:
        talk.close()
        await server.stop()


async def test_a_peer_says_who_it_is() -> None:
    names = ModbusDeviceIdentification(
        info_name={"VendorName": WHO[0], "ProductCode": WHO[1], "MajorMinorRevision": WHO[2]}
    )
    held = SimDevice(id=1, simdata=[SimData(0, values=[1, 2], datatype=DataType.UINT16)])
    server = ModbusTcpServer(held, address=("127.0.0.1", 0), identity=names)
    await server.serve_forever(background=True)
    port = server.transport.sockets[0].getsockname()[1]
    talk = modbus_tcp.talk(link(port), 0, around()[0])
    try:
        assert await talk.identity(1) == WHO
        assert await talk.words(1, "holding", 0, 2) == (1, 2)
    finally:
        talk.close()
        await server.shutdown()


async def test_a_unit_that_tells_nothing_of_itself_refuses() -> None:
    async with talking(Unit()) as (talk, _server):
        with pytest.raises(RefusedError):
            await talk.identity(1)


@pytest.mark.parametrize("kind", ["pty", "tcp"])
async def test_a_unit_on_a_serial_line_says_who_it_is(kind: str) -> None:
    async with riser(kind) as line:
        line.server.units[1].identity = WHO
        talk = rtu_line.talk(line.link, 0, (line.around, line.line._dial))
        assert await talk.identity(1) == WHO
        assert await talk.words(2, "holding", 7, 1) == (20_007,)
        with pytest.raises(RefusedError):
            await talk.identity(2)
        talk.close()


IDENTITY = bytes.fromhex("01 2B0E01010000 02 00 04 41636D65 01 03 582D31")
FRAME = IDENTITY + rtu_frames.crc(IDENTITY)


@pytest.mark.parametrize("cut", range(len(FRAME)))
def test_a_part_of_an_identification_is_none(cut: int) -> None:
    asked = rtu_frames.identify(1)
    assert rtu_frames.search(asked.frame + FRAME[:cut], asked) == rtu_frames.NOTHING
    assert rtu_frames.search(b"\0" + FRAME, asked).reply == FRAME


@pytest.mark.parametrize(
    ("pdu", "told"),
    [
        (IDENTITY[1:], ("Acme", "X-1")),
        (IDENTITY[1:-1], ("Acme", "X-")),
        (b"\x2b\x0e\x01\x01\0\0\xff" + b"\0\xff" * 90, ()),
        (b"\x2b\x0e", ()),
        (b"\x2b\x0e\x01\x01\0\0\x01\0\x02\x07A", ()),
    ],
)
def test_what_an_identification_says_is_taken_as_far_as_it_is_text(
    pdu: bytes, told: tuple[str, ...]
) -> None:
    assert frames.texts(pdu) == told


def test_an_identification_that_lies_breaks_the_stream() -> None:
    asked = frames.identify(1)
    assert (
        frames.judge(bytes.fromhex("0007000000030 12B0D".replace(" ", "")), 7, asked) == "garbled"
    )
    assert str(asked) == "unit 1, identification"
    with pytest.raises(ValueError, match="unit 256"):
        frames.identify(256)
    with pytest.raises(ValueError, match="unit 0"):
        rtu_frames.identify(0)


PLACES = [("holding", n) for n in range(12)] + [("input", n) for n in (3, 4, 9)]


async def test_words_that_are_not_there_are_left_out() -> None:
    unit = Unit(holding={n: n for n in range(12) if n != 5}, input={n: 100 + n for n in range(10)})
    async with talking(unit) as (talk, server):
        server.keep = True
        found = await snapshot(talk, 1, PLACES, 125)
        assert found.keys() == {*PLACES} - {("holding", 5)}
        assert found["input", 9] == 109
        assert len(server.asked) < 12
        server.asked.clear()
        await snapshot(talk, 1, PLACES[:12], 4)
        assert max(one.count for one in server.asked) == 4


async def test_a_table_that_is_not_answered_for_is_left_out() -> None:
    unit = Unit(holding=dict.fromkeys(range(12), 7), input=dict.fromkeys(range(12), 8))
    for fault in (Fault(exception=1), Fault(silent=True)):
        async with talking(unit) as (talk, server):

            def only_holding(asked: Asked, fault: Fault = fault) -> Fault | None:
                return fault if asked.function == 4 else None

            server.misbehave = only_holding
            assert {table for table, _ in await snapshot(talk, 1, PLACES, 125)} == {"holding"}


async def test_a_unit_that_answers_nothing_has_failed() -> None:
    async with talking(Unit()) as (talk, server):
        server.misbehave = lambda asked: Fault(silent=True)
        with pytest.raises(ReadFailed):
            await snapshot(talk, 1, PLACES, 125)
