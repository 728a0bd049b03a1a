"""ULIDs: 26 Crockford characters, 48 bits of time before 80 bits of entropy, printed 10-8-8.

Pure: the caller brings the time and the entropy. Things that the configuration names have
ids too; these follow from the name, and their time part is 0 because nobody created them.
Sources: the ULID specification; seed 001 for the dashes.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH: Final = 26
_ENTROPY_BITS: Final = 80
_TIME_BITS: Final = 48


def ulid(at_ms: int, entropy: int) -> str:
    """The ULID of an instant. entropy: any integer, of which 80 bits are used."""
    assert 0 <= at_ms < 1 << _TIME_BITS, at_ms
    number = at_ms << _ENTROPY_BITS | entropy % (1 << _ENTROPY_BITS)
    return "".join(_LETTERS[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))


def instant_of(plain_id: str) -> int:
    """When it was made, epoch ms. Raises ValueError for a letter that no ULID has."""
    found = 0
    for letter in plain_id[: _LENGTH - _ENTROPY_BITS // 5]:
        found = found << 5 | _LETTERS.index(letter)
    return found


def named_ulid(kind: str, name: str) -> str:
    """The ULID of a thing known by its name, the same on every host and for ever."""
    digest = sha256(f"{kind}\0{name}".encode()).digest()
    return ulid(0, int.from_bytes(digest[: _ENTROPY_BITS // 8]))


def dashed(plain_id: str) -> str:
    """As people see it: 01JAP8RJBN-8ZTPXSGY-J9GSDPE1."""
    return f"{plain_id[:10]}-{plain_id[10:18]}-{plain_id[18:]}"


def undashed(text: str) -> str:
    """As it is stored, from whatever people typed. Raises ValueError for what is no ULID."""
    plain_id = text.strip().replace("-", "").upper()
    if len(plain_id) != _LENGTH or not plain_id.isalnum():
        raise ValueError(f"{text!r} is no id; ids look like 01JAP8RJBN-8ZTPXSGY-J9GSDPE1")
    return plain_id
