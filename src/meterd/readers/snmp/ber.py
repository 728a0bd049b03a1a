"""The part of ASN.1's basic encoding that SNMP needs (X.690, RFC 3417 section 8). Pure.

What we write has definite lengths in the fewest bytes. What we read may be longer than
need be, as real agents are, but a length must stay inside what holds it; anything else is
a BerError. There is no recursion, so no datagram can be too deep.
"""

from __future__ import annotations

from typing import Final

INTEGER: Final = 0x02
OCTETS: Final = 0x04
NULL: Final = 0x05
OBJECT: Final = 0x06
SEQUENCE: Final = 0x30

_LENGTH_BYTES_MAX: Final = 4
_ARC_MAX: Final = 2**32 - 1
_ARCS_MAX: Final = 128  # RFC 3416: an object has at most so many


class BerError(ValueError):
    """Bytes that are not what they should be."""


def tlv(tag: int, content: bytes) -> bytes:
    """A tag, the length and the content."""
    return bytes((tag,)) + length(len(content)) + content


def length(count: int) -> bytes:
    """A length, in the fewest bytes."""
    if count < 0x80:
        return bytes((count,))
    size = (count.bit_length() + 7) // 8
    return bytes((0x80 | size,)) + count.to_bytes(size, "big")


def integer(value: int) -> bytes:
    """An INTEGER."""
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def oid(text: str) -> bytes:
    """The content of an OBJECT IDENTIFIER written with dots; a leading dot is allowed."""
    try:
        arcs = [int(arc) for arc in text.removeprefix(".").split(".")]
    except ValueError as error:
        raise BerError(f'"{text}" is no object') from error
    if not 2 <= len(arcs) <= _ARCS_MAX or max(arcs) > _ARC_MAX or arcs[0] > 2:
        raise BerError(f'"{text}" is no object')
    if arcs[0] < 2 and arcs[1] > 39:
        raise BerError(f'"{text}" is no object')
    first = 40 * arcs[0] + arcs[1]
    return b"".join(_arc(arc) for arc in (first, *arcs[2:]))


def _arc(arc: int) -> bytes:
    groups = [arc & 0x7F]
    while arc := arc >> 7:
        groups.append(0x80 | arc & 0x7F)
    return bytes(reversed(groups))


def oid_text(content: bytes) -> str:
    """The object as it is written, with dots."""
    arcs: list[int] = []
    arc = 0
    for byte in content:
        arc = arc << 7 | byte & 0x7F
        if arc > _ARC_MAX + 80:
            raise BerError("an object with a number that is too large")
        if not byte & 0x80:
            arcs.append(arc)
            arc = 0
    if not arcs or content[-1] & 0x80:
        raise BerError("an object that is not complete")
    top = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in (top, arcs[0] - 40 * top, *arcs[1:]))


def header(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """(tag, where its content starts, where it ends) of what stands at `at`.

    end: where that which holds it ends.
    """
    try:
        tag, size = data[at], data[at + 1]
    except IndexError:
        raise BerError("cut off") from None
    at += 2
    if size & 0x80:
        count = size & 0x7F
        if not 1 <= count <= _LENGTH_BYTES_MAX or at + count > end:
            raise BerError("a length that cannot be")
        size = int.from_bytes(data[at : at + count], "big")
        at += count
    if at + size > end:
        raise BerError("longer than what holds it")
    return tag, at, at + size


def expect(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """(start, end) of the content of what must be a `tag` here."""
    found, start, stop = header(data, at, end)
    if found != tag:
        raise BerError(f"tag {found:#04x} where {tag:#04x} belongs")
    return start, stop


def number(data: bytes, at: int, end: int) -> tuple[int, int]:
    """(value, what follows) of an INTEGER of SNMP's headers: at most 32 bits and a sign."""
    start, stop = expect(data, at, end, INTEGER)
    if not 1 <= stop - start <= 5:
        raise BerError("an integer that is out of range")
    return int.from_bytes(data[start:stop], "big", signed=True), stop


def octets(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    """(content, what follows) of an OCTET STRING."""
    start, stop = expect(data, at, end, OCTETS)
    return data[start:stop], stop
