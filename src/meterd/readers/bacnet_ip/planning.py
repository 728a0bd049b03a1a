"""Which requests read a device's properties: as few as it can answer. Pure.

An answer that is too long for a device is refused by it, or lost; then fewer properties are
asked at once. How many is one number, learned from the device.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from meterd.readers.bacnet_ip.services import Item

APDU_MAX: Final = 1476
"""The longest message of BACnet/IP, and what we accept."""
ANSWER_BYTES: Final = 14
"""What a property takes in an answer: its number, two brackets, a number of up to nine bytes."""
OBJECT_BYTES: Final = 7
"""What an object takes in an answer besides its properties."""
HEAD_BYTES: Final = 3
REQUEST_HEAD: Final = 4
_ASKED_BYTES: Final = 3
"""What a property takes in a request."""
ENVELOPE: Final = 6
"""Bytes of the virtual link and the network layer around a message on the same network."""
_MOST: Final = APDU_MAX // ANSWER_BYTES


def request_bytes(items: Iterable[Item]) -> int:
    """How long a request is at most."""
    return REQUEST_HEAD + sum(OBJECT_BYTES + _ASKED_BYTES * len(i.properties) for i in items)


def answer_bytes(items: Iterable[Item]) -> int:
    """How long its answer is likely to be."""
    return HEAD_BYTES + sum(OBJECT_BYTES + ANSWER_BYTES * len(i.properties) for i in items)


def count(items: Iterable[Item]) -> int:
    """Properties in a request."""
    return sum(len(item.properties) for item in items)


def plan(
    items: Iterable[Item], most: int = _MOST, apdu_max: int = APDU_MAX
) -> list[tuple[Item, ...]]:
    """The requests, in order: at most so many properties in each, its answer no longer than that.

    An object's properties stay together where they fit: its value and its flags are of one
    instant.
    """
    blocks: list[tuple[Item, ...]] = []
    block: tuple[Item, ...] = ()
    for item in items:
        for part in _parts(item, most, apdu_max):
            longer = (*block, part)
            fits = count(longer) <= most and answer_bytes(longer) <= apdu_max
            if block and not (fits and request_bytes(longer) <= apdu_max):
                blocks.append(block)
                longer = (part,)
            block = longer
    return [*blocks, block] if block else blocks


def _parts(item: Item, most: int, apdu_max: int) -> list[Item]:
    """An object's properties in as many parts as it takes."""
    room = (apdu_max - HEAD_BYTES - OBJECT_BYTES) // ANSWER_BYTES
    size = max(1, min(most, room))
    numbers = item.properties
    return [Item(item.oid, numbers[n : n + size]) for n in range(0, len(numbers), size)]


def fewer(block: Iterable[Item]) -> int:
    """How many properties to ask at once after a block was too much."""
    return max(1, count(block) // 2)
