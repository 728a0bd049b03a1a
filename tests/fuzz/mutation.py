"""Bytes that are nearly right: what a hostile or broken sender makes of something sound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Final

NUMBERS: Final = (
    b"0", b"-1", b"1e999", b"-0", b"nan", b"Infinity", b"9" * 40, b"0x7fffffff", b"1_0", b"1.5.5",
    b"00012", b"\xd9\xa3", b"4294967296", b"1e-400", b"true", b"null",
)  # fmt: skip
ODD: Final = (
    b"\0", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\r\n", b"\xef\xbb\xbf", b'"', b"'", b"\\", b"{",
    b"[", b"${file:/etc/shadow}", b"../..", b"&a", b"*a", b"<<", b"%00", b"%s%n", b"\x1b[2J",
    b"<script>", b"{{7*7}}", b"\xe2\x80\xae",
)  # fmt: skip
BIGGEST: Final = 20_000
"""Bytes of a case; what is larger is cut by the bounds of whoever takes it."""
ROUNDS_MAX: Final = 6

Step = Callable[[bytes, Sequence[bytes], Random], bytes]


def mutated(corpus: Sequence[bytes], chance: Random) -> bytes:
    """One of the corpus, changed a few times."""
    data = chance.choice(corpus)
    for _ in range(chance.randint(1, ROUNDS_MAX)):
        data = chance.choice(STEPS)(data, corpus, chance)
    return data[:BIGGEST]


def _flip(data: bytes, _corpus: Sequence[bytes], chance: Random) -> bytes:
    if not data:
        return data
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def _cut(data: bytes, _corpus: Sequence[bytes], chance: Random) -> bytes:
    start, end = _span(data, chance)
    return data[:start] + data[end:]


def _end(data: bytes, _corpus: Sequence[bytes], chance: Random) -> bytes:
    return data[: chance.randint(0, len(data))]


def _again(data: bytes, _corpus: Sequence[bytes], chance: Random) -> bytes:
    start, end = _span(data, chance)
    return data[:end] + data[start:end] * chance.choice((1, 2, 50)) + data[end:]


def _swap(data: bytes, corpus: Sequence[bytes], chance: Random) -> bytes:
    """A line or a word of another one in the place of ours."""
    parting = chance.choice((b"\n", b" ", b",", b":"))
    ours, theirs = data.split(parting), chance.choice(corpus).split(parting)
    ours[chance.randrange(len(ours))] = chance.choice(theirs)
    return parting.join(ours)


def _insert(data: bytes, _corpus: Sequence[bytes], chance: Random) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + chance.choice(NUMBERS + ODD) + data[at:]


def _replace(data: bytes, _corpus: Sequence[bytes], chance: Random) -> bytes:
    """A number or an oddity in the place of a word."""
    words = data.split(b" ")
    words[chance.randrange(len(words))] = chance.choice(NUMBERS + ODD)
    return b" ".join(words)


def _nest(data: bytes, _corpus: Sequence[bytes], chance: Random) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + chance.choice((b"[", b"{", b"(", b"- ", b'{"a":')) * 2_000 + data[at:]


def _noise(data: bytes, _corpus: Sequence[bytes], chance: Random) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + chance.randbytes(chance.randint(1, 30)) + data[at:]


def _span(data: bytes, chance: Random) -> tuple[int, int]:
    start = chance.randint(0, len(data))
    return start, min(len(data), start + chance.choice((1, 2, 8, 40)))


STEPS: Final[tuple[Step, ...]] = (
    _flip, _cut, _end, _again, _swap, _insert, _insert, _replace, _replace, _nest, _noise,
)  # fmt: skip
