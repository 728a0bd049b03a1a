"""Once the disk has failed, whoever met it, nothing is written any more."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import apsw
import pytest
from tests.stores.made import batch, opened, saved

from meterd.stores import StoreError
from meterd.stores.damage import suspect_path
from meterd.stores.sqlite import SqliteStore


def meet(store: SqliteStore, error: apsw.Error) -> None:
    """A chore meets an error of the disk."""

    def chore(_connection: object) -> Any:
        raise error

    with pytest.raises(StoreError):
        store._guard.ask(chore)


def test_after_a_failed_chore_no_commit_is_taken(tmp_path: Path) -> None:
    store = opened(tmp_path / "store.db")
    meet(store, apsw.IOError("fsync failed"))
    with pytest.raises(StoreError, match="does not read or write") as refused:
        store.commit_now(batch(saved=[saved("main", b"1")]))
    assert (refused.value.broken, refused.value.retriable) == (True, False)
    with pytest.raises(StoreError, match="does not read or write"):
        asyncio.run(store.maintain(0))
    assert not suspect_path(tmp_path / "store.db").exists()
    store.close()
    again = opened(tmp_path / "store.db")
    again.commit_now(batch(saved=[saved("main", b"1")]))
    again.close()


def test_after_damage_neither_and_the_next_start_looks(tmp_path: Path) -> None:
    store = opened(tmp_path / "store.db")
    meet(store, apsw.CorruptError("malformed"))
    with pytest.raises(StoreError, match="is damaged") as refused:
        asyncio.run(store.outbox_delete("mqtt", [1]))
    assert refused.value.damaged
    assert suspect_path(tmp_path / "store.db").exists()
    store.close()


@pytest.mark.parametrize("error", [apsw.FullError("full"), apsw.SQLError("no such table")])
def test_what_is_no_failure_of_the_disk_stops_nobody(error: apsw.Error) -> None:
    store = opened(":memory:")
    meet(store, error)
    store.commit_now(batch(saved=[saved("main", b"1")]))
    store.close()


def test_a_store_in_memory_leaves_no_file_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = opened(":memory:")
    meet(store, apsw.CorruptError("malformed"))
    store.close()
    assert not list(tmp_path.iterdir())
