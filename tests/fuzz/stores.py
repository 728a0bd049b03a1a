"""A store whose bytes went wrong: bits that fell over, a file cut short, a log of another time.

Whatever is left of it, it is opened, mended and read, or refused in the store's own words.
A case is the file and its log, one behind the other.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

from tests.fuzz.harness import Target
from tests.fuzz.targets import FAST
from tests.stores.made import (
    NOON_MS,
    accounts,
    adjusted,
    batch,
    event,
    interval,
    kept_object,
    opened,
    period,
    record,
    sample,
    saved,
    token,
)

from meterd.sinks import Fact
from meterd.stores import StoreError
from meterd.stores.backup import back_up
from meterd.stores.pages import Page
from meterd.stores.sqlite import SqliteStore

HEAD: Final = 8
LATER_MS: Final = NOON_MS + 3_600_000
SLOTS: Final = 400
FLIPS_MAX: Final = 40
ROW: Final = "DB file"
IMPORTS: Final = "imports"


@cache
def made() -> tuple[bytes, ...]:
    """A store at three times of its life, each with the log it had, and a backup."""
    with _folder() as folder:
        path = folder / "store.db"
        store = opened(path)
        store.commit_now(
            batch(
                *(interval(n, 1 + n) for n in range(SLOTS)),
                *(sample(interval(n, 1 + n)) for n in range(SLOTS // 4)),
                *(event(n) for n in range(60)), record(1), period(), adjusted(),
                kept_object(), token(), *accounts(),
                saved=[saved(f"m{n}", b"state of %d." % n * 20) for n in range(60)],
                facts={"mqtt": [Fact(9, "t", b"p", False)]},
            )
        )  # fmt: skip
        times = [_packed(path)]
        for n in range(2):
            rows = (interval(SLOTS + 10 * n + k, 5) for k in range(9))
            store.commit_now(batch(*rows, event(100 + n), saved=[saved("m0", b"new" * n)]))
            times.append(_packed(path))
        store.close()
        times.append(_packed(path))
        back_up(str(path), folder / "backup.db")
        return *times, _packed(folder / "backup.db")


def _packed(path: Path) -> bytes:
    log = path.with_name(f"{path.name}-wal")
    return _joined(path.read_bytes(), log.read_bytes() if log.exists() else b"")


def _joined(file: bytes, log: bytes) -> bytes:
    return len(file).to_bytes(HEAD, "big") + file + log


def parted(data: bytes) -> tuple[bytes, bytes]:
    """The file, and its log."""
    end = HEAD + int.from_bytes(data[:HEAD], "big")
    return data[HEAD:end], data[end:]


def spoilt(corpus: Sequence[bytes], chance: Random) -> bytes:
    """Bits that fell over, a cut, a page of zeros, or the log of another time."""
    file, log = parted(chance.choice(corpus))
    for way in chance.sample(("flip", "cut", "page", "stale", "log"), chance.randint(1, 2)):
        if way == "stale":
            log = parted(chance.choice(corpus))[1]
        elif way == "log":
            log = _flipped(log, chance) if chance.random() < 0.5 else log[: _end(log, chance)]
        elif way == "flip":
            file = _flipped(file, chance)
        elif way == "cut":
            file = file[: _end(file, chance)]
        else:
            at = chance.randrange(1 + len(file) // 4096) * 4096
            file = file[:at] + bytes(4096) + file[at + 4096 :]
    return _joined(file, log)


def _end(data: bytes, chance: Random) -> int:
    return chance.randint(0, len(data))


def _flipped(data: bytes, chance: Random) -> bytes:
    found = bytearray(data)
    for _ in range(chance.randint(1, FLIPS_MAX) if data else 0):
        found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    return bytes(found)


def opened_again(data: bytes) -> None:
    """The next start finds it so: it is mended, written to, and read."""
    with _folder() as folder:
        path = folder / "store.db"
        path.with_name("store.db.lock").touch()  # it was a store of ours
        file, log = parted(data)
        path.write_bytes(file)
        path.with_name("store.db-wal").write_bytes(log)
        store = opened(path, now_ms=LATER_MS, new_epoch="second")
        try:
            store.commit_now(batch(interval(5_000, 7), event(5_000)))
            looked_through(store)
        finally:
            store.close()


def looked_through(store: SqliteStore) -> None:
    """Every list there is, as commands and pages read it."""
    store.load()
    page = Page(limit=10_000)
    with store.reader() as reader:
        fresh = interval(5_000, 7) in reader.intervals("main", page)
        assert fresh or reader.rows("PRAGMA integrity_check") != [("ok",)], "what was just kept"
        reader.samples("tenant-a", page)
        reader.events(page)
        reader.latest_events(page)
        reader.records(page)
        reader.periods("tenant-a", page)
        reader.adjustments("tenant-a", page)
        reader.slots("tenant-a", NOON_MS, LATER_MS)
        reader.series("main")


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=FAST if Path(FAST).is_dir() else None) as folder:
        yield Path(folder)


def targets() -> tuple[Target, ...]:
    """The store, and a backup of it that was kept badly."""
    *times, backup = made()
    return (
        Target("store", ROW, times, opened_again, (StoreError,), 60, spoilt),
        Target("backup", IMPORTS, (backup,), opened_again, (StoreError,), 20, spoilt, weight=0.05),
    )
