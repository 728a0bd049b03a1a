"""A store of every released schema is kept here, and every later meterd opens them all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.databases.freeze import ACCOUNTS, DONE, FACTS, HERE, KEPT, PEOPLES, STATES, fill
from tests.stores.made import batch, interval, opened, record

from meterd.config.accounts import KINDS
from meterd.stores.migrate import migrations, newest
from meterd.stores.queries import Reader
from meterd.stores.sqlite import SqliteStore

FROZEN = sorted(HERE.glob("schema_*.sql"))


def thaw(frozen: Path, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(frozen.read_text("utf-8"))


def schema(path: Path) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        sql = "SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
        return connection.execute(sql).fetchall()


def everything(reader: Reader) -> list[object]:
    return [
        *reader.intervals("main"), *reader.samples("tenant-a"), *reader.events(),
        *(found.row for found in reader.records()), *reader.periods("tenant-a"),
        *reader.adjustments("tenant-a"),
    ]  # fmt: skip


def test_there_is_one_for_every_schema() -> None:
    assert [int(file.stem[-4:]) for file in FROZEN] == list(migrations())


@pytest.mark.parametrize("frozen", FROZEN, ids=lambda file: file.stem)
async def test_it_opens_with_all_it_held_and_goes_on(frozen: Path, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    thaw(frozen, path)
    store = opened(path, new_epoch="another")
    assert store.epoch == "first"
    assert store.rebuilt is None
    assert store.load() == STATES
    assert await store.outbox_after("mqtt", 0, 9) == [
        (fact.seq, fact.topic, fact.payload, fact.retain) for fact in FACTS
    ]
    assert await store.last_seq("mqtt") == 5
    with store.reader() as reader:
        assert everything(reader) == list(KEPT)
        schema_then = int(frozen.stem[-4:])
        assert (*reader.objects(), *reader.tokens()) == (PEOPLES if schema_then > 1 else ())
        found = tuple(row for kind in KINDS for row in reader.kept(kind))
        assert found == (ACCOUNTS if schema_then > 4 else ())
        assert reader.records()[0].columns == store.seed_columns(DONE)
        assert reader.rows("PRAGMA user_version") == [(newest(),)]
        assert reader.rows("PRAGMA integrity_check") == [("ok",)]
        assert reader.rows("PRAGMA foreign_key_check") == []
    _go_on(store)
    store.close()


def _go_on(store: SqliteStore) -> None:
    store.commit_now(batch(interval(0, 1), record(3)))
    with store.reader() as reader:
        assert reader.intervals("main")[0].amount == 51
        assert len(reader.records()) == 3


def test_the_newest_is_what_a_new_store_is_today(tmp_path: Path) -> None:
    """A released schema file is never edited: this fails, and a new numbered file is due."""
    thaw(FROZEN[-1], tmp_path / "frozen.db")
    fill(tmp_path / "new.db")
    assert schema(tmp_path / "frozen.db") == schema(tmp_path / "new.db")
