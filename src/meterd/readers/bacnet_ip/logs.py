"""Trend logs: the rows that a device has logged, asked for by ReadRange. Pure.

ASHRAE 135, clauses 12.25 and 15.8; times are the device's own, as it wrote them.
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
    application,
    bits,
    closing,
    context,
    expect,
    opening,
    packed,
    tags,
    unsigned,
    until,
    value_of,
)

READ_RANGE: Final = 26
"""The confirmed service."""
LOG_BUFFER: Final = 131


class Row(NamedTuple):
    """One record of a trend log. date, time: as the device wrote them, four bytes each.

    value: what was logged, None for what is no number. flags: its status flags, if any.
    """

    date: bytes
    time: bytes
    value: int | float | None
    flags: tuple[int, ...] = ()


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


def range_read(answer: bytes) -> list[Row]:
    """The rows of an answer."""
    stream = tags(answer)
    for tag in stream:
        if tag[:2] == (5, OPENING):
            return _rows(stream)
    raise GarbageError("an answer without rows")


def _rows(stream: Iterator[Tag]) -> list[Row]:
    found: list[Row] = []
    for tag in stream:
        if tag[:2] == (5, CLOSING):
            return found
        if tag[:2] == (2, CONTEXT) and found:
            found[-1] = found[-1]._replace(flags=bits(tag.content))
            continue
        expect(tag, OPENING, 0)
        when = [part.content for part in until(stream, 0)]
        if [len(part) for part in when] != [4, 4]:
            raise GarbageError("a row without date and time")
        expect(next(stream, None), OPENING, 1)
        found.append(Row(when[0], when[1], _datum(until(stream, 1))))
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
