"""BACnet's tagged values, to bytes and back (ASHRAE 135, clause 20.2). Pure.

A tag is (number, kind, content). What cannot be decoded raises GarbageError, whoever sent it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

APPLICATION, CONTEXT, OPENING, CLOSING = range(4)
NULL, BOOLEAN, UNSIGNED, SIGNED, REAL, DOUBLE, OCTETS, TEXT, BITS, ENUMERATED = range(10)
DATE, TIME, OBJECT = 10, 11, 12

INTEGER_BYTES: Final = 8
"""No number of BACnet's is wider."""
DEPTH_MAX: Final = 32
"""No construction that is read here nests deeper."""
_CODECS: Final = {0: "utf-8", 4: "utf-16-be", 5: "latin-1"}

ObjectId = tuple[int, int]
"""(type, instance)."""


class GarbageError(Exception):
    """Bytes that are no BACnet."""


class Tag(NamedTuple):
    """One tag. kind: APPLICATION, CONTEXT, OPENING or CLOSING."""

    number: int
    kind: int
    content: bytes = b""


Value = int | float | str | bytes | Tag | tuple[int, ...] | None
"""A decoded value. Dates, times and octets stay bytes, a choice of a construction its tag."""


def tags(data: bytes) -> Iterator[Tag]:
    """Every tag of some bytes, in order."""
    at, end = 0, len(data)
    try:
        while at < end:
            first = data[at]
            at += 1
            number, low = first >> 4, first & 7
            if number == 15:
                number = data[at]
                at += 1
            if first & 8 and low > 5:
                yield Tag(number, OPENING if low == 6 else CLOSING)
                continue
            if not first & 8 and number == BOOLEAN:
                yield Tag(number, APPLICATION, bytes((low,)))
                continue
            if low == 5:
                low, at = _length(data, at)
            if at + low > end:
                raise GarbageError("a value is cut off")
            yield Tag(number, CONTEXT if first & 8 else APPLICATION, data[at : at + low])
            at += low
    except IndexError:
        raise GarbageError("a tag is cut off") from None


def _length(data: bytes, at: int) -> tuple[int, int]:
    """The extended length at a position, and the position after it."""
    length = data[at]
    if length == 254:
        return int.from_bytes(data[at + 1 : at + 3], "big"), at + 3
    if length == 255:
        return int.from_bytes(data[at + 1 : at + 5], "big"), at + 5
    return length, at + 1


# -- values -------------------------------------------------------------------------------------


def value_of(tag: Tag) -> Value:
    """The value of an application tag."""
    number, content = tag.number, tag.content
    if number == REAL and len(content) == 4:
        real: float = struct.unpack(">f", content)[0]
        return real
    if number in (UNSIGNED, ENUMERATED):
        return integer(content)
    if number == BITS:
        return bits(content)
    if number == DOUBLE and len(content) == 8:
        double: float = struct.unpack(">d", content)[0]
        return double
    if number == SIGNED:
        return integer(content, signed=True)
    if number == BOOLEAN and content:
        return content[0]
    if number == TEXT:
        return text(content)
    if number == OBJECT:
        return object_id(content)
    if number == NULL:
        return None
    if number in (OCTETS, DATE, TIME):
        return content
    raise GarbageError(f"a value of type {number} and {len(content)} bytes")


def integer(content: bytes, *, signed: bool = False) -> int:
    """A whole number of one to eight bytes."""
    if not 0 < len(content) <= INTEGER_BYTES:
        raise GarbageError(f"a whole number of {len(content)} bytes")
    return int.from_bytes(content, "big", signed=signed)


def object_id(content: bytes) -> ObjectId:
    """Ten bits of type and twenty-two of instance."""
    if len(content) != 4:
        raise GarbageError("an object identifier that is not four bytes long")
    both = int.from_bytes(content, "big")
    return both >> 22, both & 0x3FFFFF


def bits(content: bytes) -> tuple[int, ...]:
    """A bit string, its first bit first."""
    if not content or content[0] > 7:
        raise GarbageError("a bit string that does not say how many bits it has")
    count = 8 * (len(content) - 1) - content[0]
    return tuple(content[1 + n // 8] >> (7 - n % 8) & 1 for n in range(count))


def text(content: bytes) -> str | None:
    """A character string; None where its character set is unknown or broken."""
    codec = _CODECS.get(content[0]) if content else None
    if codec is None:
        return None
    try:
        return content[1:].decode(codec).rstrip("\0 ")
    except UnicodeDecodeError:
        return None


# -- grammar ------------------------------------------------------------------------------------


def content_of(tag: Tag | None, number: int) -> bytes:
    """The content of the context tag that must stand here."""
    if tag is None or tag[:2] != (number, CONTEXT):
        raise GarbageError(f"where [{number}] was expected stands {tag}")
    return tag.content


def expect(tag: Tag | None, kind: int, number: int) -> None:
    """The tag that must stand here."""
    if tag is None or tag[:2] != (number, kind):
        raise GarbageError(f"where [{number}] was expected to open stands {tag}")


def until(stream: Iterator[Tag], number: int) -> list[Tag]:
    """The tags up to the one that closes `number`; nested constructions whole."""
    found: list[Tag] = []
    depth = 0
    for tag in stream:
        if tag.kind == CLOSING and depth == 0:
            expect(tag, CLOSING, number)
            return found
        depth += (tag.kind == OPENING) - (tag.kind == CLOSING)
        if depth > DEPTH_MAX:
            break
        found.append(tag)
    raise GarbageError("a construction does not end")


# -- to bytes -----------------------------------------------------------------------------------


def context(number: int, content: bytes) -> bytes:
    """A context tag; up to 252 bytes of content."""
    return _head(number, 8, len(content)) + content


def application(number: int, content: bytes) -> bytes:
    """An application tag; up to 252 bytes of content."""
    return _head(number, 0, len(content)) + content


def _head(number: int, kind: int, length: int) -> bytes:
    if length < 5:
        return bytes((number << 4 | kind | length,))
    return bytes((number << 4 | kind | 5, length))


def opening(number: int) -> bytes:
    """The tag that opens a construction."""
    return bytes((number << 4 | 0xE,))


def closing(number: int) -> bytes:
    """The tag that closes a construction."""
    return bytes((number << 4 | 0xF,))


def unsigned(number: int) -> bytes:
    """A whole number in as few bytes as it needs."""
    return number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")


def packed(oid: ObjectId) -> bytes:
    """An object identifier's four bytes."""
    return (oid[0] << 22 | oid[1]).to_bytes(4, "big")
