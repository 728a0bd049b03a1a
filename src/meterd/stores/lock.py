"""One writer per store: an exclusive lock on `<store>.lock`, held for life.

The kernel lets go of it when the process ends, however it ends, so a lock file that is left
behind means nothing. It says who holds the lock and since when; it is never deleted, because
a second process might just then be waiting on it.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from meterd.metering.calendar import iso
from meterd.stores import StoreBusy

_MODE: Final = 0o640
_LINE_MAX: Final = 100


def lock_path(store: Path) -> Path:
    """Where the lock of a store is."""
    return store.with_name(f"{store.name}.lock")


def hold(store: Path, now_ms: int) -> int:
    """Take the lock; the file descriptor that holds it. Raises StoreBusy with the holder's pid."""
    descriptor = os.open(lock_path(store), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()} {iso(now_ms)}\n".encode(), 0)
    except BlockingIOError:
        pid = os.pread(descriptor, _LINE_MAX, 0).partition(b" ")[0]
        os.close(descriptor)
        raise StoreBusy(int(pid) if pid.isdigit() else None, store) from None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def release(descriptor: int) -> None:
    """Let go. On a disk that takes nothing any more the name stays, which means nothing."""
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
    os.close(descriptor)
