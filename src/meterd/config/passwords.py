"""Passwords: what may be one, hashed with Argon2id, and held against a hash.

A hash takes some 20 ms of one core and 19 MiB of memory, on purpose: whoever has stolen the
store can guess no faster. It must not be made on the event loop. The only file that knows the
library. Source: OWASP Password Storage Cheat Sheet (m = 19 MiB, t = 2, p = 1); RFC 9106;
NIST SP 800-63B section 5.1.1.2 (length alone, no rules of composition, normalised).
"""

from __future__ import annotations

from typing import Final
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from meterd.config.values import WrongValueError

LENGTH_MIN: Final = 8
LENGTH_MAX: Final = 256
"""Characters: a hash takes as long as the password is long."""

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
DECOY: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$NTNNgDEKuq4E4P4ksBkRFQ$"
    "is7r2WH/N/6XaipXwQICK10T2ZAJlWfLknn5DCusJGg"
)
"""What a password is held against where there is no such user, so that it takes as long."""


def checked_password(text: str) -> str:
    """A password that may be one. Raises WrongValueError, which does not repeat it."""
    if not LENGTH_MIN <= len(text) <= LENGTH_MAX:
        remedy = f"Use from {LENGTH_MIN} to {LENGTH_MAX} characters, any of them."
        raise WrongValueError("is no password", remedy)
    return text


def hashed(password: str) -> str:
    """What is kept of a password, with a salt of its own."""
    return _HASHER.hash(_octets(password))


def matches(kept: str, password: str) -> bool:
    """Whether it is the password that `kept` was made from; "" is no hash and matches none."""
    if len(password) > LENGTH_MAX:
        return False
    try:
        return _HASHER.verify(kept or DECOY, _octets(password)) and kept not in {"", DECOY}
    except (Argon2Error, InvalidHashError):
        return False


def outdated(kept: str) -> bool:
    """Whether a hash was made with another work factor than today's."""
    return _HASHER.check_needs_rehash(kept)


def _octets(password: str) -> bytes:
    """The same for every way to type it; a lone surrogate of JSON becomes "?"."""
    return normalize("NFKC", password).encode("utf-8", "replace")
