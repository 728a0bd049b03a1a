"""A disk that is full or broken: the commit says so, and nothing is half done."""

from __future__ import annotations

import resource
from pathlib import Path

import apsw
import pytest
from tests.stores.conftest import SMALL_DISK
from tests.stores.made import batch, interval, opened, saved

from meterd.stores import Batch, StoreError
from meterd.stores.connection import named_errors
from meterd.stores.damage import suspect_path
from meterd.stores.queries import Reader
from meterd.stores.sqlite import SqliteStore
from meterd.stores.sums import booked


def nth(n: int) -> Batch:
    """One batch: the same interval of 100 meters, and a state that counts the batches."""
    outputs = (interval(n, 1, f"meter-{meter}") for meter in range(100))
    return batch(*outputs, saved=[saved("main", b"%d" % n)])


def fill(store: SqliteStore) -> None:
    """Commit until it fails, as it must."""
    for n in range(10_000):
        store.commit_now(nth(n))


def test_a_full_disk_refuses_the_batch_whole_and_takes_it_when_there_is_room(
    small_disk: Path,
) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(SMALL_DISK // 2))
    store = opened(small_disk / "store.db")
    with pytest.raises(StoreError, match="the disk is full") as refused:
        fill(store)
    done = int(store.load()["meter", "main"]) + 1
    assert refused.value.retriable
    ballast.unlink()
    store.commit_now(nth(done))
    store.close()
    again = opened(small_disk / "store.db")
    assert again.rebuilt is None
    assert again.load() == {("meter", "main"): b"%d" % done}
    with again.reader() as reader:
        assert set(booked(reader).values()) == {done + 1}
    again.close()


def test_a_file_that_may_not_grow_refuses_the_batch_whole(tmp_path: Path) -> None:
    store = opened(tmp_path / "store.db")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
    try:
        with pytest.raises(StoreError, match="does not read or write"):
            fill(store)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with Reader.open(tmp_path / "store.db") as reader:
        count = int(reader.states()["meter", "main"]) + 1
        assert set(booked(reader).values()) == {count}
    store.close()


@pytest.mark.parametrize(
    ("error", "retriable", "damaged"),
    [
        (apsw.FullError("full"), True, False),
        (apsw.BusyError("busy"), True, False),
        (apsw.ReadOnlyError("read-only"), True, False),
        (apsw.CantOpenError("no"), True, False),
        (OSError(28, "No space left on device"), True, False),
        (OSError(13, "Permission denied"), False, False),
        (apsw.IOError("fsync failed"), False, False),
        (apsw.SQLError("no such table"), False, False),
        (apsw.CorruptError("malformed"), False, True),
        (apsw.NotADBError("not a database"), False, True),
    ],
)
def test_every_error_names_the_file_and_what_may_be_done_after_it(
    error: Exception, retriable: bool, damaged: bool
) -> None:
    with pytest.raises(StoreError, match=r"^/var/x\.db: ") as named, named_errors("/var/x.db"):
        raise error
    assert (named.value.retriable, named.value.damaged) == (retriable, damaged)


def test_a_sector_that_cannot_be_read_is_damage() -> None:
    error = apsw.IOError("disk I/O error")
    error.__dict__["extendedresult"] = apsw.SQLITE_IOERR_SHORT_READ
    with pytest.raises(StoreError) as named, named_errors("x"):
        raise error
    assert named.value.damaged


def test_damage_met_while_running_asks_the_next_start_for_the_whole_check(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = opened(path)
    with pytest.raises(StoreError):
        store._transact(_meet_damage)
    assert suspect_path(path).exists()
    store.close()
    opened(path).close()
    assert not suspect_path(path).exists()


def _meet_damage(_writer: object) -> None:
    raise apsw.CorruptError("malformed")
