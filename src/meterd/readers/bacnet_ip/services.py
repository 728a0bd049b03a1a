"""What is asked of a BACnet device and what it answers: the services' bytes. Pure.

Service by service after ASHRAE 135, clauses 13 to 16 and 21. An element of an answer that the
device could not give is a `Refusal`; an answer that is none raises GarbageError.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from meterd.readers.bacnet_ip.tags import (
    APPLICATION,
    BOOLEAN,
    CLOSING,
    CONTEXT,
    DATE,
    ENUMERATED,
    OPENING,
    REAL,
    SIGNED,
    TIME,
    UNSIGNED,
    GarbageError,
    ObjectId,
    Tag,
    Value,
    application,
    bits,
    closing,
    context,
    integer,
    object_id,
    opening,
    packed,
    tags,
    unsigned,
    value_of,
)

SUBSCRIBE_COV, READ_PROPERTY, READ_PROPERTY_MULTIPLE, READ_RANGE = 5, 12, 14, 26
"""Confirmed services."""
I_AM, COV_NOTIFICATION, WHO_IS = 0, 2, 8
"""Unconfirmed services."""
DEPTH_MAX: Final = 32
"""No construction that is read here nests deeper."""


class Refusal(NamedTuple):
    """Why a property has no value (clause 18): error class and code."""

    group: int
    code: int


Given = Value | Refusal | tuple[Value, ...]
"""A property's value, or its values, or why it has none."""
Answers = dict[tuple[ObjectId, int], Given]
"""By object and property."""


class Item(NamedTuple):
    """An object, and the properties of it that are asked for."""

    oid: ObjectId
    properties: tuple[int, ...]


# -- ReadProperty and ReadPropertyMultiple ------------------------------------------------------


def read_properties(items: Sequence[Item]) -> bytes:
    """The request of ReadPropertyMultiple."""
    return b"".join(
        context(0, packed(item.oid))
        + opening(1)
        + b"".join(context(0, unsigned(number)) for number in item.properties)
        + closing(1)
        for item in items
    )


def read_property(oid: ObjectId, number: int, index: int | None = None) -> bytes:
    """The request of ReadProperty."""
    whole = context(0, packed(oid)) + context(1, unsigned(number))
    return whole if index is None else whole + context(2, unsigned(index))


def properties_read(answer: bytes) -> Answers:
    """The answer to ReadPropertyMultiple."""
    found: Answers = {}
    stream = tags(answer)
    for head in stream:
        oid = object_id(_content(head, 0))
        _expect(next(stream, None), OPENING, 1)
        for tag in stream:
            if tag.kind == CLOSING:
                break
            number = integer(_content(tag, 2))
            after = next(stream, None)
            if after is not None and after[:2] == (3, CONTEXT):
                after = next(stream, None)
            found[oid, number] = _value_or_refusal(after, stream)
        else:
            raise GarbageError("an object does not end")
    return found


def _value_or_refusal(tag: Tag | None, stream: Iterator[Tag]) -> Given:
    if tag is not None and tag[:2] == (4, OPENING):
        return _one_or_many(stream, 4)
    _expect(tag, OPENING, 5)
    numbers = [integer(part.content) for part in _until(stream, 5)]
    if len(numbers) != 2:
        raise GarbageError("an error that is not class and code")
    return Refusal(*numbers)


def property_read(answer: bytes) -> Value | tuple[Value, ...]:
    """The answer to ReadProperty."""
    stream = tags(answer)
    for tag in stream:
        if tag[:2] == (3, OPENING):
            return _one_or_many(stream, 3)
    raise GarbageError("an answer without a value")


def _one_or_many(stream: Iterator[Tag], number: int) -> Value | tuple[Value, ...]:
    """A property's value; what is constructed gives every application value within."""
    inside = _until(stream, number)
    if len(inside) == 1:
        return _plain(inside[0])
    return tuple(_plain(tag) for tag in inside if tag.kind in (APPLICATION, CONTEXT))


def _plain(tag: Tag) -> Value:
    return value_of(tag) if tag.kind == APPLICATION else tag


# -- discovery ----------------------------------------------------------------------------------


class IAm(NamedTuple):
    """A device tells of itself. max_apdu: the longest message it takes, bytes."""

    instance: int
    max_apdu: int
    segmentation: int
    vendor: int


def who_is(low: int | None = None, high: int | None = None) -> bytes:
    """Ask devices to tell of themselves: all, or those with an instance in a range."""
    if low is None or high is None:
        return b""
    return context(0, unsigned(low)) + context(1, unsigned(high))


