"""What people keep, as the running daemon has it: taken, changed, gone, and never in the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.daemon.config import sound, written
from tests.daemon.house import NOON_MS

from meterd.daemon.kept import USED_MS, Kept, told
from meterd.orders import Administered, RecordEdit, StoredObject, StoredToken
from meterd.stores import Batch, StoreError
from meterd.stores.sqlite import SqliteStore

SOLAR = StoredObject("A" * 26, "POWERMETER", "solar", '{"name":"solar"}', 1, "anna")
TOKEN = StoredToken("ci", "0" * 64, ("read",), 1, "anna")


@pytest.fixture
def store() -> SqliteStore:
    one = SqliteStore.open(":memory:", now_ms=NOON_MS, new_epoch="0123456789")
    one.commit_now(Batch([SOLAR, TOKEN]))
    return one


def kept(folder: Path, store: SqliteStore) -> Kept:
    return Kept(sound(folder, written())[0], folder, store)


def change(row: Any) -> Administered:
    return Administered(NOON_MS, "anna", "changed", row)


def names(here: Kept) -> list[str]:
    return [meter.name for meter in here.merged.config.meters]


def test_it_begins_with_what_the_store_has(tmp_path: Path, store: SqliteStore) -> None:
    here = kept(tmp_path, store)
    assert (here.objects, here.tokens) == ({"solar": SOLAR}, {"ci": TOKEN})
    assert names(here) == ["main", "solar"]


def test_a_row_that_changes_keeps_its_place_and_one_that_goes_leaves_it(
    tmp_path: Path, store: SqliteStore
) -> None:
    here = kept(tmp_path, store)
    wind = msgspec.structs.replace(SOLAR, id="B" * 26, name="wind", body='{"name":"wind"}')
    for row in (wind, msgspec.structs.replace(SOLAR, body='{"name":"solar","notes":"x"}')):
        here.take(change(row))
    assert list(here.objects) == ["solar", "wind"]
    here.take(change(msgspec.structs.replace(SOLAR, gone=True)))
    here.take(change(msgspec.structs.replace(TOKEN, gone=True)))
    here.take(change(RecordEdit("A" * 26, {}, 1, "anna")))  # no row of ours
    assert (list(here.objects), here.tokens) == (["wind"], {})


def test_what_would_come_of_a_change_can_be_seen_before(tmp_path: Path, store: SqliteStore) -> None:
    here = kept(tmp_path, store)
    lost = msgspec.structs.replace(SOLAR, body='{"name":"solar","connection":"hell"}')
    merged = here.beside(here.file, lost)
    wrong = here.newly_left_out(merged, "solar")
    assert told(wrong["solar"]) == 'connection: no connection "hell". Did you mean "hall"?'
    gone = here.beside(here.file, msgspec.structs.replace(SOLAR, gone=True))
    assert [meter.name for meter in gone.config.meters] == ["main"]
    assert here.newly_left_out(gone) == {}
    assert names(here) == ["main", "solar"], "nothing has changed yet"


def test_what_was_left_out_before_is_in_nobodys_way(tmp_path: Path, store: SqliteStore) -> None:
    store.commit_now(Batch([msgspec.structs.replace(SOLAR, body='{"name":"solar","x":1}')]))
    here = kept(tmp_path, store)
    assert names(here) == ["main"]
    wind = msgspec.structs.replace(SOLAR, id="B" * 26, name="wind", body='{"name":"wind"}')
    merged = here.beside(here.file, wind)
    assert here.newly_left_out(merged, "wind") == {}
    assert here.newly_left_out(merged, "solar").keys() == {"solar"}


async def test_when_a_token_was_last_used_is_kept_to_the_minute(
    tmp_path: Path, store: SqliteStore
) -> None:
    here = kept(tmp_path, store)
    uses = []
    for at_ms in (NOON_MS, NOON_MS + USED_MS - 1, NOON_MS + USED_MS, NOON_MS - 1):
        await here.use(here.tokens["ci"], at_ms)
        with store.reader() as reader:
            uses.append(reader.tokens()[0].used_ms)
    assert uses == [NOON_MS, NOON_MS, NOON_MS + USED_MS, NOON_MS - 1]


async def test_a_full_disk_turns_no_reader_away(tmp_path: Path) -> None:
    class Full(SqliteStore):
        async def use_token(self, token: StoredToken, at_ms: int) -> None:
            raise StoreError("the disk is full", retriable=True)

    store = Full.open(":memory:", now_ms=NOON_MS, new_epoch="0123456789")
    store.commit_now(Batch([TOKEN]))
    here = kept(tmp_path, store)
    await here.use(TOKEN, NOON_MS)
    assert here.tokens["ci"].used_ms == NOON_MS
