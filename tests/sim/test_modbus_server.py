"""The simulated device: right when it is well, wrong as it is told to be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from meterd.sim.modbus_server import Asked, Fault, ModbusServer, Unit

UNIT = Unit(
    coil={0: 1, 1: 0, 2: 1, 8: 1, **dict.fromkeys(range(3, 8), 0)},
    discrete={5: 1},
    holding={n: n for n in range(10)},
    input={n: 256 * n for n in range(10)},
    max_words=8,
    max_bits=9,
)


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, request: str) -> None:
        self.writer.write(bytes.fromhex(request))

    async def ask(self, request: str) -> str:
        """The next whole frame after a request."""
        self.send(request)
        head = await self.reader.readexactly(6)
        body = await self.reader.readexactly(int.from_bytes(head[4:], "big"))
        return (head + body).hex(" ")


@asynccontextmanager
async def served(**more: Any) -> AsyncIterator[tuple[ModbusServer, Client]]:
    server = ModbusServer({1: UNIT}, **more)
    reader, writer = await asyncio.open_connection("127.0.0.1", await server.start())
    try:
        yield server, Client(reader, writer)
    finally:
        writer.close()
        await server.stop()


ANSWERS = {
    "holding registers": ("0001 0000 0006 01 03 0002 0003", "01 03 06 00 02 00 03 00 04"),
    "input registers": ("0001 0000 0006 01 04 0002 0001", "01 04 02 02 00"),
    "coils": ("0001 0000 0006 01 01 0000 0009", "01 01 02 05 01"),
    "discrete inputs": ("0001 0000 0006 01 02 0005 0001", "01 02 01 01"),
    "an address that is not there": ("0001 0000 0006 01 03 0009 0002", "01 83 02"),
    "too many words": ("0001 0000 0006 01 03 0000 0009", "01 83 03"),
    "too many bits": ("0001 0000 0006 01 01 0000 000A", "01 81 03"),
    "no words": ("0001 0000 0006 01 03 0000 0000", "01 83 03"),
    "a write": ("0001 0000 0006 01 06 0000 0001", "01 86 01"),
    "a long write": ("0001 0000 0009 01 10 0000 0001 02 0000", "01 90 01"),
    "a unit that is not there": ("0001 0000 0006 09 03 0000 0001", "09 83 0b"),
}


@pytest.mark.parametrize(("request_", "answer"), ANSWERS.values(), ids=ANSWERS.keys())
async def test_a_device_that_is_well(request_: str, answer: str) -> None:
    async with served() as (_, client):
        assert (await client.ask(request_)).endswith(answer)


ASK = "0001 0000 0006 01 03 0007 0001"
RIGHT = "00 01 00 00 00 05 01 03 02 00 07"

SPOILT = {
    "nothing": (Fault(), RIGHT),
    "an exception": (Fault(exception=6), "00 01 00 00 00 03 01 83 06"),
    "another transaction": (Fault(tid=-2), "ff ff" + RIGHT[5:]),
    "another unit": (Fault(unit=1), RIGHT.replace("01 03", "02 03")),
    "another function": (Fault(function=1), RIGHT.replace("01 03", "01 04")),
    "another length": (Fault(words=2), "00 01 00 00 00 07 01 03 04 00 00 00 00"),
    "late": (Fault(delay_ms=1), RIGHT),
    "something before": (Fault(before=b"\0\2\0\0\0\1\7"), "00 02 00 00 00 01 07"),
}


@pytest.mark.parametrize(("fault", "answer"), SPOILT.values(), ids=SPOILT.keys())
async def test_a_fault_on_demand(fault: Fault, answer: str) -> None:
    async with served() as (server, client):
        server.misbehave = lambda _: fault
        assert await client.ask(ASK) == answer


@pytest.mark.parametrize(
    ("fault", "sent"),
    [
        (Fault(silent=True, close=True), ""),
        (Fault(close=True), RIGHT),
        (Fault(cut=3, close=True), RIGHT[:8]),
        (Fault(twice=True, close=True), f"{RIGHT} {RIGHT}"),
        (Fault(delay_ms=1, close=True), RIGHT),
    ],
)
async def test_a_connection_that_ends(fault: Fault, sent: str) -> None:
    async with served() as (server, client):
        server.misbehave = lambda _: fault
        client.send(ASK)
        assert (await client.reader.read()).hex(" ") == sent
        assert not server.open


async def test_silence() -> None:
    async with served() as (server, client):
        server.misbehave = lambda asked: Fault(silent=True) if asked.number == 1 else None
        client.send(ASK)
        assert await client.ask(ASK.replace("0001", "0002", 1)) == RIGHT.replace("00 01", "00 02")
        server.absent = None
        client.send(ASK.replace("01 03", "09 03"))
        assert await client.ask(ASK) == RIGHT


async def test_requests_in_pieces_and_in_heaps() -> None:
    async with served() as (server, client):
        server.keep = True
        client.send(ASK[:14])
        assert await client.ask(ASK[14:] + ASK) == RIGHT
        assert await client.ask("") == RIGHT
        assert server.asked == [Asked(1, 1, 3, 7, 1), Asked(2, 1, 3, 7, 1)]


async def test_a_flood_that_is_no_request_is_cut_off() -> None:
    async with served() as (_, client):
        client.send("0001 0000 FFFF" + "00" * 5000)
        assert await client.reader.read() == b""


async def test_only_so_many_connections() -> None:
    async with served(connections_max=1) as (server, client):
        assert await client.ask(ASK) == RIGHT
        port = client.writer.get_extra_info("peername")[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b""
        writer.close()
        assert await client.ask(ASK) == RIGHT
        assert server.accepted == 2


async def test_a_client_that_is_gone_is_not_answered() -> None:
    async with served() as (server, client):
        seen = asyncio.Event()

        def late(_: Asked) -> Fault:
            seen.set()
            return Fault(delay_ms=1)

        server.misbehave = late
        client.send(ASK)
        await seen.wait()
        client.writer.transport.abort()
        port = client.writer.get_extra_info("peername")[1]
        other = Client(*await asyncio.open_connection("127.0.0.1", port))
        assert await other.ask(ASK) == RIGHT  # by now the first one's time has come, too
        other.writer.close()


async def test_words_that_follow_the_time() -> None:
    async with served() as (server, client):
        words = {7: 0}

        def refresh() -> None:
            words[7] += 1

        server.units[1] = Unit(holding=words, refresh=refresh)
        assert (await client.ask(ASK)).endswith("00 01")
        assert (await client.ask(ASK)).endswith("00 02")


async def test_stopping_twice_is_stopping_once() -> None:
    server = ModbusServer({})
    await server.start()
    await server.stop()
    await server.stop()
