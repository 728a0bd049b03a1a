"""A BACnet device made of bytes, which shares no code with the reader; and words for it.

Encoded by hand after ASHRAE 135, clause 20, and annex J for the envelope.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

HUNG_S = 20
Address = tuple[str, int]
Key = tuple[int, int, int]
"""(object type, instance, property)."""


def real(value: float) -> bytes:
    return b"\x44" + struct.pack(">f", value)


def unsigned(value: int) -> bytes:
    return b"\x24" + struct.pack(">I", value)


def enumerated(value: int) -> bytes:
    return bytes((0x91, value))


def flags(*, fault: bool = False, overridden: bool = False, out: bool = False) -> bytes:
    return bytes((0x82, 0x04, fault << 6 | overridden << 5 | out << 4))


def text(value: str) -> bytes:
    data = b"\0" + value.encode()
    return bytes((0x75, len(data))) + data


def scale(value: float) -> bytes:
    return b"\x0c" + struct.pack(">f", value)


def oid(kind: int, instance: int) -> bytes:
    return struct.pack(">I", kind << 22 | instance)


def analog(instance: int, value: bytes, units: int = 19) -> dict[Key, bytes]:
    """An analog input that is well, in kilowatt-hours unless told otherwise."""
    own = {85: value, 111: flags(), 103: enumerated(0), 81: b"\x10", 117: enumerated(units)}
    return {(0, instance, number): content for number, content in own.items()}


def accumulator(
    instance: int, count: int, by: float = 0.01, most: int = 999_999
) -> dict[Key, bytes]:
    """An accumulator of kilowatt-hours that is well."""
    own = {85: unsigned(count), 111: flags(), 103: enumerated(0), 81: b"\x10", 117: enumerated(19)}
    own |= {187: scale(by), 65: unsigned(most)}
    return {(23, instance, number): content for number, content in own.items()}


def simple_ack(invoke: int, service: int) -> bytes:
    return bytes((0x20, invoke, service))


def complex_ack(invoke: int, service: int, content: bytes) -> bytes:
    return bytes((0x30, invoke, service)) + content


def error(invoke: int, service: int, group: int, code: int) -> bytes:
    return bytes((0x50, invoke, service, 0x91, group, 0x91, code))


def reject(invoke: int, reason: int) -> bytes:
    return bytes((0x60, invoke, reason))


def abort(invoke: int, reason: int) -> bytes:
    return bytes((0x71, invoke, reason))


def datagram(apdu: bytes, npci: bytes = b"\x01\x00") -> bytes:
    whole = npci + apdu
    return b"\x81\x0a" + struct.pack(">H", 4 + len(whole)) + whole


def i_am(instance: int) -> bytes:
    return b"\x10\x00\xc4" + oid(8, instance) + b"\x22\x05\xc4\x91\x03\x22\x03\xe7"


class Bell:
    """Rung whenever something came; whoever waits for enough of it looks again."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def until(self, enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(HUNG_S):
            while not enough():
                self._rung.clear()
                await self._rung.wait()


class Canned(asyncio.DatagramProtocol):
    """A device on a port of its own. properties: what it has.

    npci: the head of the network layer in what it answers. asked: (service, content) of every
    request. answer: looks at each request first, and may return APDUs to send instead; None
    for what a sound device would say.
    """

    def __init__(self, properties: dict[Key, bytes] | None = None, instance: int = 7) -> None:
        self.properties = properties or {}
        self.instance = instance
        self.asked: list[tuple[int, bytes]] = []
        self.answer: Callable[[int, int, bytes], list[bytes] | None] = lambda *_: None
        self.unconfirmed: list[tuple[int, bytes]] = []
        self.peers: list[Address] = []
        self.address: Address = ("", 0)
        self.transport: asyncio.DatagramTransport | None = None
        self.bell = Bell()
        self.npci = b"\x01\x00"

    @property
    def place(self) -> str:
        return f"{self.address[0]}:{self.address[1]}"

    def send(self, data: bytes, to: Address) -> None:
        assert self.transport is not None
        self.transport.sendto(data, to)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.peers.append(addr)
        self.bell.ring()
        apdu = data[6:] if not data[5] & 0x20 else data[6 + 3 + data[8] + 1 :]
        if apdu[0] >> 4 == 1:
            self.unconfirmed.append((apdu[1], apdu[2:]))
            if apdu[1] == 8:
                self.send(datagram(i_am(self.instance)), addr)
            return
        if apdu[0] >> 4:
            return
        invoke, service, content = apdu[2], apdu[3], apdu[4:]
        self.asked.append((service, content))
        answers = self.answer(invoke, service, content)
        for one in [self.sound(invoke, service, content)] if answers is None else answers:
            self.send(datagram(one, self.npci), addr)

    def sound(self, invoke: int, service: int, content: bytes) -> bytes:
        """What a device without faults answers."""
        if service == 14:
            return complex_ack(invoke, 14, self.multiple(content))
        if service == 12:
            kind, instance = divmod(struct.unpack(">I", content[1:5])[0], 1 << 22)
            number = int.from_bytes(content[6 : 6 + (content[5] & 7)], "big")
            value = self.properties.get((kind, instance, number))
            if value is None:
                return error(invoke, 12, 2, 32)
            head = content[: 6 + (content[5] & 7)]
            return complex_ack(invoke, 12, head + b"\x3e" + value + b"\x3f")
        if service == 5:
            return simple_ack(invoke, 5)
        return reject(invoke, 9)

    def multiple(self, content: bytes) -> bytes:
        """The elements of an answer to ReadPropertyMultiple."""
        out, at = b"", 0
        while at < len(content):
            head = content[at : at + 5]
            kind, instance = divmod(struct.unpack(">I", head[1:])[0], 1 << 22)
            out += head + b"\x1e"
            at += 6
            while content[at] != 0x1F:
                length = content[at] & 7
                number = int.from_bytes(content[at + 1 : at + 1 + length], "big")
                out += bytes((0x28 | length,)) + content[at + 1 : at + 1 + length]
                value = self.properties.get((kind, instance, number))
                known = any(key[:2] == (kind, instance) for key in self.properties)
                lacks = b"\x91\x02\x91\x20" if known else b"\x91\x01\x91\x1f"
                out += b"\x5e" + lacks + b"\x5f" if value is None else b"\x4e" + value + b"\x4f"
                at += 1 + length
            out += b"\x1f"
            at += 1
        return out


@asynccontextmanager
async def canned(
    properties: dict[Key, bytes] | None = None, instance: int = 7, host: str = "127.0.0.1"
) -> AsyncIterator[Canned]:
    """A device that listens."""
    device = Canned(properties, instance)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: device, local_addr=(host, 0))
    device.transport = transport
    device.address = transport.get_extra_info("sockname")
    try:
        yield device
    finally:
        transport.close()
