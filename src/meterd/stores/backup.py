"""A consistent copy of a store, taken beside its writer.

The copy is one file without a log, checked before it gets its name; whoever finds it finds
a whole one. Source: sqlite.org/backup.html.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from meterd.stores import StoreError
from meterd.stores.connection import FILE_MODE, Sqlite, connect_to_read, named_errors

PAGES: Final = 1024
"""So many pages are copied at a time; the writer may work between them."""


def back_up(store: str, target: Path) -> int:
    """Copy the store to a file that is not there yet; the bytes of the copy.

    Raises StoreError if there is something, or if the copy is not whole.
    """
    if target.exists():
        raise StoreError(f"{target}: there is something already; name a new file")
    half = target.with_name(f".{target.name}.half")
    source = connect_to_read(store)
    try:
        with named_errors(target):
            half.unlink(missing_ok=True)
            half.touch(FILE_MODE)
            _copy(source, half)
            half.rename(target)
            _settle(target.parent)
            return target.stat().st_size
    finally:
        source.close()
        half.unlink(missing_ok=True)


def _copy(source: Sqlite, target: Path) -> None:
    copy = Sqlite(str(target))
    try:
        with copy.backup("main", source, "main") as under_way:
            while not under_way.done:
                under_way.step(PAGES)
        copy.execute("PRAGMA journal_mode = DELETE").fetchall()
        (verdict,) = copy.execute("PRAGMA quick_check(1)").fetchall()[0]
        if verdict != "ok":
            raise StoreError(f"{target}: the copy is not whole: {verdict}", damaged=True)
    finally:
        copy.close()


def _settle(folder: Path) -> None:
    """The new name survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
