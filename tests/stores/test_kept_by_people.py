"""Objects and tokens: kept with the commit of their event, changed, and gone again."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from tests.stores.made import NOON_MS, batch, event, interval, kept_object, opened, saved, token

from meterd.stores import StoreError
from meterd.stores.queries import Reader
from meterd.stores.sqlite import SqliteStore


def reader(store: SqliteStore) -> Reader:
    return store._own_reader()


def test_what_is_made_is_there_as_it_was_made(store: SqliteStore) -> None:
    solar, wind = kept_object(), kept_object("wind", created_ms=NOON_MS - 1)
    never, once = token("a"), token("b", expires_ms=NOON_MS + 1, used_ms=NOON_MS)
    store.commit_now(batch(solar, wind, once, never, event(1)))
    assert reader(store).objects() == [wind, solar]
    assert reader(store).tokens() == [never, once]
    assert len(reader(store).events()) == 1


def test_a_change_keeps_who_made_it_and_says_who_changed_it(store: SqliteStore) -> None:
    solar = kept_object()
    store.commit_now(batch(solar))
    changed = msgspec.structs.replace(
        solar, body="{}", modified_ms=NOON_MS + 5, modified_by="token ci", created_by="nobody"
    )
    store.commit_now(batch(changed))
    assert reader(store).objects() == [msgspec.structs.replace(changed, created_by="anna")]


def test_what_is_gone_is_gone_and_may_come_again(store: SqliteStore) -> None:
    solar, key = kept_object(), token()
    store.commit_now(batch(solar, key))
    away = [msgspec.structs.replace(row, gone=True) for row in (solar, key)]
    store.commit_now(batch(*away))
    assert (reader(store).objects(), reader(store).tokens()) == ([], [])
    other = msgspec.structs.replace(key, sha256="1" * 64, scopes=("write",))
    store.commit_now(batch(solar, key, *away, solar, other))
    assert (reader(store).objects(), reader(store).tokens()) == ([solar], [other])


def test_no_two_objects_of_a_kind_have_one_name(store: SqliteStore) -> None:
    store.commit_now(batch(kept_object()))
    twin = msgspec.structs.replace(kept_object(), id="Z" * 26)
    with pytest.raises(StoreError):
        store.commit_now(batch(twin, event(1)))
    assert reader(store).events() == [], "all of a commit, or nothing"


async def test_it_is_kept_when_a_token_was_last_used(store: SqliteStore) -> None:
    key = token()
    store.commit_now(batch(key, token("other")))
    await store.use_token(key, NOON_MS + 9)
    assert [row.used_ms for row in reader(store).tokens()] == [NOON_MS + 9, None]
    await store.use_token(msgspec.structs.replace(key, sha256="1" * 64), NOON_MS + 99)
    assert reader(store).tokens()[0].used_ms == NOON_MS + 9, "it is another token by now"


def test_a_meter_has_a_history_once_something_was_booked(store: SqliteStore) -> None:
    store.commit_now(batch(interval(0, 5), saved=[saved("silent", b"state")]))
    assert reader(store).has_history("main")
    assert not reader(store).has_history("silent")


def test_it_outlives_the_process(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    first = opened(path)
    first.commit_now(batch(kept_object(), token()))
    first.close()
    with Reader.open(path) as later:
        assert (later.objects(), later.tokens()) == ([kept_object()], [token()])
