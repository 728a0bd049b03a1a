"""Which releases are installed. Looked up once each: they do not change while we run."""

from __future__ import annotations

from functools import cache
from importlib import metadata


@cache
def installed(package: str) -> str:
    """The release of an installed package, e.g. of `meterd` or of `tzdata`."""
    return metadata.version(package)
