"""What PostgreSQL is but SQLite is not: away, held by another process, silent after a commit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.stores.cluster import Cluster
from tests.stores.made import batch, event, interval, opened, period

from meterd.stores import StoreBusy, StoreError
from meterd.stores.postgresql import PostgresqlConnection
from meterd.stores.sqlite import SqliteStore


@pytest.fixture
def place(cluster: Cluster) -> str:
    return cluster.place()


@pytest.fixture
def held(place: str) -> Iterator[SqliteStore]:
    store = opened(place)
    yield store
    store.close()


def rows(store: SqliteStore) -> list[int]:
    with store.reader() as reader:
        return [row.amount for row in reader.intervals("main")]


def test_one_process_holds_a_store(held: SqliteStore, place: str) -> None:
    with pytest.raises(StoreBusy, match="postgresql://postgres@/postgres: another process holds"):
        opened(place)
    held.close()
    opened(place).close()


def test_a_store_is_found_again_as_it_was_left(held: SqliteStore, place: str) -> None:
    held.commit_now(batch(interval(0, 1), event(1)))
    epoch = held.epoch
    held.close()
    again = opened(place, new_epoch="second")
    assert again.epoch == epoch
    assert rows(again) == [1]
    again.close()


def test_a_server_that_went_and_came_back_costs_one_try(
    cluster: Cluster, held: SqliteStore
) -> None:
    held.commit_now(batch(interval(0, 1)))
    cluster.stop("immediate")
    later = batch(interval(1, 2))
    for _ in range(2):
        with pytest.raises(StoreError) as found:
            held.commit_now(later)
        assert found.value.retriable
        assert not found.value.doubtful
    cluster.start()
    held.commit_now(later)
    assert rows(held) == [1, 2]


def test_a_store_that_another_process_took_meanwhile_is_not_written_again(
    cluster: Cluster, held: SqliteStore, place: str
) -> None:
    with cluster.admin() as session:
        session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'meterd'"
        )
    other = opened(place)
    lost: list[bool] = []
    for _ in range(2):
        with pytest.raises(StoreError) as found:
            held.commit_now(batch(interval(0, 1)))
        lost.append(found.value.retriable)
    assert lost == [True, False]
    other.close()


@pytest.mark.parametrize("kept", [True, False])
def test_a_commit_whose_answer_was_lost_is_kept_once(
    held: SqliteStore, monkeypatch: pytest.MonkeyPatch, kept: bool
) -> None:
    held.commit_now(batch(interval(0, 1)))
    connection = held._connection
    assert isinstance(connection, PostgresqlConnection)
    session = connection._session
    execute: Any = session.execute

    def cut(statement: bytes, values: Any = None) -> Any:
        if statement != b"COMMIT":
            return execute(statement, values)
        if kept:
            execute(b"COMMIT")
        session.close()
        raise psycopg.OperationalError("the line was cut")

    monkeypatch.setattr(session, "execute", cut)
    doubted = batch(interval(0, 10), event(1))
    with pytest.raises(StoreError, match="the line was cut") as found:
        held.commit_now(doubted)
    assert found.value.retriable
    assert found.value.doubtful
    held.commit_now(doubted)
    held.commit_now(batch(interval(0, 100)))
    assert rows(held) == [111]
    with held.reader() as reader:
        assert len(reader.events()) == 1


def test_a_closed_period_is_for_good(held: SqliteStore) -> None:
    held.commit_now(batch(period()))
    for change in ("UPDATE periods SET end_ms = end_ms + 1", "DELETE FROM periods"):
        with pytest.raises(StoreError, match="never changes"):
            held._connection.execute(change)


def test_what_stands_in_text_with_marks_of_sql_stays_text(held: SqliteStore) -> None:
    odd = "50 % of :it? \\ ' \" ;"
    held.commit_now(batch(event(1, meter=odd)))
    with held.reader() as reader:
        assert [one.meter for one in reader.events(meter=odd)] == [odd]
