"""A Sparkplug B payload as bytes, and the commands in one: pure, and no more of protobuf than that.

A dozen fields of one fixed message need no compiler and no library. What arrives is anyone's
bytes: fields that we do not know are stepped over, and what does not hold together is a
`PayloadError`.
Source: Eclipse Sparkplug 3.0, section 6.4; protobuf encoding: varints, tags of field number
and wire type.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

INT64: Final = 4
UINT64: Final = 8
DOUBLE: Final = 10
BOOLEAN: Final = 11
STRING: Final = 12
"""Data types of metrics (Sparkplug 3.0, section 6.4.16)."""

COMMANDS_MAX: Final = 100
"""Metrics of one command that are looked at; a host that asks for a rebirth sends one."""

Value = int | float | bool | str

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_NAME, _ALIAS, _TIMESTAMP, _DATATYPE, _IS_NULL, _PROPERTIES = 1, 2, 3, 4, 7, 9
_LONG, _DOUBLE_VALUE, _BOOLEAN_VALUE, _STRING_VALUE = 11, 13, 14, 15
_UNSIGNED: Final = 1 << 64


class PayloadError(ValueError):
    """These bytes are no Sparkplug payload."""


class Metric(msgspec.Struct, frozen=True):
    """One named value. value: None where it is not known. unit: "" for none.

    alias: the number that stands for the name after a birth. at_ms: when it was so.
    """

    name: str
    alias: int
    datatype: int
    value: Value | None
    at_ms: int
    unit: str = ""


class Command(msgspec.Struct, frozen=True):
    """A metric that a host application wants to be so. alias: None where it is named."""

    name: str
    alias: int | None
    value: Value | None


def payload(at_ms: int, seq: int | None, metrics: Sequence[Metric], *, birth: bool) -> bytes:
    """The message. seq: 0..255, None in a death. birth: with names and units, else aliases."""
    parts = [_number(1, at_ms)]
    parts += [_field(2, _metric(metric, birth)) for metric in metrics]
    if seq is not None:
        parts.append(_number(3, seq))
    return b"".join(parts)


def death(birth_number: int, at_ms: int) -> bytes:
    """NDEATH: the number that the birth of the same session carries, and no seq."""
    number = Metric("bdSeq", 0, INT64, birth_number, at_ms)
    return payload(at_ms, None, [number], birth=True)


def _metric(metric: Metric, birth: bool) -> bytes:
    parts = []
    named = birth or not metric.alias
    if named:
        parts.append(_field(_NAME, metric.name.encode()))
    if metric.alias:
        parts.append(_number(_ALIAS, metric.alias))
    parts += [_number(_TIMESTAMP, metric.at_ms), _number(_DATATYPE, metric.datatype)]
    if metric.value is None:
        parts.append(_number(_IS_NULL, 1))
    if birth and metric.unit:
        unit = _number(1, STRING) + _field(8, metric.unit.encode())
        parts.append(_field(_PROPERTIES, _field(1, b"engUnit") + _field(2, unit)))
    if metric.value is not None:
        parts.append(_value(metric.datatype, metric.value))
    return b"".join(parts)


def _value(datatype: int, value: Value) -> bytes:
    if datatype == DOUBLE:
        return _tag(_DOUBLE_VALUE, _EIGHT) + struct.pack("<d", value)
    if datatype == STRING:
        return _field(_STRING_VALUE, str(value).encode())
    if datatype == BOOLEAN:
        return _number(_BOOLEAN_VALUE, int(value))
    return _number(_LONG, int(value) % _UNSIGNED)


def _tag(field: int, wire: int) -> bytes:
    return _varint(field << 3 | wire)


def _number(field: int, value: int) -> bytes:
    return _tag(field, _VARINT) + _varint(value)


def _field(field: int, body: bytes) -> bytes:
    return _tag(field, _BYTES) + _varint(len(body)) + body


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def commands(body: bytes) -> list[Command]:
    """What a host application asks for in an NCMD. Raises PayloadError."""
    metrics = [value for field, value in _fields(body) if field == 2 and isinstance(value, bytes)]
    return [_command(metric) for metric in metrics[:COMMANDS_MAX]]


def _command(body: bytes) -> Command:
    name, alias, value = "", None, None
    for field, found in _fields(body):
        if field == _NAME and isinstance(found, bytes):
            name = found.decode(errors="replace")
        elif field == _ALIAS and isinstance(found, int):
            alias = found
        elif field == _BOOLEAN_VALUE and isinstance(found, int):
            value = bool(found)
    return Command(name, alias, value)


def _fields(body: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message, in order: numbers as they are, anything else as its bytes."""
    at = 0
    while at < len(body):
        tag, at = _read_varint(body, at)
        wire = tag & 7
        if wire == _VARINT:
            value, at = _read_varint(body, at)
            yield tag >> 3, value
            continue
        if wire == _BYTES:
            size, at = _read_varint(body, at)
        elif wire in {_EIGHT, _FOUR}:
            size = 8 if wire == _EIGHT else 4
        else:
            raise PayloadError(f"byte {at}: wire type {wire} is none that is in use")
        if size > len(body) - at:
            raise PayloadError(
                f"byte {at}: a field is {size} bytes long, {len(body) - at} are left"
            )
        yield tag >> 3, body[at : at + size]
        at += size


def _read_varint(body: bytes, at: int) -> tuple[int, int]:
    """(the number, where it ends): at most ten bytes, of seven bits each."""
    value = 0
    for n, byte in enumerate(body[at : at + 10]):
        value |= (byte & 0x7F) << 7 * n
        if byte < 0x80:
            return value, at + n + 1
    raise PayloadError(f"byte {at}: a number does not end")