def i_am(data: bytes) -> IAm:
    """What a device tells of itself."""
    values = [value_of(tag) for tag in tags(data) if tag.kind == APPLICATION]
    if len(values) != 4 or not isinstance(values[0], tuple):
        raise GarbageError("an I-Am that does not say who")
    kind, instance = values[0][:2]
    numbers = [value for value in values[1:] if isinstance(value, int)]
    if kind != 8 or len(numbers) != 3:
        raise GarbageError("an I-Am of something that is no device")
    return IAm(int(instance), *numbers)


# -- change of value ----------------------------------------------------------------------------


def subscribe(process: int, oid: ObjectId, lifetime_s: int | None) -> bytes:
    """Ask for unconfirmed notifications; None ends the subscription."""
    whole = context(0, unsigned(process)) + context(1, packed(oid))
    if lifetime_s is None:
        return whole
    return whole + context(2, b"\0") + context(3, unsigned(lifetime_s))


def notification(data: bytes) -> tuple[int, ObjectId]:
    """Whose change of value it is: (subscriber's process, object)."""
    stream = tags(data)
    process = integer(_content(next(stream, None), 0))
    object_id(_content(next(stream, None), 1))
    return process, object_id(_content(next(stream, None), 2))


# -- trend logs ---------------------------------------------------------------------------------

LOG_BUFFER: Final = 131


class Row(NamedTuple):
    """One record of a trend log. date, time: as the device wrote them, four bytes each.

    value: what was logged, None for what is no number. flags: its status flags, if any.
    """

    date: bytes
    time: bytes
    value: int | float | None
    flags: tuple[int, ...] = ()


class Rows(NamedTuple):
    """An answer of ReadRange. more: there are further rows after these."""

    rows: list[Row]
    more: bool


def read_range(oid: ObjectId, since: tuple[bytes, bytes], count: int) -> bytes:
    """So many rows of a log after an instant of the device's own clock (date, time)."""
    when = application(DATE, since[0]) + application(TIME, since[1])
    return (
        context(0, packed(oid))
        + context(1, unsigned(LOG_BUFFER))
        + opening(7)
        + when
        + application(SIGNED, count.to_bytes(2, "big", signed=True))
        + closing(7)
    )


def range_read(answer: bytes) -> Rows:
    """The rows of an answer."""
    stream = tags(answer)
    more = False
    for tag in stream:
        if tag[:2] == (3, CONTEXT):
            more = len(tag.content) > 1 and bool(tag.content[1] & 0x20)
        elif tag[:2] == (5, OPENING):
            return Rows(_rows(stream), more)
    raise GarbageError("an answer without rows")


def _rows(stream: Iterator[Tag]) -> list[Row]:
    found: list[Row] = []
    for tag in stream:
        if tag[:2] == (5, CLOSING):
            return found
        if tag[:2] == (2, CONTEXT) and found:
            found[-1] = found[-1]._replace(flags=bits(tag.content))
            continue
        _expect(tag, OPENING, 0)
        when = [part.content for part in _until(stream, 0)]
        if [len(part) for part in when] != [4, 4]:
            raise GarbageError("a row without date and time")
        _expect(next(stream, None), OPENING, 1)
        found.append(Row(when[0], when[1], _datum(_until(stream, 1))))
    raise GarbageError("the rows do not end")


def _datum(datum: Sequence[Tag]) -> int | float | None:
    """What was logged, where it is one number: a plain choice, or any application value."""
    plain = {1: BOOLEAN, 2: REAL, 3: ENUMERATED, 4: UNSIGNED, 5: SIGNED}
    if len(datum) == 1 and datum[0].number in plain:
        value = value_of(Tag(plain[datum[0].number], APPLICATION, datum[0].content))
    elif len(datum) == 3 and datum[0].number == 10 and datum[1].kind == APPLICATION:
        value = value_of(datum[1])
    else:
        value = None
    return value if isinstance(value, int | float) else None


# -- grammar ------------------------------------------------------------------------------------


def _content(tag: Tag | None, number: int) -> bytes:
    if tag is None or tag[:2] != (number, CONTEXT):
        raise GarbageError(f"where [{number}] was expected stands {tag}")
    return tag.content


def _expect(tag: Tag | None, kind: int, number: int) -> None:
    if tag is None or tag[:2] != (number, kind):
        raise GarbageError(f"where [{number}] was expected to open stands {tag}")


def _until(stream: Iterator[Tag], number: int) -> list[Tag]:
    """The tags up to the one that closes `number`; nested constructions whole."""
    found: list[Tag] = []
    depth = 0
    for tag in stream:
        if tag.kind == CLOSING and depth == 0:
            _expect(tag, CLOSING, number)
            return found
        depth += (tag.kind == OPENING) - (tag.kind == CLOSING)
        if depth > DEPTH_MAX:
            break
        found.append(tag)
    raise GarbageError("a construction does not end")
