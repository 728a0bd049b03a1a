"""What people keep in the store, as rows: objects made through the API, tokens, and accounts.

A row is written by the commit that its audited event is in, so neither is ever without the
other. Nothing here runs SQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, get_args

import msgspec

from meterd.orders import (
    GRANTS_MAX,
    OBJECTS_MAX,
    ROLES_MAX,
    SESSIONS_MAX,
    TOKENS_MAX,
    USERS_MAX,
    Row,
    StoredGrant,
    StoredObject,
    StoredRole,
    StoredSession,
    StoredToken,
    StoredUser,
)

Values = tuple[Any, ...]

KINDS: Final = get_args(Row)
USE_TOKENS: Final = "UPDATE tokens SET used_ms = ? WHERE name = ? AND sha256 = ?"
USE_SESSIONS: Final = "UPDATE sessions SET seen_ms = ? WHERE sha256 = ?"
HISTORY: Final = "SELECT count(*) FROM (SELECT 1 FROM series WHERE meter = ? LIMIT 1) found"
"""Whether anything was ever booked for a meter."""


class Table(NamedTuple):
    """Where a kind of row is kept. Its columns are the fields of the struct, but for `gone`.

    key: the columns that tell rows apart. settled: those that a change leaves as they are.
    order: how they are listed.
    """

    name: str
    key: tuple[str, ...]
    most: int
    order: str
    settled: frozenset[str] = frozenset()


_MADE: Final = frozenset({"entity", "name", "created_ms", "created_by"})
TABLES: Final[dict[Any, Table]] = {
    StoredObject: Table("objects", ("id",), OBJECTS_MAX, "created_ms, id", _MADE),
    StoredToken: Table("tokens", ("name",), TOKENS_MAX, "name"),
    StoredUser: Table("users", ("name",), USERS_MAX, "name"),
    StoredRole: Table("roles", ("name",), ROLES_MAX, "name"),
    StoredGrant: Table("grants", ("bill", "kind", "holder"), GRANTS_MAX, "bill, kind, holder"),
    StoredSession: Table("sessions", ("sha256",), SESSIONS_MAX, "created_ms, sha256"),
}
LISTS: Final = frozenset({"scopes", "roles"})
"""Columns that hold several words, parted by blanks."""


def columns(kind: Any) -> tuple[str, ...]:
    """The columns of its table, in order."""
    return tuple(name for name in kind.__struct_fields__ if name != "gone")


def statement(row: Row) -> tuple[str, Values]:
    """How a row is written, or taken away if it is gone."""
    table, names = TABLES[type(row)], columns(type(row))
    if row.gone:
        where = " AND ".join(f"{name} = ?" for name in table.key)
        key = tuple(getattr(row, name) for name in table.key)
        return f"DELETE FROM {table.name} WHERE {where}", key
    changed = [name for name in names if name not in {*table.key, *table.settled}]
    sql = (
        f"INSERT INTO {table.name} ({_listed(names)}) VALUES "
        f"({', '.join('?' * len(names))}) ON CONFLICT ({', '.join(table.key)}) DO UPDATE SET "
        + ", ".join(f'"{name}" = excluded."{name}"' for name in changed)
    )
    return sql, tuple(_written(row, name) for name in names)


def select(kind: Any) -> str:
    """What finds every row of a kind, up to as many as there may be."""
    table = TABLES[kind]
    return f"SELECT {_listed(columns(kind))} FROM {table.name} ORDER BY {table.order} LIMIT ?"


def row_of(kind: Any, values: Sequence[Any]) -> Any:
    """A row from its values."""
    named = dict(zip(columns(kind), values, strict=True))
    for name in LISTS & named.keys():
        named[name] = tuple(named[name].split())
    return msgspec.convert(named, kind, strict=True)


def _listed(names: Sequence[str]) -> str:
    """Column names in marks: to PostgreSQL, `user` is a word of its own."""
    return ", ".join(f'"{name}"' for name in names)


def _written(row: Row, name: str) -> Any:
    value = getattr(row, name)
    return " ".join(value) if name in LISTS else value
