"""One connection, against a peer that says exactly what a test wants it to say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from meterd.sinks import mqtt_link
from meterd.sinks.mqtt_link import IN_FLIGHT_MAX, Link, LinkError, connect
from meterd.sinks.mqtt_options import Peer

CONNECT, PUBLISH, DISCONNECT = 1, 3, 14
WELCOME_5 = bytes([0x20, 3, 0, 0, 0])
WELCOME_4 = bytes([0x20, 2, 0, 0])

Answer = Callable[[int, bytes], bytes | None]
"""(packet type, body) -> what to reply; None hangs up."""


class Puppet:
    """A broker by the letter of a test."""

    def __init__(self, answer: Answer) -> None:
        self.port = 0
        self.levels: list[int] = []
        self.packets: list[int] = []
        self.gone = asyncio.Event()
        self._answer = answer
        self._guests: list[asyncio.Task[None]] = []

    def welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._guests.append(asyncio.create_task(self._serve(reader, writer)))

    async def end(self) -> None:
        await asyncio.gather(*self._guests)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                kind = (await reader.readexactly(1))[0] >> 4
                body = await reader.readexactly((await reader.readexactly(1))[0])
                self.packets.append(kind)
                if kind == CONNECT:
                    self.levels.append(body[6])
                if (reply := self._answer(kind, body)) is None:
                    break
                writer.write(reply)
        except (asyncio.IncompleteReadError, ConnectionResetError):
            self.gone.set()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    def peer(self) -> Peer:
        return Peer("127.0.0.1", self.port, "meterd", "m/status", b"offline")


@asynccontextmanager
async def puppet(answer: Answer) -> AsyncIterator[Puppet]:
    one = Puppet(answer)
    server = await asyncio.start_server(one.welcome, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    async with asyncio.timeout(30), server:
        yield one
        await one.end()


def nothing() -> None:
    """Nobody needs to know."""


def mid(body: bytes) -> bytes:
    """The packet identifier of a PUBLISH."""
    start = 2 + int.from_bytes(body[:2])
    return body[start : start + 2]


def willing(reason: int | None = None) -> Answer:
    """Speaks MQTT 5, and acknowledges with this reason."""

    def answer(kind: int, body: bytes) -> bytes:
        if kind == CONNECT:
            return WELCOME_5
        if kind == PUBLISH:
            said = b"" if reason is None else bytes([reason])
            return bytes([0x40, 2 + len(said)]) + mid(body) + said
        return b""

    return answer


async def test_mqtt_5_is_spoken_where_it_is_understood() -> None:
    async with puppet(willing()) as broker:
        link = await connect(broker.peer(), nothing)
        assert (link.version, broker.levels) == (5, [5])
        await link.close()
        await broker.gone.wait()
    assert broker.packets[-1] == DISCONNECT
    assert not link.alive


@pytest.mark.parametrize(
    "refusal",
    [bytes([0x20, 2, 0, 1]), bytes([0x20, 3, 0, 0x84, 0]), None],
    ids=["in the words of 3.1.1", "in the words of 5", "without a word"],
)
async def test_an_older_broker_is_spoken_to_in_its_own_version(refusal: bytes | None) -> None:
    def older(kind: int, body: bytes) -> bytes | None:
        if kind == CONNECT:
            return WELCOME_4 if body[6] == 4 else refusal
        return bytes([0x40, 2]) + mid(body) if kind == PUBLISH else b""

    async with puppet(older) as broker:
        link = await connect(broker.peer(), nothing)
        assert (link.version, broker.levels) == (4, [5, 4])
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        link.publish("m/a", b"1", False, told.set_result)
        assert await told == 0
        await link.close()


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (bytes([0x20, 3, 0, 0x87, 0]), "refuses us: code 135"),
        (bytes([0x20, 3, 0, 0x89, 0]), "refuses us: code 137"),
        (None, "hung up"),
    ],
)
async def test_a_refusal_names_the_broker_and_the_reason(reply: bytes | None, says: str) -> None:
    async with puppet(lambda _kind, _body: reply) as broker:
        with pytest.raises(LinkError, match=says) as caught:
            await connect(broker.peer(), nothing)
    assert f"127.0.0.1:{broker.port}" in str(caught.value)


async def test_a_peer_that_never_answers_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt_link, "CONNECT_TIMEOUT_S", 0.01)
    async with puppet(lambda _kind, _body: b"") as broker:
        with pytest.raises(LinkError, match="does not answer"):
            await connect(broker.peer(), nothing)
        await broker.gone.wait()


async def test_a_port_without_a_broker_is_named() -> None:
    async with puppet(willing()) as broker:
        peer = broker.peer()
    with pytest.raises(LinkError, match=f"{peer.port} cannot be reached"):
        await connect(peer, nothing)


@pytest.mark.parametrize(("reason", "told"), [(None, 0), (0x10, 0x10), (0x87, 0x87)])
async def test_the_brokers_reason_comes_back_with_the_acknowledgement(
    reason: int | None, told: int
) -> None:
    changed = asyncio.Event()
    async with puppet(willing(reason)) as broker:
        link = await connect(broker.peer(), changed.set)
        heard: list[int] = []
        link.publish("m/a", b"1", False, heard.append)
        assert link.in_flight == 1
        await changed.wait()
        assert (heard, link.in_flight) == ([told], 0)
        await link.close()


@pytest.mark.parametrize(
    ("said", "window"),
    [(b"", IN_FLIGHT_MAX), (bytes([0x21, 0, 20]), 19), (bytes([0x21, 0, 2]), 1)],
    ids=["the broker says nothing", "twenty", "two"],
)
async def test_no_more_is_in_flight_than_the_broker_takes(said: bytes, window: int) -> None:
    def slow(kind: int, _body: bytes) -> bytes:
        return bytes([0x20, 3 + len(said), 0, 0, len(said)]) + said if kind == CONNECT else b""

    async with puppet(slow) as broker:
        link = await connect(broker.peer(), nothing)
        while link.room:
            link.publish("m/a", b"1", False, lambda _reason: None)
        assert link.in_flight == window
        await link.close()


async def lost(link: Link) -> str:
    while link.alive:  # noqa: ASYNC110  # the link tells by a callback that does nothing here
        await asyncio.sleep(0)
    return link.why_lost


async def test_a_connection_that_the_broker_ends_is_not_mended() -> None:
    def fickle(kind: int, _body: bytes) -> bytes | None:
        return WELCOME_5 if kind == CONNECT else None

    async with puppet(fickle) as broker:
        link = await connect(broker.peer(), nothing)
        link.publish("m/a", b"1", False, lambda _reason: None)
        assert await lost(link) == "the connection was closed"
        assert link.room == 0
        link.abort()
        await asyncio.sleep(0)
        assert not [task for task in asyncio.all_tasks() if "reconnect" in repr(task)]
    assert broker.packets == [CONNECT, PUBLISH]


async def test_the_brokers_reason_to_disconnect_is_told() -> None:
    def strict(kind: int, _body: bytes) -> bytes:
        return WELCOME_5 if kind == CONNECT else bytes([0xE0, 2, 0x8E, 0])

    async with puppet(strict) as broker:
        link = await connect(broker.peer(), nothing)
        link.publish("m/a", b"1", False, lambda _reason: None)
        assert await lost(link) == "the broker disconnected us (reason 0x8e)"
        link.abort()


async def test_an_acknowledgement_of_nothing_is_no_news() -> None:
    def confused(kind: int, body: bytes) -> bytes:
        if kind == CONNECT:
            return WELCOME_5
        return bytes([0x40, 2, 0, 99, 0x40, 2]) + mid(body) if kind == PUBLISH else b""

    changed = asyncio.Event()
    async with puppet(confused) as broker:
        link = await connect(broker.peer(), changed.set)
        heard: list[int] = []
        link.publish("m/a", b"1", False, heard.append)
        await changed.wait()
        assert heard == [0]
        await link.close()


async def test_a_peer_that_reads_nothing_cannot_hold_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt_link, "CLOSE_TIMEOUT_S", 0.01)
    deaf = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(WELCOME_5)
        await deaf.wait()
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        link = await connect(Peer("127.0.0.1", port, "meterd", "m/s", b"offline"), nothing)
        link.publish("m/a", bytes(8_000_000), False, lambda _reason: None)
        await link.close()
        assert link.why_lost == "the broker did not let us leave"
        deaf.set()
