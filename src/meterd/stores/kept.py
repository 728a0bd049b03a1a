"""What people keep in the store: objects made through the API, and bearer tokens, as rows.

A row is written by the commit that its audited event is in, so neither is ever without the
other. Nothing here runs SQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from meterd.orders import StoredObject, StoredToken

Row = tuple[Any, ...]

UPSERT_OBJECTS: Final = (
    "INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
    "body = excluded.body, modified_ms = excluded.modified_ms, modified_by = excluded.modified_by"
)
DELETE_OBJECTS: Final = "DELETE FROM objects WHERE id = ?"
SELECT_OBJECTS: Final = (
    "SELECT id, entity, name, body, created_ms, created_by, modified_ms, modified_by "
    "FROM objects ORDER BY created_ms, id LIMIT ?"
)
UPSERT_TOKENS: Final = (
    "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
    "sha256 = excluded.sha256, scopes = excluded.scopes, created_ms = excluded.created_ms, "
    "created_by = excluded.created_by, expires_ms = excluded.expires_ms, "
    "used_ms = excluded.used_ms"
)
DELETE_TOKENS: Final = "DELETE FROM tokens WHERE name = ?"
USE_TOKENS: Final = "UPDATE tokens SET used_ms = ? WHERE name = ? AND sha256 = ?"
SELECT_TOKENS: Final = (
    "SELECT name, sha256, scopes, created_ms, created_by, expires_ms, used_ms "
    "FROM tokens ORDER BY name LIMIT ?"
)
HISTORY: Final = "SELECT count(*) FROM (SELECT 1 FROM series WHERE meter = ? LIMIT 1) found"
"""Whether anything was ever booked for a meter."""


def statement(row: StoredObject | StoredToken) -> tuple[str, Row]:
    """How a row is written, or taken away if it is gone."""
    if isinstance(row, StoredObject):
        if row.gone:
            return DELETE_OBJECTS, (row.id,)
        head = (row.id, row.entity, row.name, row.body)
        return UPSERT_OBJECTS, (
            *head, row.created_ms, row.created_by, row.modified_ms, row.modified_by,
        )  # fmt: skip
    if row.gone:
        return DELETE_TOKENS, (row.name,)
    return UPSERT_TOKENS, (
        row.name, row.sha256, " ".join(row.scopes), row.created_ms, row.created_by,
        row.expires_ms, row.used_ms,
    )  # fmt: skip


def object_of(values: Sequence[Any]) -> StoredObject:
    """An object from its row."""
    return StoredObject(*values)


def token_of(values: Sequence[Any]) -> StoredToken:
    """A token from its row."""
    name, sha256, scopes, *rest = values
    return StoredToken(name, sha256, tuple(scopes.split()), *rest)
