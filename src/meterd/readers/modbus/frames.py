"""Modbus TCP frames, without a socket.

Only the four reading functions and the device identification can be encoded: this program
cannot write to a device.
Source: "Modbus Messaging on TCP/IP Implementation Guide" V1.0b; "Modbus Application
Protocol" V1.1b3 for the limits.
"""

from __future__ import annotations

import struct
from typing import Final

import msgspec

READS: Final[dict[str, int]] = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}
"""Table -> the function that reads it."""

IDENTIFY: Final = 43
"""Encapsulated transport; of its types only 14, "read device identification", is asked."""
MEI: Final = 14
BASIC: Final = 1
"""The identification's category of maker, product and revision."""

WORDS_MAX: Final = 125
BITS_MAX: Final = 2000
DATA_AT: Final = 9
"""Where the data begin in an answer: MBAP header 7, function 1, byte count 1."""

REQUEST_BYTES: Final = 12
_EXCEPTION_BYTES: Final = 9
_LENGTH_MAX: Final = 254  # unit id and a PDU of at most 253
FRAMES_MAX: Final = 16
"""So many late answers may come at once."""
_LATE_WINDOW: Final = 64  # a transaction id this little behind ours is one we gave up on

ANSWER: Final = "answer"
EXCEPTION: Final = "exception"
LATE: Final = "late"
FOREIGN: Final = "foreign_tid"
WRONG_UNIT: Final = "wrong_unit"
WRONG_FUNCTION: Final = "wrong_function"
WRONG_LENGTH: Final = "wrong_length"
GARBLED: Final = "garbled"

_TAIL: Final = struct.Struct(">HHBBHH")
_HEAD: Final = struct.Struct(">HHBBB")


class GarbledError(Exception):
    """The bytes are no Modbus TCP; where the next frame begins cannot be known."""


class RefusedError(Exception):
    """The device answered with a Modbus exception."""

    def __init__(self, code: int, asked: object) -> None:
        super().__init__(f"{asked}: exception {code}")
        self.code = code


class Request(msgspec.Struct, frozen=True, gc=False):
    """A read request, complete but for its transaction id.

    tail: the bytes that follow the id. head: the answer's bytes between id and data.
    size: bytes of the whole answer.
    """

    unit: int
    function: int
    address: int
    count: int
    tail: bytes
    head: bytes
    size: int

    def __str__(self) -> str:
        return said(self.unit, self.function, self.address, self.count)


def said(unit: int, function: int, address: int, count: int) -> str:
    """A request, as errors name it."""
    if function == IDENTIFY:
        return f"unit {unit}, identification"
    table = next(name for name, number in READS.items() if number == function)
    return f"unit {unit}, {table} {address}+{count}"


def answer_bytes(table: str, count: int) -> int:
    """Bytes of the data an answer carries for `count` words or bits of the table."""
    return 2 * count if READS[table] in (3, 4) else (count + 7) // 8


def request(unit: int, table: str, address: int, count: int) -> Request:
    """The request that reads `count` words (or bits) of a table from `address` on.

    Raises ValueError for what the protocol cannot carry.
    """
    return encode(unit, READS[table], address, count)


def encode(unit: int, function: int, address: int, count: int) -> Request:
    """The one place where requests are made; raises ValueError unless it is a plain read."""
    if function not in (1, 2, 3, 4):
        raise ValueError(f"function {function} is not one of the reads 1, 2, 3 and 4")
    most = WORDS_MAX if function in (3, 4) else BITS_MAX
    if not (0 <= unit <= 255 and address >= 0 and 1 <= count <= most and address + count <= 65536):
        raise ValueError(f"unit {unit}, function {function}: no read of {count} from {address}")
    data = 2 * count if function in (3, 4) else (count + 7) // 8
    return Request(
        unit=unit,
        function=function,
        address=address,
        count=count,
        tail=_TAIL.pack(0, 6, unit, function, address, count),
        head=_HEAD.pack(0, 3 + data, unit, function, data),
        size=DATA_AT + data,
    )


def identify(unit: int) -> Request:
    """The request for a unit's identification; how long the answer is, is not known."""
    if not 0 <= unit <= 255:
        raise ValueError(f"unit {unit}: units go from 0 to 255")
    body = bytes((unit, IDENTIFY, MEI, BASIC, 0))
    tail = struct.pack(">HH", 0, len(body)) + body
    return Request(unit, IDENTIFY, 0, 0, tail, head=b"", size=0)


def texts(pdu: bytes) -> tuple[str, ...]:
    """Maker, product, revision: what an identification says, as far as it is whole and text.

    pdu: from the function on: 43, 14, category, conformity, more, next, number of objects, then
    each object's id, length and value.
    """
    found: list[str] = []
    at = 7
    while at + 2 <= len(pdu) and len(found) < 8:
        value = pdu[at + 2 : at + 2 + pdu[at + 1]]
        found.append(value.decode("ascii", "replace").strip("\0 "))
        at += 2 + pdu[at + 1]
    return tuple(text for text in found if text and text.isprintable())


def first_frame(buffer: bytes) -> int:
    """Bytes of the first frame in the buffer; 0 while it is incomplete.

    Raises GarbledError as soon as the header cannot be one.
    """
    if buffer[2:4] not in (b"", b"\0", b"\0\0"):
        raise GarbledError(f"protocol id {buffer[2:4].hex()}, expected 0000")
    if len(buffer) < 6:
        return 0
    length = int.from_bytes(buffer[4:6], "big")
    if not 2 <= length <= _LENGTH_MAX:
        raise GarbledError(f"length {length}, expected 2 to {_LENGTH_MAX}")
    return 6 + length if len(buffer) >= 6 + length else 0


def all_frames(buffer: bytes) -> list[bytes]:
    """The frames that the buffer consists of; none while the last of them is incomplete.

    Raises GarbledError as `first_frame` does, and for more than a device has in hand.
    """
    found, end = list[bytes](), 0
    while size := first_frame(buffer[end:]):
        found.append(buffer[end : end + size])
        end += size
    if len(found) > FRAMES_MAX:
        raise GarbledError(f"more than {FRAMES_MAX} frames at once")
    return found if end == len(buffer) else []


def judge(frame: bytes, tid: int, asked: Request) -> str:
    """What one whole frame is to the request under way: its answer, or why it is not.

    LATE, FOREIGN, WRONG_UNIT and WRONG_FUNCTION belong to someone else and are passed
    over; WRONG_LENGTH is an answer that cannot be used; GARBLED breaks the stream.
    """
    behind = (tid - int.from_bytes(frame[:2], "big")) & 0xFFFF
    if behind:
        return LATE if behind <= _LATE_WINDOW else FOREIGN
    if frame[6] != asked.unit:
        return WRONG_UNIT
    if frame[7] == asked.function | 0x80:
        return EXCEPTION if len(frame) == _EXCEPTION_BYTES else GARBLED
    if frame[7] != asked.function:
        return WRONG_FUNCTION
    if asked.function == IDENTIFY:
        return ANSWER if frame[8:9] == bytes((MEI,)) else GARBLED
    if frame[2:DATA_AT] == asked.head:
        return ANSWER
    whole = len(frame) >= DATA_AT and len(frame) == DATA_AT + frame[8]
    return WRONG_LENGTH if whole else GARBLED
