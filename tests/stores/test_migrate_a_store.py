"""Schemas go forward only, each step in one transaction, with a copy of what was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.stores.made import batch, interval, opened

from meterd.stores import StoreError
from meterd.stores.connection import Sqlite, connect
from meterd.stores.migrate import migrate, migrations, newest, schema_of
from meterd.stores.queries import Reader

COLOUR = "CREATE TABLE colours (name TEXT); INSERT INTO colours VALUES ('red');"
NEXT = newest() + 1


@pytest.fixture
def path(tmp_path: Path) -> str:
    store = opened(tmp_path / "store.db")
    store.commit_now(batch(interval(0, 5)))
    store.close()
    return str(tmp_path / "store.db")


@pytest.fixture
def older(path: str) -> Iterator[Sqlite]:
    connection = connect(path)
    yield connection
    connection.close()


def test_an_older_store_is_copied_and_brought_up_to_date(older: Sqlite, path: str) -> None:
    steps = {**migrations(), NEXT: COLOUR, NEXT + 1: "DROP TABLE colours; SELECT 1;"}
    assert migrate(older, path, steps) == (newest(), NEXT + 1)
    with Reader.open(f"{path}.schema-{newest()}") as reader:
        assert reader.intervals("main") == [interval(0, 5)]


def test_a_step_that_fails_leaves_the_schema_before_it(older: Sqlite, path: str) -> None:
    steps = {**migrations(), NEXT: COLOUR, NEXT + 1: "CREATE TABLE b (x); DROP TABLE nonesuch;"}
    with pytest.raises(StoreError, match="no such table: nonesuch"):
        migrate(older, path, steps)
    found = older.execute("SELECT name FROM sqlite_schema WHERE name IN ('b', 'colours')")
    assert found.fetchall() == [("colours",)]
    assert older.execute("PRAGMA user_version").fetchall() == [(NEXT,)]


def test_a_store_that_is_up_to_date_is_left_as_it_is(older: Sqlite, path: str) -> None:
    assert migrate(older, path) == (newest(), newest())
    assert not list(Path(path).parent.glob("*.schema-*"))


def test_a_schema_from_the_future_is_refused_with_the_way_back(older: Sqlite, path: str) -> None:
    older.execute(f"PRAGMA user_version = {NEXT}").fetchall()
    for attempt in (lambda: opened(path), lambda: Reader.open(path)):
        with pytest.raises(StoreError, match=f"schema {NEXT}.*run the newer meterd, or put back"):
            attempt()


def test_a_new_file_has_schema_nought(tmp_path: Path) -> None:
    connection = connect(str(tmp_path / "new.db"))
    assert schema_of(connection, "new.db") == 0
    connection.close()
