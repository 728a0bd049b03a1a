"""A disk that forgets what was not synced, and whose calls fail when they are told to.

An apsw VFS under the real store. Every call that changes a file is remembered until a sync
makes it last; `cut` gives what a power cut leaves: what was synced, and of the rest any part
in any order, torn at sectors. A new name lasts once its directory is synced, which SQLite does
with the first sync of a log (sqlite.org/atomiccommit.html, 9.3; os_unix.c, UNIXFILE_DIRSYNC).
Reading is let be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

import apsw

SECTOR: Final = 512
CHANGES: Final = frozenset({"write", "truncate", "sync", "delete", "open"})
SHORT: Final = "short write"


class Change(NamedTuple):
    """Bytes written at a place, or, with no bytes, the length a file was cut to."""

    place: int
    data: bytes | None = None


class Fault(NamedTuple):
    """The call that fails: the number of one of its kind, and how.

    kind: "" for any change. how: power or end (of the process; from then on nothing works), or
    the error that the one call gives: full, io, short write.
    """

    at: int
    how: str
    kind: str = ""


def _error(how: str, kind: str) -> Exception:
    if how in ("full", SHORT):
        return apsw.FullError("no space left")
    error = apsw.IOError(f"{kind} failed")
    code = apsw.SQLITE_IOERR_FSYNC if kind == "sync" else apsw.SQLITE_IOERR_WRITE
    error.__dict__["extendedresult"] = code
    return error


class Disk(apsw.VFS):
    """The files of one folder. fault: what fails next, if anything; failed: whether it has.

    dead: nothing reaches it any more. dark: because the power is gone.
    """

    def __init__(self, folder: Path, chance: Random) -> None:
        self.folder = folder
        self.fault: Fault | None = None
        self.failed = self.dead = self.dark = False
        self._calls = 0
        self._chance = chance
        self._kept: dict[str, bytearray] = {}
        self._open: dict[str, list[Change]] = {}
        self._named: set[str] = set()
        self._gone: set[str] = set()
        self._name = f"disk-{id(self)}"
        super().__init__(self._name, "unix", makedefault=True)

    def close(self) -> None:
        """Give the host its own disk back."""
        self.unregister()
        apsw.set_default_vfs("unix")

    @contextmanager
    def passed_by(self) -> Iterator[None]:
        """What is opened meanwhile sees the files as they are, and its calls are not counted."""
        apsw.set_default_vfs("unix")
        try:
            yield
        finally:
            apsw.set_default_vfs(self._name)

    def fail(self, fault: Fault | None) -> None:
        """Let a call fail from now on; they are counted from here."""
        self.fault, self.failed, self._calls = fault, False, 0

    # -- what SQLite calls ----------------------------------------------------------------

    def xOpen(self, name: Any, flags: list[int]) -> Any:  # noqa: N802  # the name SQLite knows
        """Open a file of the folder under watch; anything else as it is."""
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        if path is None or not path.startswith(str(self.folder)):
            return super().xOpen(name, flags)
        if flags[0] & (apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL):
            self.step("open", path)
        new = not Path(path).exists()
        file = File(self, path, (name, flags))
        if path in self._gone:
            self._gone.remove(path)
            self._kept.pop(path, None)
        if path not in self._kept:
            self._kept[path] = bytearray(b"" if new else Path(path).read_bytes())
            self._open[path] = []
            if not new:
                self._named.add(path)
        return file

    def xDelete(self, name: str, syncdir: bool) -> None:  # noqa: N802  # the name SQLite knows
        """Delete a file; for good if its directory is synced."""
        self.step("delete", name)
        super().xDelete(name, syncdir)
        self._gone.add(name)
        if syncdir:
            self._forget_gone()

    def _forget_gone(self) -> None:
        for name in self._gone:
            self._kept.pop(name, None)
            self._open.pop(name, None)
        self._gone = set()

    def step(self, kind: str, path: str, torn: Callable[[], None] | None = None) -> None:
        """One call: raise if it is the one that fails. torn: does half of a write."""
        if self.dead:
            raise _error("power", kind)
        fault = self.fault
        if fault is None or (fault.kind or kind) != kind or kind not in CHANGES | {fault.kind}:
            return
        self._calls += 1
        if self._calls != fault.at:
            return
        self.fault, self.failed = None, True
        self.dead, self.dark = fault.how in ("power", "end"), fault.how == "power"
        if fault.how == SHORT and torn is not None:
            torn()
        if fault.how == "io" and kind == "sync" and self._chance.random() < 0.5:
            self._open[path] = []  # the kernel takes for written what is not, and never will be
        raise _error(fault.how, kind)

    def changed(self, path: str, change: Change) -> None:
        """Remember a change that is not synced yet."""
        changes = self._open.get(path)
        if changes is not None:
            changes.append(change)

    def synced(self, path: str, log: bool) -> None:
        """All that was changed lasts; with a log's first, the names in its directory too."""
        if path in self._kept:
            _apply(self._kept[path], self._open[path])
            self._open[path] = []
        if log:
            self._forget_gone()
            self._named |= set(self._kept)

    def cut(self) -> None:
        """The power is gone and comes back: the folder holds what survived it."""
        if self._chance.random() < 0.5:
            self._forget_gone()
        left = {}
        for path, kept in self._kept.items():
            if path in self._named or self._chance.random() < 0.5:
                _apply(kept, self._survivors(self._open[path]))
                left[path] = kept
        for file in self.folder.iterdir():  # what nobody has opened since stays as it is
            if str(file) in self._kept or file.name.endswith("-shm"):
                file.unlink()
        for name, data in left.items():
            Path(name).write_bytes(data)
        self.forget()

    def wake(self) -> None:
        """Another process may use it."""
        self.fail(None)
        self.dead = self.dark = False

    def forget(self) -> None:
        """What is in the folder lasts."""
        self.wake()
        self._kept, self._open, self._named, self._gone = {}, {}, set(), set()

    def _survivors(self, changes: list[Change]) -> list[Change]:
        """Of what was not synced: all, none, or any part of it."""
        chance = self._chance
        share = chance.choice((0.0, 0.2, 0.5, 0.8, 1.0))
        return [
            piece
            for change in changes
            for piece in (_sectors(change) if chance.random() < 0.3 else [change])
            if chance.random() < share
        ]


