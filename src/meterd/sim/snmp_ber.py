"""The bytes of SNMP as the simulated agent reads and writes them, apart from the reader's."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

Oid = tuple[int, ...]

TAGS: Final = {
    "integer": 0x02, "octets": 0x04, "null": 0x05, "oid": 0x06, "ip": 0x40, "counter32": 0x41,
    "gauge32": 0x42, "timeticks": 0x43, "opaque": 0x44, "counter64": 0x46,
    "no_such_object": 0x80, "no_such_instance": 0x81, "end_of_view": 0x82,
}  # fmt: skip
GET, GET_NEXT, RESPONSE, GET_BULK = 0xA0, 0xA1, 0xA2, 0xA5


class Value(NamedTuple):
    """A value: its type by name, and its content as it is on the wire."""

    type: str
    content: bytes


class Request(NamedTuple):
    """A request as it came. first, second: error status and index, or those of a GET-BULK."""

    version: int
    community: bytes
    type: int
    id: int
    first: int
    second: int
    oids: tuple[Oid, ...]


def number(kind: str, value: int) -> Value:
    """An integer of any type."""
    return Value(kind, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def text(value: str) -> Value:
    """An OCTET STRING."""
    return Value("octets", value.encode())


def float32(value: float) -> Value:
    """A float as Net-SNMP writes it: an Opaque that holds a type of its own."""
    return Value("opaque", b"\x9f\x78\x04" + struct.pack(">f", value))


def object_id(written: str) -> Value:
    """An OBJECT IDENTIFIER as a value."""
    return Value("oid", pack_oid(oid(written))[2:])


def oid(written: str) -> Oid:
    """An object written with dots."""
    return tuple(int(part) for part in written.split("."))


def pack(tag: int, *parts: bytes) -> bytes:
    """Tag, length, content."""
    content = b"".join(parts)
    if len(content) < 128:
        return bytes([tag, len(content)]) + content
    size = struct.pack(">I", len(content)).lstrip(b"\0")
    return bytes([tag, 0x80 + len(size)]) + size + content


def pack_integer(value: int) -> bytes:
    """An INTEGER, whole."""
    return pack(0x02, number("integer", value).content)


def pack_oid(one: Oid) -> bytes:
    """An OBJECT IDENTIFIER, whole."""
    content = bytearray([one[0] * 40 + one[1]])
    for part in one[2:]:
        groups = [part & 127]
        while part > 127:
            part >>= 7  # noqa: PLW2901  # what is left of it
            groups.insert(0, part & 127 | 128)
        content += bytes(groups)
    return pack(0x06, bytes(content))


def pack_binding(one: Oid, value: Value) -> bytes:
    """A variable binding."""
    return pack(0x30, pack_oid(one), pack(TAGS[value.type], value.content))


def _split(data: bytes) -> list[tuple[int, bytes]]:
    """The items of a sequence's content; IndexError or ValueError for garbage."""
    items = []
    while data:
        tag, size, at = data[0], data[1], 2
        if size > 127:
            count = size - 128
            size, at = int.from_bytes(data[2 : 2 + count], "big"), 2 + count
        if at + size > len(data):
            raise ValueError("cut off")
        items.append((tag, data[at : at + size]))
        data = data[at + size :]
    return items


def _unpack_oid(content: bytes) -> Oid:
    parts, part = [content[0] // 40, content[0] % 40], 0
    for byte in content[1:]:
        part = part << 7 | byte & 127
        if byte < 128:
            parts.append(part)
            part = 0
    return tuple(parts)


def unpack(datagram: bytes) -> Request:
    """The request in a datagram; IndexError or ValueError for garbage."""
    [(_, message)] = _split(datagram)
    (_, version), (_, community), (kind, body) = _split(message)
    ident, first, second, (_, bindings) = _split(body)
    oids = [_unpack_oid(_split(binding)[0][1]) for _, binding in _split(bindings)]
    parts = (version, ident[1], first[1], second[1])
    release, request_id, status, index = (
        int.from_bytes(part, "big", signed=True) for part in parts
    )
    return Request(release, community, kind, request_id, status, index, tuple(oids))
