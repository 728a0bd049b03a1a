"""A copy of a store: whole, made beside its writer, and never over something that is there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.stores.made import batch, event, interval, opened

from meterd.stores import StoreError
from meterd.stores.backup import back_up
from meterd.stores.queries import Reader
from meterd.stores.sums import booked


async def test_a_copy_has_what_was_committed_and_needs_no_log(tmp_path: Path) -> None:
    store = opened(tmp_path / "store.db")
    await store.commit(batch(interval(1, 70), event()))
    target = tmp_path / "copy.db"
    size = back_up(store.path, target)
    await store.commit(batch(interval(2, 80)))
    store.close()
    assert size == target.stat().st_size
    assert not target.with_name("copy.db-wal").exists()
    with Reader.open(str(target)) as reader:
        assert [row.amount for row in reader.intervals("main")] == [70]
    assert back_up(str(target), tmp_path / "again.db") == size


async def test_a_copy_taken_amid_commits_is_of_one_instant(tmp_path: Path) -> None:
    store = opened(tmp_path / "store.db")
    done = asyncio.Event()

    async def write() -> int:
        count = 0
        while not done.is_set():
            rows = [interval(count, 1, f"meter-{n}") for n in range(20)]
            await store.commit(batch(*rows, event(count)))
            count += 1
        return count

    writing = asyncio.create_task(write())
    for n in range(5):
        await asyncio.to_thread(back_up, store.path, tmp_path / f"copy-{n}.db")
    done.set()
    written = await writing
    store.close()
    counts = []
    for n in range(5):
        with Reader.open(str(tmp_path / f"copy-{n}.db")) as reader:
            (count,) = set(booked(reader).values()) or {0}
            assert len(reader.events()) == count, "all of a commit, or nothing of it"
            counts.append(count)
    assert counts == sorted(counts)
    assert counts[-1] <= written


def test_nothing_is_written_over(tmp_path: Path) -> None:
    opened(tmp_path / "store.db").close()
    target = tmp_path / "copy.db"
    target.write_text("mine", "utf-8")
    with pytest.raises(StoreError, match="there is something already"):
        back_up(str(tmp_path / "store.db"), target)
    assert target.read_text("utf-8") == "mine"


def test_what_is_no_store_leaves_no_copy(tmp_path: Path) -> None:
    broken = tmp_path / "store.db"
    broken.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    with pytest.raises(StoreError):
        back_up(str(broken), tmp_path / "copy.db")
    with pytest.raises(StoreError, match="there is no store"):
        back_up(str(tmp_path / "none.db"), tmp_path / "copy.db")
    opened(tmp_path / "good.db").close()
    with pytest.raises(StoreError):
        back_up(str(tmp_path / "good.db"), tmp_path / "no" / "copy.db")
    assert sorted(path.name for path in tmp_path.iterdir() if "copy" in path.name) == []
