"""A Modbus RTU line with its units, on a pseudo terminal or a TCP port, and faults on demand.

It shares units and faults with `modbus_server.py` and no code with the reader it is meant
to try. What a `Fault` says of a connection or a transaction id means nothing here.
"""

from __future__ import annotations

import asyncio
import os
import struct
import tty
from collections.abc import Callable
from functools import partial

from meterd.sim.modbus_server import (
    ILLEGAL_ADDRESS,
    ILLEGAL_FUNCTION,
    ILLEGAL_VALUE,
    TABLES,
    Asked,
    Fault,
    Unit,
    identification,
)

REQUEST = 8
IDENTIFY = 7
"""Bytes of a request for the identification, function 43 ("+")."""
_POLYNOMIAL = 0xA001


def checksum(data: bytes) -> bytes:
    """CRC-16 of the serial line, bit by bit."""
    found = 0xFFFF
    for byte in data:
        found ^= byte
        for _bit in range(8):
            odd = found & 1
            found >>= 1
            found ^= _POLYNOMIAL if odd else 0
    return struct.pack("<H", found)


class RtuLineServer:
    """Every unit on a line. asked: all requests so far.

    misbehave: looks at each request and may return a Fault. echo: the line repeats what is
    sent on it, as some RS-485 adapters do.
    """

    def __init__(self, units: dict[int, Unit]) -> None:
        self.units = units
        self.misbehave: Callable[[Asked], Fault | None] | None = None
        self.echo = False
        self.asked: list[Asked] = []
        self._send: Callable[[bytes], None] = _nowhere
        self._buffer = b""
        self._server: asyncio.Server | None = None
        self._master: int | None = None
        self._slave: int | None = None

    # -- what it is reached by --------------------------------------------------------------

    def plug(self) -> str:
        """Make a pseudo terminal; the path that a master opens."""
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        asyncio.get_running_loop().add_reader(self._master, self._readable)
        self._send = partial(_write, self._master)
        return os.ttyname(self._slave)

    def unplug(self) -> None:
        """Take the pseudo terminal away, as if an adapter were pulled out."""
        if self._master is not None and self._slave is not None:
            asyncio.get_running_loop().remove_reader(self._master)
            os.close(self._slave)
            os.close(self._master)
            self._master = self._slave = None
            self._send = _nowhere

    async def listen(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Be a serial server on a TCP port; returns the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Served(self), host, port)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """Unplug, and stop listening."""
        self.unplug()
        if self._server is not None:
            self._server.close()
            self._server = None

    def attach(self, send: Callable[[bytes], None]) -> None:
        """Whoever is connected now hears the units."""
        self._send = send

    # -- what is said -----------------------------------------------------------------------

    def hear(self, data: bytes) -> None:
        """Bytes from the master."""
        if self.echo:
            self._send(data)
        self._buffer += data
        while len(self._buffer) >= (size := IDENTIFY if self._buffer[1:2] == b"+" else REQUEST):
            frame, self._buffer = self._buffer[:size], self._buffer[size:]
            if checksum(frame[:-2]) != frame[-2:]:
                continue
            if size == REQUEST:
                self._answer(frame)
            elif frame[0] in self.units:
                told = identification(self.units[frame[0]]) or b"\xab\x01"
                self._send(frame[:1] + told + checksum(frame[:1] + told))

    def _answer(self, frame: bytes) -> None:
        unit, function, address, count = struct.unpack(">BBHH", frame[:6])
        asked = Asked(len(self.asked) + 1, unit, function, address, count)
        self.asked.append(asked)
        fault = (self.misbehave(asked) if self.misbehave is not None else None) or Fault()
        served = self.units.get(unit)
        if served is None or fault.silent:
            return
        body = _body(served, asked, fault)
        reply = bytes([(unit + fault.unit) & 0xFF]) + body
        whole = fault.before + (reply + checksum(reply))[: fault.cut]
        whole += whole if fault.twice else b""
        loop = asyncio.get_running_loop()
        loop.call_later(fault.delay_ms / 1000, lambda: self._send(whole))

    def _readable(self) -> None:
        assert self._master is not None
        try:
            data = os.read(self._master, 4096)
        except OSError:  # nobody has the other end open
            return
        self.hear(data)


class _Served(asyncio.Protocol):
    """One TCP client; the newest is the one who hears the line."""

    def __init__(self, server: RtuLineServer) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._server.attach(transport.write)  # type: ignore[attr-defined]  # TCP's writes

    def data_received(self, data: bytes) -> None:
        self._server.hear(data)


def _body(unit: Unit, asked: Asked, fault: Fault) -> bytes:
    """Function and data of the answer, or of the refusal."""
    function = (asked.function + fault.function) & 0xFF
    if fault.exception is not None:
        return bytes([asked.function | 0x80, fault.exception])
    if asked.function not in TABLES:
        return bytes([asked.function | 0x80, ILLEGAL_FUNCTION])
    if unit.refresh is not None:
        unit.refresh()
    bits = asked.function < 3
    if not 1 <= asked.count <= (unit.max_bits if bits else unit.max_words):
        return bytes([asked.function | 0x80, ILLEGAL_VALUE])
    table: dict[int, int] = getattr(unit, TABLES[asked.function])
    try:
        values = [table[at] for at in range(asked.address, asked.address + asked.count)]
    except KeyError:
        return bytes([asked.function | 0x80, ILLEGAL_ADDRESS])
    if fault.words is not None:
        values = [0] * fault.words
    if bits:
        number = sum(bit << n for n, bit in enumerate(values))
        data = number.to_bytes((len(values) + 7) // 8, "little")
    else:
        data = struct.pack(f">{len(values)}H", *values)
    return bytes([function, len(data)]) + data


def _write(master: int, data: bytes) -> None:
    os.write(master, data)


def _nowhere(_data: bytes) -> None:
    """Nobody is connected."""