def _sectors(change: Change) -> list[Change]:
    if change.data is None:
        return [change]
    starts = range(0, len(change.data), SECTOR)
    return [Change(change.place + at, change.data[at : at + SECTOR]) for at in starts]


def _apply(image: bytearray, changes: list[Change]) -> None:
    for place, data in changes:
        if len(image) < place:
            image.extend(bytes(place - len(image)))
        if data is None:
            del image[place:]
        else:
            image[place : place + len(data)] = data


class File(apsw.VFSFile):
    """One open file of a disk."""

    def __init__(self, disk: Disk, path: str, opened: tuple[Any, list[int]]) -> None:
        self._disk = disk
        self._path = path
        self._log = bool(opened[1][0] & (apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL))
        self._read_only = bool(opened[1][0] & apsw.SQLITE_OPEN_READONLY)
        super().__init__("unix", *opened)

    def xLock(self, level: int) -> None:  # noqa: N802  # the name SQLite knows
        """Lock. A reader may not have the file for itself, and SQLite does without."""
        if self._read_only and level == apsw.SQLITE_LOCK_EXCLUSIVE:
            raise apsw.BusyError("open to read")
        super().xLock(level)

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802  # the name SQLite knows
        """Write, for now."""
        kept = bytes(data)
        if self._disk.fault or self._disk.dead:
            self._disk.step("write", self._path, lambda: self._put(kept[: len(kept) // 2], offset))
        self._put(kept, offset)

    def _put(self, data: bytes, offset: int) -> None:
        super().xWrite(data, offset)
        self._disk.changed(self._path, Change(offset, data))

    def xTruncate(self, size: int) -> None:  # noqa: N802  # the name SQLite knows
        """Cut to a length, for now."""
        self._disk.step("truncate", self._path)
        super().xTruncate(size)
        self._disk.changed(self._path, Change(size))

    def xSync(self, flags: int) -> None:  # noqa: N802  # the name SQLite knows
        """Make all changes last. The host's disk is not waited for."""
        self._disk.step("sync", self._path)
        self._disk.synced(self._path, self._log)
        self._log = False
