"""The one MQTT packet we write ourselves, because we send so many of them: PUBLISH, QoS 1.

Source: MQTT 5.0 sections 1.5.5 and 3.3; 3.1.1 is the same without the properties.
"""

from __future__ import annotations

from typing import Final, NamedTuple

MQTT_5: Final = 5
_PUBLISH_QOS_1: Final = 0x32
_RETAIN: Final = 1


class Message(NamedTuple):
    """What is told, where, and whether the broker keeps it."""

    topic: str
    payload: bytes
    retain: bool


def publish(message: Message, mid: int, version: int) -> bytes:
    """The packet that tells it, to be acknowledged under its number `mid` (1..65535)."""
    topic = message.topic.encode()
    properties = b"\0" if version == MQTT_5 else b""
    head = (len(topic).to_bytes(2, "big"), topic, mid.to_bytes(2, "big"), properties)
    body = b"".join((*head, message.payload))
    first = _PUBLISH_QOS_1 | _RETAIN if message.retain else _PUBLISH_QOS_1
    return b"".join((bytes((first,)), _length(len(body)), body))


def _length(size: int) -> bytes:
    """A variable byte integer: seven bits a byte, the least significant first."""
    found = bytearray()
    while size > 0x7F:
        found.append(size & 0x7F | 0x80)
        size >>= 7
    found.append(size)
    return bytes(found)
