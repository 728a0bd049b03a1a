"""The connection that writes: for one thread at a time, and for nobody once the disk has failed.

After a failed write or sync the kernel may have dropped what was written before, so a later
call that succeeds proves nothing. Whoever met the failure (a commit, the night's work, a sink
that deletes what has arrived), the next commit fails too, and the daemon ends and starts anew.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import TypeVar

from meterd.stores import StoreError, damage
from meterd.stores.connection import MEMORY, Connection, named_errors, transaction

T = TypeVar("T")


class Guard:
    """Stands before one connection. mutex: whoever holds it may use the connection."""

    def __init__(self, path: str, connection: Connection) -> None:
        self.mutex = RLock()
        self._path = path
        self._connection = connection
        self._broken: StoreError | None = None

    def transact(self, work: Callable[[Connection], T]) -> T:
        """All of the work, on the disk, or nothing of it. Raises StoreError."""

        def whole(connection: Connection) -> T:
            with transaction(connection):
                return work(connection)

        return self.ask(whole)

    def ask(self, work: Callable[[Connection], T]) -> T:
        """What the work finds. Raises StoreError."""
        with self.mutex:
            if (broken := self._broken) is not None:
                raise StoreError(str(broken), broken=True, damaged=broken.damaged)
            try:
                with named_errors(self._path):
                    return work(self._connection)
            except StoreError as error:
                self._note(error)
                raise

    def _note(self, error: StoreError) -> None:
        if error.broken:
            self._broken = error
        if error.damaged and self._path != MEMORY:
            damage.suspect_path(Path(self._path)).touch()
