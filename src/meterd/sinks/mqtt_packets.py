"""The MQTT packets we write ourselves: PUBLISH, because we send so many of them, and those
that ask the broker for a message, so that they keep their place between the others.

Source: MQTT 5.0 sections 1.5.5, 3.3, 3.8 and 3.10; 3.1.1 is the same without the properties.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

MQTT_5: Final = 5
REFUSED_FROM: Final = 0x80
"""Reason codes from here on mean that the broker did not take the message."""

TOPICS_MAX: Final = 200
"""Topics asked for in one packet: a broker that takes only small ones still takes it."""

_PUBLISH_QOS_1: Final = 0x32
_RETAIN: Final = 1
_SUBSCRIBE: Final = 0x82
_UNSUBSCRIBE: Final = 0xA2
_PUBLISH_QOS_0: Final = 0x30


class Message(NamedTuple):
    """What is told, where, and whether the broker keeps it."""

    topic: str
    payload: bytes
    retain: bool


def publish(message: Message, mid: int, version: int) -> bytes:
    """The packet that tells it, to be acknowledged under its number `mid` (1..65535)."""
    head = (_text(message.topic), mid.to_bytes(2, "big"), _no_properties(version))
    body = b"".join((*head, message.payload))
    first = _PUBLISH_QOS_1 | _RETAIN if message.retain else _PUBLISH_QOS_1
    return _packet(first, body)


def tell(topic: str, payload: bytes, version: int) -> bytes:
    """The packet that tells it at QoS 0: nobody says whether it has arrived."""
    return _packet(_PUBLISH_QOS_0, b"".join((_text(topic), _no_properties(version), payload)))


def subscribe(topics: Iterable[str], mid: int, version: int, qos: int = 0) -> bytes:
    """The packet that asks for these topics at a QoS, retained messages first."""
    wanted = [_text(topic) + bytes((qos,)) for topic in topics]
    return _packet(_SUBSCRIBE, mid.to_bytes(2, "big") + _no_properties(version) + b"".join(wanted))


def unsubscribe(topics: Iterable[str], mid: int, version: int) -> bytes:
    """The packet that asks to hear no more of these topics."""
    head = mid.to_bytes(2, "big") + _no_properties(version)
    return _packet(_UNSUBSCRIBE, head + b"".join(map(_text, topics)))


def _packet(first: int, body: bytes) -> bytes:
    return b"".join((bytes((first,)), _length(len(body)), body))


def _no_properties(version: int) -> bytes:
    return b"\0" if version == MQTT_5 else b""


def _text(text: str) -> bytes:
    encoded = text.encode()
    return len(encoded).to_bytes(2, "big") + encoded


def _length(size: int) -> bytes:
    """A variable byte integer: seven bits a byte, the least significant first."""
    found = bytearray()
    while size > 0x7F:
        found.append(size & 0x7F | 0x80)
        size >>= 7
    found.append(size)
    return bytes(found)
