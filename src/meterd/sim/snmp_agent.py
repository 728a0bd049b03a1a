"""An SNMP agent: objects, versions 1 and 2c, and faults on demand.

It answers GET, GET-NEXT and GET-BULK. `misbehave` looks at each request and may return a
`Fault`; without one the agent is a correct one. It shares no code with the reader it is
meant to try.
"""

from __future__ import annotations

import asyncio
import socket
from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any, Final, Protocol, cast

import msgspec

from meterd.sim import snmp_ber as ber
from meterd.sim.snmp_ber import Oid, Request, Value

SYS_UP_TIME: Final = ber.oid("1.3.6.1.2.1.1.3.0")
TOO_BIG, NO_SUCH_NAME = 1, 2
_REPETITIONS_MAX: Final = 100
_END: Final = Value("end_of_view", b"")

Binding = tuple[Oid, Value]


class Asked(msgspec.Struct, frozen=True):
    """A request as it came. number: 1, 2, 3... over the life of the agent."""

    number: int
    type: int
    oids: tuple[Oid, ...]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong with one answer; several may at once.

    error, index: this status, with the values left as they are. partial: only so many
    bindings. reorder: they come backwards. null: every value is NULL. bindings: these
    instead. request_id: added to it. community, version, type: these instead. stranger: it
    comes from another port. raw: this datagram instead. before: this one ahead of it. twice:
    the answer is sent again at once. delay_ms: it comes late. silent: no answer.
    """

    error: int = 0
    index: int = 0
    partial: int | None = None
    reorder: bool = False
    null: bool = False
    bindings: tuple[Binding, ...] | None = None
    request_id: int = 0
    community: bytes | None = None
    version: int | None = None
    type: int | None = None
    stranger: bool = False
    raw: bytes | None = None
    before: bytes = b""
    twice: bool = False
    delay_ms: int = 0
    silent: bool = False


class Sender(Protocol):
    """Carries an answer to who has asked."""

    def send(self, data: bytes, address: Any) -> None:
        """Send a datagram."""
        ...


class SnmpAgent:
    """An agent on one port, from `start` to `stop`.

    objects: object -> value. max_varbinds: an answer with more is tooBig. refresh: called
    before each answer, for an agent whose values follow the time. asked: every request so
    far, if `keep` is true.
    """

    def __init__(self, objects: dict[str, Value], *, community: str = "public") -> None:
        self.objects = {ber.oid(name): value for name, value in objects.items()}
        self.community = community.encode()
        self.max_varbinds = 1000
        self.misbehave: Callable[[Asked], Fault | None] | None = None
        self.refresh: Callable[[], None] | None = None
        self.keep = False
        self.asked: list[Asked] = []
        self._numbers = count(1)
        self._socket: _Port | None = None
        self._through: Sender | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; returns the port."""
        self._socket = self._through = await _open(self, host, port)
        return self._socket.number

    def answer_through(self, sender: Sender) -> None:
        """Answer without a port of its own."""
        self._through = sender

    async def stop(self) -> None:
        """Answer nobody any more."""
        self._through = None
        if self._socket is not None:
            await self._socket.close()
            self._socket = None

    def reboot(self, objects: dict[str, Value] | None = None) -> None:
        """Begin anew: sysUpTime is nearly nothing, and these objects are others."""
        if objects is not None:
            self.objects = {ber.oid(name): value for name, value in objects.items()}
        self.objects[SYS_UP_TIME] = ber.number("timeticks", 1)

    def set(self, name: str, value: Value) -> None:
        """Change or add an object."""
        self.objects[ber.oid(name)] = value

    def answer(self, datagram: bytes, address: Any) -> None:
        """Answer a datagram, as well or badly as it shall be."""
        try:
            request = ber.unpack(datagram)
        except (ValueError, IndexError):
            return
        if request.version > 1 or request.community != self.community:
            return
        asked = Asked(next(self._numbers), request.type, request.oids)
        if self.keep:
            self.asked.append(asked)
        if self.refresh is not None:
            self.refresh()
        fault = (self.misbehave(asked) if self.misbehave else None) or Fault()
        error, index, bindings = self._found(request)
        if not error:
            error, index = fault.error, fault.index
            bindings = _spoiled(fault, bindings)
        if not fault.silent:
            self._send(fault, _message(fault, request, (error, index), bindings), address)

    def _send(self, fault: Fault, message: bytes, address: Any) -> None:
        port = _Stranger() if fault.stranger else self._through
        loop = asyncio.get_running_loop()
        parts = [fault.before] if fault.before else []
        parts += [message if fault.raw is None else fault.raw] * (1 + fault.twice)
        for part in parts:
            if port is not None and fault.delay_ms:
                loop.call_later(fault.delay_ms / 1000, port.send, part, address)
            elif port is not None:
                port.send(part, address)

    def _found(self, request: Request) -> tuple[int, int, list[Binding]]:
        """(error status, index, bindings) of a correct answer."""
        null = [(one, Value("null", b"")) for one in request.oids]
        if request.type == ber.GET_BULK:
            bindings = self._bulk(request)
        elif request.type == ber.GET_NEXT:
            ordered = sorted(self.objects)
            bindings = [self._next(ordered, one) for one in request.oids]
        else:
            missing = Value("no_such_object", b"")
            bindings = [(one, self.objects.get(one, missing)) for one in request.oids]
        if len(bindings) > self.max_varbinds:
            return TOO_BIG, 0, null if request.version == 0 else []
        if request.version == 0:
            for index, (_, value) in enumerate(bindings, 1):
                if value.type in {"no_such_object", "end_of_view", "counter64"}:
                    return NO_SUCH_NAME, index, null
        return 0, 0, bindings

    def _next(self, ordered: list[Oid], one: Oid) -> Binding:
        at = bisect_right(ordered, one)
        return (ordered[at], self.objects[ordered[at]]) if at < len(ordered) else (one, _END)

    def _bulk(self, request: Request) -> list[Binding]:
        ordered, bindings = sorted(self.objects), list[Binding]()
        cursors = request.oids
        for _ in range(min(request.second, _REPETITIONS_MAX)):
            row = [self._next(ordered, one) for one in cursors]
            bindings += row
            cursors = tuple(one for one, _ in row)
        return bindings


