"""Data that was sound once: bytes damaged in the ways in which they go wrong, seeded."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence


def damaged(chance: random.Random, whole: bytes, inserts: Sequence[bytes] = ()) -> bytes:
    """One to four faults: another byte or bit, cut off, left out, put in, repeated.

    inserts: what the format has a meaning for, put in besides chance bytes.
    """
    data = bytearray(whole)
    for _ in range(chance.randint(1, 4)):
        way, at = chance.randrange(6), chance.randrange(len(data) + 1)
        if way == 0:
            data[at : at + 1] = chance.randbytes(1)
        elif way == 1 and at < len(data):
            data[at] ^= 1 << chance.randrange(8)
        elif way == 2:
            del data[at:]
        elif way == 3:
            del data[at : at + chance.randint(1, 20)]
        elif way == 4:
            data[at:at] = data[at : at + chance.randint(1, 20)] * chance.randint(1, 3)
        else:
            more = chance.choice(inserts) if inserts and chance.random() < 0.7 else None
            data[at:at] = chance.randbytes(chance.randint(1, 20)) if more is None else more
    return bytes(data)


def many(
    seed: int, count: int, sound: Sequence[bytes], inserts: Sequence[bytes] = ()
) -> Iterator[bytes]:
    """So many damaged ones, of each that is sound, and some that never were."""
    chance = random.Random(seed)
    for _ in range(count):
        if chance.random() < 0.95:
            yield damaged(chance, chance.choice(sound), inserts)
        else:
            yield chance.randbytes(chance.randrange(80))
