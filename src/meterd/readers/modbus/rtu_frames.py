"""Modbus RTU frames, without a line.

A reply carries no number that ties it to its request, so it is looked for: unit, function,
byte count and checksum must all agree, wherever in the bytes it begins. Noise before it, a
leading zero of a slow driver and the echo of the request are passed over.
Source: "Modbus over Serial Line" V1.02; only what `frames.encode` allows can be asked.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from meterd.readers.modbus import frames

DATA_AT: Final = 3
"""Where the data begin in an answer: unit, function, byte count."""
REQUEST_BYTES: Final = 8
EXCEPTION_BYTES: Final = 5
CRC_BYTES: Final = 2
ADU_MAX: Final = 256
_OBJECTS_AT: Final = 8  # in an identification: unit and seven bytes that tell of them
BUFFER_MAX: Final = 1024
"""More is no reply: the oldest bytes are dropped."""


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        for _bit in range(8):
            byte = byte >> 1 ^ (0xA001 if byte & 1 else 0)  # noqa: PLW2901 - shifted in place
        table.append(byte)
    return tuple(table)


_TABLE: Final = _crc_table()


def crc(data: bytes) -> bytes:
    """The checksum that follows the data, low byte first."""
    found = 0xFFFF
    for byte in data:
        found = found >> 8 ^ _TABLE[(found ^ byte) & 0xFF]
    return found.to_bytes(2, "little")


class RtuRequest(msgspec.Struct, frozen=True, gc=False):
    """A read request. frame: its bytes. head: the answer's before its data. size: of it all."""

    unit: int
    function: int
    address: int
    count: int
    frame: bytes
    head: bytes
    size: int

    def __str__(self) -> str:
        return frames.said(self.unit, self.function, self.address, self.count)


def request(unit: int, table: str, address: int, count: int) -> RtuRequest:
    """The request that reads `count` words (or bits); ValueError for what cannot be carried.

    Unit 0 is the broadcast, which nobody answers.
    """
    _check_unit(unit)
    tcp = frames.request(unit, table, address, count)
    body, head = tcp.tail[4:], tcp.head[4:]
    return RtuRequest(
        unit=unit,
        function=tcp.function,
        address=address,
        count=count,
        frame=body + crc(body),
        head=head,
        size=DATA_AT + head[2] + CRC_BYTES,
    )


def identify(unit: int) -> RtuRequest:
    """The request for a unit's identification. size: the most that a frame can have."""
    _check_unit(unit)
    body = frames.identify(unit).tail[4:]
    return RtuRequest(unit, frames.IDENTIFY, 0, 0, body + crc(body), body[:3], ADU_MAX)


def _check_unit(unit: int) -> None:
    if not 1 <= unit <= 247:
        raise ValueError(f"unit {unit}: on a serial line units go from 1 to 247")


class Found(NamedTuple):
    """What the bytes on the line hold. reply: whole, from the unit on. code: of an exception."""

    verdict: str
    reply: bytes = b""
    code: int = 0


NOTHING: Final = Found("")


def search(buffer: bytes, asked: RtuRequest) -> Found:
    """The answer to the request, or its refusal; NOTHING while neither is there.

    What equals the request is its echo and no answer.
    """
    at = buffer.find(asked.head)
    while at >= 0:
        size = asked.size if asked.function != frames.IDENTIFY else _told_size(buffer[at:])
        reply = buffer[at : at + size]
        if size and len(reply) == size and reply != asked.frame and _whole(reply):
            return Found(frames.ANSWER, reply)
        at = buffer.find(asked.head, at + 1)
    refusal = bytes((asked.unit, asked.function | 0x80))
    at = buffer.find(refusal)
    while at >= 0:
        reply = buffer[at : at + EXCEPTION_BYTES]
        if len(reply) == EXCEPTION_BYTES and _whole(reply):
            return Found(frames.EXCEPTION, reply, reply[2])
        at = buffer.find(refusal, at + 1)
    return NOTHING


def _told_size(heard: bytes) -> int:
    """Bytes of an identification by the lengths of its objects; 0 while they are not all there."""
    at = _OBJECTS_AT
    for _ in range(heard[at - 1] if len(heard) >= at else 0):
        if len(heard) < at + 2:
            return 0
        at += 2 + heard[at + 1]
    return at + CRC_BYTES if len(heard) >= _OBJECTS_AT and at + CRC_BYTES <= ADU_MAX else 0


def _whole(frame: bytes) -> bool:
    return crc(frame[:-CRC_BYTES]) == frame[-CRC_BYTES:]


def blame(buffer: bytes, asked: RtuRequest) -> str:
    """Why bytes that came in vain are no answer: one word of the reasons of `ReadFailed`."""
    heard = buffer.removeprefix(asked.frame)
    if not heard:
        return "timeout"
    if len(heard) < EXCEPTION_BYTES or (heard.startswith(asked.head) and len(heard) < asked.size):
        return "short"
    whole = len(heard) >= DATA_AT and heard[:2] == asked.head[:2]
    size = DATA_AT + heard[2] + CRC_BYTES if whole else 0
    if whole and len(heard) >= size and _whole(heard[:size]):
        return frames.WRONG_LENGTH
    return frames.GARBLED
