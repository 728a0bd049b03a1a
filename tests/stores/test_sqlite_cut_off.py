"""A process or a host that ended at a bad moment: the next start puts right what it left."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.stores.made import batch, opened, saved

from meterd.stores.lock import lock_path

SPILL = [(f"k{n}", bytes(50_000)) for n in range(9)]
"""More than the cache holds, so that the file is written before the transaction ends."""


def half_made(path: Path, folder: Path) -> Path:
    """The files as a power cut leaves them amid a transaction without a log."""
    folder.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as making:
        for statement in ("PRAGMA journal_mode = DELETE", "PRAGMA cache_size = 1", "BEGIN"):
            making.execute(statement).fetchall()
        making.execute("CREATE TABLE IF NOT EXISTS meta (key, value)")
        making.executemany("INSERT INTO meta VALUES (?, ?)", SPILL)
        for name in (path.name, f"{path.name}-journal"):
            shutil.copy(path.with_name(name), folder / name)
    return folder / path.name


def test_a_store_that_was_cut_off_while_it_was_made_is_made_again(tmp_path: Path) -> None:
    cut = half_made(tmp_path / "store.db", tmp_path / "cut")
    lock_path(cut).touch()  # it was ours
    assert cut.stat().st_size
    store = opened(cut)
    assert (store.rebuilt, store.load()) == (None, {})
    store.close()


def test_what_was_half_done_is_undone_and_the_rest_is_there(tmp_path: Path) -> None:
    store = opened(tmp_path / "store.db")
    store.commit_now(batch(saved=[saved("main", b"1")]))
    store.close()
    again = opened(half_made(tmp_path / "store.db", tmp_path / "cut"))
    assert (again.rebuilt, again.meta("k1")) == (None, None)
    assert again.load() == {("meter", "main"): b"1"}
    again.close()


def test_what_the_log_shows_is_in_the_file_before_anyone_is_told(tmp_path: Path) -> None:
    store = opened(tmp_path / "store.db")
    store.commit_now(batch(saved=[saved("main", b"1")]))
    for suffix in ("", "-wal"):  # a process that was killed leaves both
        shutil.copy(f"{store.path}{suffix}", tmp_path / f"killed.db{suffix}")
    store.close()
    again = opened(tmp_path / "killed.db")
    shutil.copy(again.path, tmp_path / "file.db")  # without its log
    again.close()
    only = opened(tmp_path / "file.db")
    assert only.load() == {("meter", "main"): b"1"}
    only.close()
