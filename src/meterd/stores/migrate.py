"""Schemas: numbered SQL files, applied in order, each in one transaction with its number.

Forward only. `PRAGMA user_version` is the number of the last file applied; `application_id`
says that a file is a store of ours. Before an older store is changed, a copy is put beside it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import structlog

from meterd.stores import StoreError
from meterd.stores.connection import (
    FILE_MODE,
    MEMORY,
    Sqlite,
    named_errors,
    number,
    transaction,
)

log = structlog.get_logger()

APPLICATION_ID: Final = 0x6D747264
"""The letters `mtrd`."""


@cache
def migrations() -> Mapping[int, str]:
    """Number -> SQL, from the packaged files named 0001_*.sql and on, in order."""
    found = {
        int(file.name[:4]): file.read_text("utf-8")
        for file in files("meterd.stores").joinpath("sql").iterdir()
        if file.name.endswith(".sql")
    }
    numbers = sorted(found)
    assert numbers == list(range(1, len(numbers) + 1)), f"holes in stores/sql: {numbers}"
    return {number: found[number] for number in numbers}


def newest() -> int:
    """The schema this program writes."""
    return max(migrations())


def schema_of(connection: Sqlite, path: str) -> int:
    """The schema of an open file, 0 for an empty one.

    Raises StoreError for a file of somebody else's and for a schema from the future.
    """
    with named_errors(path):
        found = number(connection, "PRAGMA user_version")
        if number(connection, "PRAGMA application_id") != APPLICATION_ID:
            used = number(connection, "SELECT count(*) FROM sqlite_schema")
            if used or found:
                raise StoreError(f"{path}: not a meterd store; name another file in `store:`")
    if found > newest():
        raise StoreError(
            f"{path}: has schema {found}, and this meterd knows schemas up to {newest()}; "
            "run the newer meterd, or put back the copy from before its upgrade"
        )
    return found


def migrate(
    connection: Sqlite, path: str, steps: Mapping[int, str] | None = None
) -> tuple[int, int]:
    """Bring an open store to the newest schema; the numbers before and after.

    steps: number -> SQL, the packaged files unless given. A step that fails leaves the
    store at the schema before it. Foreign keys are off meanwhile, so that a table can be
    made anew (sqlite.org/lang_altertable.html), and hold again when a step is done.
    """
    steps = migrations() if steps is None else steps
    before = after = schema_of(connection, path)
    due = [number for number in sorted(steps) if number > before]
    if before and due and path != MEMORY:
        kept = Path(f"{path}.schema-{before}")
        copy_to(connection, kept)
        log.info("Store is copied before its schema changes.", copy=str(kept), schema=before)
    with named_errors(path), _foreign_keys_off(connection):
        orphans = _orphans(connection) if due else 0  # there may be some after a rescue
        for number in due:
            with transaction(connection):
                connection.execute(steps[number]).fetchall()
                if _orphans(connection) > orphans:
                    raise StoreError(f"{path}: schema {number} would leave rows without others")
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}").fetchall()
                connection.execute(f"PRAGMA user_version = {number}").fetchall()
            after = number
    return before, after


def _orphans(connection: Sqlite) -> int:
    return len(connection.execute("PRAGMA foreign_key_check").fetchall())


@contextmanager
def _foreign_keys_off(connection: Sqlite) -> Iterator[None]:
    (on,) = connection.execute("PRAGMA foreign_keys").fetchall()[0]
    connection.execute("PRAGMA foreign_keys = OFF").fetchall()
    try:
        yield
    finally:
        connection.execute(f"PRAGMA foreign_keys = {on}").fetchall()


def copy_to(connection: Sqlite, target: Path) -> None:
    """A consistent copy of an open store, also while it is written; complete or not there."""
    part = target.with_name(f"{target.name}.part")
    with named_errors(target):
        part.unlink(missing_ok=True)
        connection.execute("VACUUM INTO ?", (str(part),)).fetchall()
        descriptor = os.open(part, os.O_RDWR)
        try:
            os.fchmod(descriptor, FILE_MODE)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        part.replace(target)
