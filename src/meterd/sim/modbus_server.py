"""A Modbus TCP device server: units with tables of words, and faults on demand.

It answers the four reads and refuses everything else. `misbehave` looks at each request
and may return a `Fault`; without one the server is a correct device, and fast enough to be
the other side of a benchmark. It shares no code with the reader it is meant to try.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from itertools import count
from typing import Final

import msgspec

TABLES: Final = {1: "coil", 2: "discrete", 3: "holding", 4: "input"}
"""Function -> the table it reads."""

ILLEGAL_FUNCTION: Final = 1
ILLEGAL_ADDRESS: Final = 2
ILLEGAL_VALUE: Final = 3
NO_SUCH_UNIT: Final = 0x0B

_BUFFER_MAX: Final = 4096  # a client that sends more without a frame in it is cut off


class Unit(msgspec.Struct, kw_only=True):
    """One unit: table -> address -> word (or bit). An address that is not there is illegal.

    max_words: the most one request may ask for. refresh: called before each answer, for a
    unit whose words follow the time. identity: maker, product, revision, if it tells them.
    """

    coil: dict[int, int] = {}
    discrete: dict[int, int] = {}
    holding: dict[int, int] = {}
    input: dict[int, int] = {}
    max_words: int = 125
    max_bits: int = 2000
    refresh: Callable[[], None] | None = None
    identity: tuple[str, ...] = ()


class Asked(msgspec.Struct, frozen=True):
    """A request as it came. number: 1, 2, 3... over the life of the server."""

    number: int
    unit: int
    function: int
    address: int
    count: int


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong with one answer; several may at once, applied in this order.

    exception: this code instead of data. words: an answer for so many words, whatever was
    asked. tid: added to the transaction id. unit: added to the unit. function: added to
    the function. before: bytes sent ahead of the answer. cut: only so many bytes of it.
    twice: the answer is sent again at once. silent: no answer. delay_ms: it comes late.
    close: the connection ends after it.
    """

    exception: int | None = None
    words: int | None = None
    tid: int = 0
    unit: int = 0
    function: int = 0
    before: bytes = b""
    cut: int | None = None
    twice: bool = False
    silent: bool = False
    delay_ms: int = 0
    close: bool = False


class ModbusServer:
    """A server on one port, from `start` to `stop`.

    units: unit id -> Unit; a unit that is not there is answered for with `absent`, an
    exception code, or, if that is None, not at all. connections_max: more are hung up on.
    asked: every request so far, if `keep` is true.
    """

    def __init__(self, units: dict[int, Unit], *, connections_max: int = 1000) -> None:
        self.units = units
        self.connections_max = connections_max
        self.absent: int | None = NO_SUCH_UNIT
        self.misbehave: Callable[[Asked], Fault | None] | None = None
        self.keep = False
        self.asked: list[Asked] = []
        self.accepted = 0
        self.numbers = count(1)
        self.open: set[_Session] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; returns the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self.session, host, port, backlog=1024)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    def session(self) -> asyncio.Protocol:
        """One client's connection, whatever transport carries it."""
        return _Session(self)

    async def stop(self) -> None:
        """Hang up on everybody and stop listening."""
        self.hang_up()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    def hang_up(self) -> None:
        """End every connection, as a device does that is tired of an idle one."""
        for session in tuple(self.open):
            session.hang_up()


