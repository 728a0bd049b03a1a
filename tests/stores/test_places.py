"""Where stores are, and what is said of a place."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.stores.cluster import Cluster
from tests.stores.made import opened

from meterd.stores import StoreError, migrate, places
from meterd.stores.queries import Reader

SHOWN = {
    "postgresql://meterd:secret@db.example/meterd": "postgresql://meterd@db.example/meterd",
    "postgres://me@[::1]:5433/m?sslmode=require&password=secret": "postgres://me@[::1]:5433/m",
    "postgresql:///meterd": "postgresql:///meterd",
    "/var/lib/a:b@c.db": "/var/lib/a:b@c.db",
    ":memory:": ":memory:",
}


@pytest.mark.parametrize("place", SHOWN)
def test_a_password_is_never_shown(place: str) -> None:
    assert places.shown(place) == SHOWN[place]


def test_every_schema_has_a_file_for_postgresql() -> None:
    assert list(places.steps()) == list(range(places.FIRST, migrate.newest() + 1))


def test_a_database_without_a_store_is_not_read(cluster: Cluster) -> None:
    with pytest.raises(StoreError, match="there is no store; `meterd run` makes it"):
        Reader.open(cluster.place())


def test_a_server_that_is_not_there_is_named_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as found:
        places.to_write(f"postgresql://me:secret@/db?host={tmp_path}")
    assert str(found.value).startswith("postgresql://me@/db: ")
    assert "secret" not in str(found.value)
    assert found.value.retriable


def test_a_store_from_the_future_is_left_alone(cluster: Cluster) -> None:
    place = cluster.place()
    store = opened(place)
    store._connection.execute("INSERT INTO meterd_schema VALUES (?)", (999,))
    store.close()
    for open_ in (opened, Reader.open):
        with pytest.raises(StoreError, match="has schema 999, and this meterd knows schemas up to"):
            open_(place)
