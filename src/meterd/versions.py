"""Which releases are installed. Looked up once each: they do not change while we run."""

from __future__ import annotations

from functools import cache


@cache
def installed(package: str) -> str:
    """The release of an installed package, e.g. of `meterd` or of `tzdata`."""
    from importlib import metadata  # noqa: PLC0415 - a tenth of what a verb takes to start

    return metadata.version(package)
