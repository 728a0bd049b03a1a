"""An index that says other than its table: no page is wrong by itself, and no row is missing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.stores.made import NOON_MS, batch, opened, record

from meterd.stores import StoreError
from meterd.stores.damage import suspect_path
from meterd.stores.sqlite import SqliteStore

PAGE = 4096
LATER_MS = NOON_MS + 86_400_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of two records, one of which shall go, and is elsewhere in an index than it says."""
    path = tmp_path / "store.db"
    store = opened(path)
    done = record(1, end_ms=NOON_MS + 90_000, status="COMPLETED", cut_by="duration")
    store.commit_now(batch(done, record(2)))
    store.close()
    content = path.read_bytes()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        sql = "SELECT rootpage FROM sqlite_schema WHERE name = 'meter_records_by_time'"
        ((number,),) = connection.execute(sql).fetchall()
        connection.execute(
            "UPDATE meter_records SET to_be_pruned = 1, start_ms = start_ms - 1 "
            "WHERE end_ms IS NOT NULL"
        )
    place = slice((number - 1) * PAGE, number * PAGE)
    changed = bytearray(path.read_bytes())
    changed[place] = content[place]
    path.write_bytes(changed)
    return path


async def test_an_index_that_says_other_than_its_table_is_met_once_and_mended(path: Path) -> None:
    store = opened(path, now_ms=LATER_MS)
    assert store.rebuilt is None  # what every start looks at is sound
    with pytest.raises(StoreError) as met:
        await store.maintain(LATER_MS)
    assert met.value.damaged
    store.close()
    assert suspect_path(path).exists()
    mended = opened(path, now_ms=LATER_MS, new_epoch="second")
    assert mended.rebuilt is not None
    assert mended.rebuilt.numbers["saved"]["meter_records"] == 2
    assert mended.rebuilt.numbers["incomplete"] == []
    await mended.maintain(LATER_MS)
    assert _runs(mended) == [2]
    mended.close()
    assert not suspect_path(path).exists()


def _runs(store: SqliteStore) -> list[int]:
    with store.reader() as reader:
        return [found.row.run for found in reader.records()]
