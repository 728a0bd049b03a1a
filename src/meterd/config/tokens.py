"""Bearer tokens: what may be asked of one, and the changes that commands and HTTP make.

A token is `meterd_` and 43 characters for 32 random bytes. Only its SHA-256 is kept: with so
many bits there is nothing to guess, so a slow hash would only slow down every request.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Final

import msgspec

from meterd.config.accounts import ADMINISTERS, CHANGES, OPERATES, READS
from meterd.config.values import READERS, WrongValueError
from meterd.orders import Administered, StoredToken

PREFIX: Final = "meterd_"
RANDOM_BYTES: Final = 32
READ: Final = "read"
OPERATE: Final = "operate"
WRITE: Final = "write"
ADMIN: Final = "admin"
LEVELS: Final = {READ: READS, OPERATE: OPERATES, WRITE: CHANGES, ADMIN: ADMINISTERS}
"""Scope -> the level of a user who may do the same."""
PUSH: Final = "push:"
SCOPES_MAX: Final = 100
"""Meters that one token may push for, more or less."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def token_text(random: bytes) -> str:
    """The token itself, from so many random bytes. Show it once."""
    assert len(random) == RANDOM_BYTES, len(random)
    return PREFIX + urlsafe_b64encode(random).rstrip(b"=").decode()


def digest(text: str) -> str:
    """What is kept of a token."""
    return sha256(text.encode()).hexdigest()


def checked_name(name: str) -> str:
    """A token's name. Raises WrongValueError."""
    if not _NAME.fullmatch(name):
        remedy = "Use up to 64 letters, digits, _ . and -, with a letter or digit first."
        raise WrongValueError("is no name of a token", remedy)
    return name


def checked_scope(scope: str) -> str:
    """A scope. Raises WrongValueError."""
    meter = scope.removeprefix(PUSH)
    if scope not in LEVELS and (meter == scope or not _NAME.fullmatch(meter)):
        raise WrongValueError("is no scope", f"Write {', '.join(LEVELS)} or push:METER.")
    return scope


def checked_digest(text: str) -> str:
    """A SHA-256 in hex. Raises WrongValueError."""
    if not _DIGEST.fullmatch(text):
        raise WrongValueError("is no SHA-256", "Write 64 hex digits in lower case.")
    return text


def duration_ms(text: str) -> int:
    """90d as milliseconds. Raises WrongValueError."""
    found: int = READERS["duration"](text)
    if found == 0:
        raise WrongValueError("is no time at all", "Leave it out for a token that stays good.")
    return found


def added(token: StoredToken) -> Administered:
    """The change that makes it."""
    numbers = {"token": token.name, "scopes": list(token.scopes), "expires_ms": token.expires_ms}
    return Administered(token.created_ms, token.created_by, "token_added", token, "", numbers)


def revoked(token: StoredToken, at_ms: int, actor: str) -> Administered:
    """The change that ends it."""
    gone = msgspec.structs.replace(token, gone=True)
    return Administered(at_ms, actor, "token_revoked", gone, "", {"token": token.name})