class _Session(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, server: ModbusServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a TCP transport is one
        self._server.accepted += 1
        if len(self._server.open) >= self._server.connections_max:
            self.hang_up()
            return
        self._server.open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.open.discard(self)
        self._transport = None

    def hang_up(self) -> None:
        """Close after what was sent."""
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        while len(buffer) >= 8:
            size = 6 + (buffer[4] << 8 | buffer[5])
            if len(buffer) < size:
                break
            self._answer(buffer[:size])
            buffer = buffer[size:]
        self._buffer = buffer
        if len(buffer) > _BUFFER_MAX:
            self.hang_up()

    def _answer(self, frame: bytes) -> None:
        server = self._server
        if len(frame) != 12 or frame[7] not in TABLES:
            told = identification(server.units.get(frame[6], Unit())) if frame[7] == 43 else b""
            head = frame[:4] + struct.pack(">HB", 1 + len(told), frame[6])
            self._send(head + told if told else _exception(frame, ILLEGAL_FUNCTION))
            return
        fault = None
        if server.keep or server.misbehave is not None:
            asked = Asked(next(server.numbers), *struct.unpack(">BBHH", frame[6:12]))
            if server.keep:
                server.asked.append(asked)
            fault = server.misbehave(asked) if server.misbehave is not None else None
        if fault is not None:
            self._spoil(frame, fault)
        elif (reply := _reply(server, frame)) is not None:
            self._send(reply)

    def _spoil(self, frame: bytes, fault: Fault) -> None:
        if fault.exception is not None:
            reply: bytes | None = _exception(frame, fault.exception)
        elif fault.words is not None:
            reply = _words(frame, [0] * fault.words)
        else:
            reply = _reply(self._server, frame)
        if reply is None or fault.silent:
            if fault.close:
                self.hang_up()
            return
        tid, rest = struct.unpack(">H4s", reply[:6])
        head = struct.pack(">H4s", (tid + fault.tid) & 0xFFFF, rest)
        body = bytes([(reply[6] + fault.unit) & 0xFF, (reply[7] + fault.function) & 0xFF])
        whole = fault.before + (head + body + reply[8:])[: fault.cut]
        whole += whole if fault.twice else b""
        if fault.delay_ms:
            loop = asyncio.get_running_loop()
            loop.call_later(fault.delay_ms / 1000, self._send, whole, fault.close)
        else:
            self._send(whole, fault.close)

    def _send(self, data: bytes, close: bool = False) -> None:
        if self._transport is not None:
            self._transport.write(data)
            if close:
                self._transport.close()


def identification(unit: Unit) -> bytes:
    """The answer to function 43/14, from the function on; nothing if the unit has none."""
    values = [text.encode("ascii") for text in unit.identity]
    objects = b"".join(bytes((n, len(value))) + value for n, value in enumerate(values))
    return bytes((43, 14, 1, 1, 0, 0, len(values))) + objects if values else b""


def _exception(frame: bytes, code: int) -> bytes:
    return frame[:4] + b"\0\3" + bytes([frame[6], frame[7] | 0x80, code])


def _words(frame: bytes, words: list[int]) -> bytes:
    data = struct.pack(f">{len(words)}H", *words)
    return frame[:2] + struct.pack(">HHBBB", 0, 3 + len(data), frame[6], frame[7], len(data)) + data


def _bits(frame: bytes, bits: list[int]) -> bytes:
    data = sum(bit << n for n, bit in enumerate(bits)).to_bytes((len(bits) + 7) // 8, "little")
    return frame[:2] + struct.pack(">HHBBB", 0, 3 + len(data), frame[6], frame[7], len(data)) + data


def _reply(server: ModbusServer, frame: bytes) -> bytes | None:
    """A correct device's answer, or None for silence."""
    function, address, asked = struct.unpack(">BHH", frame[7:12])
    unit = server.units.get(frame[6])
    if unit is None:
        return None if server.absent is None else _exception(frame, server.absent)
    if unit.refresh is not None:
        unit.refresh()
    if not 1 <= asked <= (unit.max_words if function > 2 else unit.max_bits):
        return _exception(frame, ILLEGAL_VALUE)
    table: dict[int, int] = getattr(unit, TABLES[function])
    try:
        values = [table[at] for at in range(address, address + asked)]
    except KeyError:
        return _exception(frame, ILLEGAL_ADDRESS)
    return _words(frame, values) if function > 2 else _bits(frame, values)
