"""Numbers for names: rows that come by the million carry a small number, not their names."""

from __future__ import annotations

from typing import Any, Final

from meterd.stores.connection import Connection

_KEPT_MAX: Final = 100_000
"""Names whose numbers are kept in memory; every period of a bill brings new ones."""


class Numbers(dict[tuple[Any, ...], int]):
    """Names -> the number of their row, which is made where there is none.

    Used inside a transaction; cleared when one fails, because its rows are gone.
    """

    def __init__(self, connection: Connection, table: str, columns: str) -> None:
        super().__init__()
        marks = ", ".join("?" * len(columns.split(",")))
        self._connection = connection
        self._find = f"SELECT id FROM {table} WHERE ({columns}) = ({marks})"
        self._make = f"INSERT INTO {table} ({columns}) VALUES ({marks}) RETURNING id"

    def __missing__(self, names: tuple[Any, ...]) -> int:
        if len(self) >= _KEPT_MAX:
            self.clear()
        run = self._connection.execute
        rows: Any = run(self._find, names).fetchall() or run(self._make, names).fetchall()
        self[names] = rows[0][0]
        return self[names]