def _spoiled(fault: Fault, bindings: list[Binding]) -> list[Binding]:
    if fault.bindings is not None:
        return list(fault.bindings)
    if fault.null:
        bindings = [(one, Value("null", b"")) for one, _ in bindings]
    bindings = bindings[: fault.partial]
    return bindings[::-1] if fault.reorder else bindings


def _message(
    fault: Fault, request: Request, status: tuple[int, int], bindings: Iterable[Binding]
) -> bytes:
    numbers = (request.id + fault.request_id, *status)
    body = b"".join(ber.pack_integer(one) for one in numbers)
    body += ber.pack(0x30, *(ber.pack_binding(*one) for one in bindings))
    version = request.version if fault.version is None else fault.version
    community = request.community if fault.community is None else fault.community
    kind = ber.RESPONSE if fault.type is None else fault.type
    return ber.pack(
        0x30, ber.pack_integer(version), ber.pack(0x04, community), ber.pack(kind, body)
    )


class _Port(asyncio.DatagramProtocol):
    """A socket of the agent."""

    def __init__(self, agent: SnmpAgent) -> None:
        self._agent = agent
        self._transport: asyncio.DatagramTransport | None = None
        self._closed = asyncio.Event()
        self.number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.number = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._agent.answer(data, addr)

    def send(self, data: bytes, address: Any) -> None:
        if self._transport is not None:
            self._transport.sendto(data, address)

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed.set()

    async def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            await self._closed.wait()


class _Stranger:
    """A socket that nobody has asked anything."""

    def send(self, data: bytes, address: Any) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(data, address)


async def _open(agent: SnmpAgent, host: str, port: int) -> _Port:
    loop = asyncio.get_running_loop()
    _, opened = await loop.create_datagram_endpoint(lambda: _Port(agent), local_addr=(host, port))
    return opened
