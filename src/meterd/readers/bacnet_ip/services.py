"""What is asked of a BACnet device and what it answers: the services' bytes. Pure.

Service by service after ASHRAE 135, clauses 13 to 16 and 21. An element of an answer that the
device could not give is a `Refusal`; an answer that is none raises GarbageError.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from meterd.readers.bacnet_ip.tags import (
    APPLICATION,
    CLOSING,
    CONTEXT,
    OPENING,
    GarbageError,
    ObjectId,
    Tag,
    Value,
    closing,
    content_of,
    context,
    expect,
    integer,
    object_id,
    opening,
    packed,
    tags,
    unsigned,
    until,
    value_of,
)

SUBSCRIBE_COV, READ_PROPERTY, READ_PROPERTY_MULTIPLE = 5, 12, 14
"""Confirmed services."""
I_AM, COV_NOTIFICATION, WHO_IS = 0, 2, 8
"""Unconfirmed services."""


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
        oid = object_id(content_of(head, 0))
        expect(next(stream, None), OPENING, 1)
        for tag in stream:
            if tag.kind == CLOSING:
                break
            number = integer(content_of(tag, 2))
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
    expect(tag, OPENING, 5)
    numbers = [integer(part.content) for part in until(stream, 5)]
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
    inside = until(stream, number)
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
    process = integer(content_of(next(stream, None), 0))
    object_id(content_of(next(stream, None), 1))
    return process, object_id(content_of(next(stream, None), 2))
