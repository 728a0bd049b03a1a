"""What a running daemon stands on: it cannot change under it."""

from __future__ import annotations

from meterd.config.models import Config


class RefusedError(Exception):
    """A configuration that a running daemon does not take; the text says why, line by line."""


def refuse_another(now: Config, new: Config) -> None:
    """What a running daemon stands on cannot change under it. Raises RefusedError."""
    for key, before, after in (
        ("site.name", now.site.name, new.site.name),
        ("store", now.store, new.store),
        ("http", now.http, new.http),
    ):
        if before != after:
            raise RefusedError(f"{key} cannot change while running; restart meterd")
