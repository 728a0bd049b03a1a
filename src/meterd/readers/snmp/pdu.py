"""Requests and responses of SNMP (RFC 3416 section 3), without the message around them. Pure.

An object is kept as its encoded bytes, which are as good a key as its text and need no
making. A value is its tag and content; what it is worth is said in `values.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Final, NamedTuple, cast

from meterd.readers.snmp.ber import (
    NULL,
    OBJECT,
    SEQUENCE,
    BerError,
    expect,
    header,
    integer,
    number,
    tlv,
)

GET: Final = 0xA0
GET_NEXT: Final = 0xA1
RESPONSE: Final = 0xA2
GET_BULK: Final = 0xA5
INFORM: Final = 0xA6
TRAP: Final = 0xA7
REPORT: Final = 0xA8
V1_TRAP: Final = 0xA4

NO_ERROR: Final = 0
TOO_BIG: Final = 1
NO_SUCH_NAME: Final = 2
ERRORS: Final = {
    1: "tooBig", 2: "noSuchName", 3: "badValue", 4: "readOnly", 5: "genErr", 6: "noAccess",
    13: "resourceUnavailable", 16: "authorizationError",
}  # fmt: skip
"""Error statuses that a read may be answered with, as they are called."""

END_OF_VIEW: Final = 0x82
ABSENT: Final = frozenset({NULL, 0x80, 0x81, END_OF_VIEW})
"""Tags that say that there is no value: NULL, noSuchObject, noSuchInstance, endOfMibView."""

VARBINDS_MAX: Final = 1000
"""More in one response is no answer to anything we ask."""

SHAPES_MAX: Final = 1024
"""Shapes of answers that are remembered; agents of the same kind share them."""

_SHORT: Final = b"(.(?:" + b"|".join(b"[\\x0%d].{%d}" % (n, n) for n in range(1, 10)) + b"))"
_LENGTH: Final = rb"(?:[\x00-\x7f]|\x81.|\x82..)"
_NULL: Final = tlv(NULL, b"")
_WELL: Final = integer(NO_ERROR) + integer(0)


class Varbind(NamedTuple):
    """An object and its value: the tag and the content."""

    oid: bytes
    tag: int
    content: bytes


_varbind = cast("Callable[[tuple[bytes, int, bytes]], Varbind]", partial(tuple.__new__, Varbind))
"""The same as Varbind(*parts), in half the time: there are twenty in an answer."""


class Pdu(NamedTuple):
    """A PDU as it came. error: its status. failed: which binding that is about, from 1."""

    type: int
    request_id: int
    error: int
    failed: int
    varbinds: list[Varbind]


class Shape(NamedTuple):
    """What a well-behaved answer looks like. source: of its bindings, as a regular expression
    with a group for tag, length and content of each; pattern: the same, compiled.
    """

    objects: tuple[bytes, ...]
    source: bytes
    pattern: re.Pattern[bytes]


def asking(objects: Iterable[bytes]) -> bytes:
    """The variable bindings of a request for these objects."""
    return tlv(SEQUENCE, b"".join(tlv(SEQUENCE, tlv(OBJECT, oid) + _NULL) for oid in objects))


@lru_cache(SHAPES_MAX)
def shape_of(objects: tuple[bytes, ...]) -> Shape:
    """The shape of an answer that has these objects in their order, each with a number.

    The length of a binding is not looked at: its object and value must fill it anyway.
    """
    source = b"".join(b"0." + re.escape(tlv(OBJECT, oid)) + _SHORT for oid in objects)
    return Shape(objects, source, re.compile(source, re.DOTALL))


@lru_cache(SHAPES_MAX)
def answer_of(head: bytes, bindings: bytes) -> re.Pattern[bytes]:
    """A whole answer without an error, in a message that begins with `head`. Its groups: the
    request id, of four bytes as ours are, and those of the bindings, which are a shape's source.

    The lengths of what holds others are not looked at: it must be filled to the last byte.
    """
    inside = b"\\x02\\x04(.{4})" + re.escape(_WELL) + b"0" + _LENGTH + bindings
    message = b"0" + _LENGTH + re.escape(head) + re.escape(bytes((RESPONSE,))) + _LENGTH
    return re.compile(message + inside, re.DOTALL)


def usual(shape: Shape, values: Iterable[bytes]) -> list[Varbind]:
    """The bindings of an answer that has the shape. values: what its groups hold."""
    pairs = zip(shape.objects, values, strict=True)
    return list(map(_varbind, [(oid, value[0], value[2:]) for oid, value in pairs]))


def saying(varbinds: Iterable[Varbind]) -> bytes:
    """Variable bindings with values."""
    items = (tlv(SEQUENCE, tlv(OBJECT, one.oid) + tlv(one.tag, one.content)) for one in varbinds)
    return tlv(SEQUENCE, b"".join(items))


def pdu(kind: int, request_id: int, bindings: bytes, repetitions: int = 0) -> bytes:
    """A PDU without an error. repetitions: of a GET-BULK, in the place of the error index."""
    rest = integer(0) + integer(repetitions) if repetitions else _WELL
    return tlv(kind, integer(request_id) + rest + bindings)


def parse(data: bytes, at: int, end: int, shape: Shape | None = None) -> Pdu:
    """The PDU that stands at `at` and fills all up to `end`. shape: as bindings() takes it."""
    kind, at, stop = header(data, at, end)
    if stop != end:
        raise BerError("something follows the PDU")
    request_id, at = number(data, at, stop)
    error, at = number(data, at, stop)
    failed, at = number(data, at, stop)
    return Pdu(kind, request_id, error, failed, bindings(data, at, stop, shape))


def bindings(data: bytes, at: int, end: int, shape: Shape | None = None) -> list[Varbind]:
    """The variable bindings that stand at `at` and fill all up to `end`.

    shape: what they most likely look like, which is many times faster to read.
    """
    at, stop = expect(data, at, end, SEQUENCE)
    if stop != end:
        raise BerError("something follows the bindings")
    if shape is not None and (match := shape.pattern.fullmatch(data, at, stop)):
        return usual(shape, match.groups())
    found: list[Varbind] = []
    while at < stop:
        if len(found) == VARBINDS_MAX:
            raise BerError("too many bindings")
        one, at = _binding(data, at, stop)
        found.append(one)
    return found


def _binding(data: bytes, at: int, end: int) -> tuple[Varbind, int]:
    """Any binding, and what follows it."""
    at, after = expect(data, at, end, SEQUENCE)
    start, at = expect(data, at, after, OBJECT)
    tag, value, closed = header(data, at, after)
    if closed != after:
        raise BerError("more than a binding can hold")
    return Varbind(data[start:at], tag, data[value:closed]), after
