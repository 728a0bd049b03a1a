"""Keys and digests of SNMP version 3 users (RFC 3414, RFC 7860). Pure."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from typing import Final

HASHES: Final = {
    "md5": ("md5", 12), "sha": ("sha1", 12), "sha1": ("sha1", 12), "sha224": ("sha224", 16),
    "sha256": ("sha256", 24), "sha384": ("sha384", 32), "sha512": ("sha512", 48),
}  # fmt: skip
"""Protocol as the file has it -> the hash, and how many bytes of it a message carries."""

PASSWORD_MIN: Final = 8
"""Characters: agents refuse a shorter one (RFC 3414 section 11.2)."""

_STRETCHED: Final = 1 << 20
_KEYS_MAX: Final = 64  # passwords at a site; each costs milliseconds to make a key of


@lru_cache(_KEYS_MAX)
def master_key(protocol: str, password: str) -> bytes:
    """The key that a password gives (RFC 3414 A.2)."""
    text = password.encode()
    repeated = text * (_STRETCHED // len(text) + 1)
    return hashlib.new(HASHES[protocol][0], repeated[:_STRETCHED]).digest()


def localized(protocol: str, password: str, engine_id: bytes) -> bytes:
    """The key of a password in one agent only."""
    master = master_key(protocol, password)
    return hashlib.new(HASHES[protocol][0], master + engine_id + master).digest()


def stretched(protocol: str, key: bytes, size: int) -> bytes:
    """A key of at least `size` bytes (draft-blumenthal-aes-usm-04, section 3.1.2.1)."""
    while len(key) < size:
        key += hashlib.new(HASHES[protocol][0], key).digest()
    return key


def digest(protocol: str, key: bytes, message: bytes) -> bytes:
    """What a message carries to prove that it comes from one who has the key."""
    name, size = HASHES[protocol]
    return hmac.digest(key, message, name)[:size]
