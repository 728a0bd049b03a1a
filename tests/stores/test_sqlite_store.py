"""The store as the daemon uses it: commit, lose nothing, come back as it was."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from tests.stores.made import (
    NOON_MS,
    adjusted,
    batch,
    event,
    interval,
    opened,
    period,
    record,
    sample,
    saved,
)

from meterd.events import AvailabilityChanged
from meterd.sinks import Fact
from meterd.specs import RecordSpec
from meterd.stores import Batch, StoreError
from meterd.stores.sqlite import SqliteStore
from meterd.stores.sums import booked


def everything(store: SqliteStore) -> list[object]:
    with store.reader() as reader:
        return [
            *reader.intervals("main"), *reader.samples("tenant-a"), *reader.events(),
            *[found.row for found in reader.records()], *reader.periods("tenant-a"),
            *reader.adjustments("tenant-a"), *reader.states().items(),
        ]  # fmt: skip


async def test_a_batch_comes_back_as_it_was_committed(tmp_path: Path) -> None:
    store = opened(tmp_path / "store.db")
    shaped = interval(1, 70, gap=60, questionable=3, missing_ms=20, gap_from_ms=5, gap_to_ms=9,
                      event="rollover")  # fmt: skip
    kept = [
        interval(0, 50), shaped, sample(interval(0, 50)), sample(shaped, discarded=True),
        event(1), event(2, meter="", quantity="volume", numbers={"kwh": "1.5", "list": [1]}),
        record(1, end_ms=NOON_MS + 90_000, status="COMPLETED", cut_by="duration", usage=7,
               modified_ms=NOON_MS + 90_500, modified_by="anna", location=None, cost=None),
        period(), adjusted(),
    ]  # fmt: skip
    online = AvailabilityChanged("main", NOON_MS, online=True)
    await store.commit(batch(*kept, online, saved=[saved("main", b"\x00state")]))
    store.close()
    again = opened(tmp_path / "store.db", new_epoch="second")
    assert everything(again) == [*kept, (("meter", "main"), b"\x00state")]
    assert again.load() == {("meter", "main"): b"\x00state"}
    assert again.epoch == "first"
    assert again.rebuilt is None
    with again.reader() as reader:
        assert reader.committed_ms() == NOON_MS
    again.close()


@pytest.mark.parametrize(
    "poison",
    [
        pytest.param(interval(5, 1 << 70), id="an amount no column holds"),
        pytest.param(record(9, configuration="unheard of"), id="a record of no configuration"),
        pytest.param(period(), id="a period closed twice"),
    ],
)
async def test_one_row_that_fails_takes_its_whole_batch_with_it(
    store: SqliteStore, poison: object
) -> None:
    await store.commit(batch(period(), interval(0, 50), saved=[saved("main", b"1")]))
    before = everything(store)
    bad = batch(
        interval(1, 60, "new"), interval(0, 1), event(), poison, saved=[saved("main", b"2")]
    )
    with pytest.raises((StoreError, OverflowError)):
        await store.commit(bad)
    assert everything(store) == before
    with store.reader() as reader:
        assert reader.intervals("new") == []
    await store.commit(batch(interval(1, 60, "new")))  # its number went with the batch
    with store.reader() as reader:
        assert reader.intervals("new") == [interval(1, 60, "new")]


def test_what_comes_late_is_added_to_its_interval(store: SqliteStore) -> None:
    store.commit_now(batch(interval(0, 50, missing_ms=200_000, event="stale")))
    late = interval(0, 7, gap=7, missing_ms=100_000, gap_from_ms=30, gap_to_ms=40)
    store.commit_now(batch(late))
    later = interval(0, 2, questionable=2, missing_ms=300_000, gap_from_ms=20, gap_to_ms=35,
                     event="minimum_booked")  # fmt: skip
    store.commit_now(batch(later, sample(interval(0, 50)), sample(interval(0, 7, gap=7))))
    sums = interval(0, 59, gap=7, questionable=2, missing_ms=0, gap_from_ms=20, gap_to_ms=40,
                    event="minimum_booked")  # fmt: skip
    with store.reader() as reader:
        assert reader.intervals("main") == [sums]
        assert reader.samples("tenant-a") == [sample(interval(0, 57, gap=7))]


def test_what_a_bill_refused_stands_beside_what_it_took(store: SqliteStore) -> None:
    taken, refused = sample(interval(0, 50)), sample(interval(0, 900), discarded=True)
    store.commit_now(batch(refused, taken))
    with store.reader() as reader:
        assert reader.samples("tenant-a") == [taken, refused]


def test_a_state_is_replaced_and_an_empty_one_forgotten(store: SqliteStore) -> None:
    store.commit_now(batch(saved=[saved("main", b"1"), saved("old", b"1")]))
    store.commit_now(batch(saved=[saved("main", b"2"), saved("old", b"")]))
    assert store.load() == {("meter", "main"): b"2"}


async def test_a_small_value_is_kept_by_name(store: SqliteStore) -> None:
    assert store.meta("retained") is None
    await store.set_meta("retained", b"a")
    await store.set_meta("retained", b"b")
    assert store.meta("retained") == b"b"


async def test_facts_wait_in_order_until_they_have_arrived(tmp_path: Path) -> None:
    store = opened(tmp_path / "store.db")
    facts = [Fact(n, f"t/{n}", b"%d" % n, n % 2 == 0) for n in range(1, 6)]
    assert await store.last_seq("mqtt") == 0
    await store.commit(batch(facts={"mqtt": facts[:4], "other": [], "second": [facts[0]]}))
    await store.commit(batch(facts={"mqtt": facts[4:]}))
    assert await store.outbox_after("mqtt", 1, 3) == [
        (n, f"t/{n}", b"%d" % n, n % 2 == 0) for n in (2, 3, 4)
    ]
    await store.outbox_delete("mqtt", [1, 2, 3, 4])
    assert await store.outbox_depth("mqtt") == 1
    assert await store.outbox_depth("second") == 1
    await store.outbox_delete("mqtt", [5])
    store.close()
    again = opened(tmp_path / "store.db")
    assert await again.outbox_after("mqtt", 0, 10) == []
    assert [await again.last_seq(sink) for sink in ("mqtt", "other", "second")] == [5, 0, 1]
    again.close()


async def test_many_may_commit_at_once_and_each_is_one_transaction(store: SqliteStore) -> None:
    await asyncio.gather(*(store.commit(batch(interval(n % 7, 1))) for n in range(50)))
    with store.reader() as reader:
        assert booked(reader) == {("main", "energy_import", "measured"): 50}


async def test_a_cancelled_commit_is_finished_all_the_same(tmp_path: Path) -> None:
    store = opened(tmp_path / "store.db")
    task = asyncio.create_task(store.commit(batch(interval(0, 5))))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    store.close()
    again = opened(tmp_path / "store.db")
    assert everything(again) == [interval(0, 5)]
    again.close()


def test_a_closed_store_says_so_and_may_be_closed_again(store: SqliteStore) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreError, match=re.escape(store.path)):
        store.commit_now(batch())


async def test_the_nights_work_shortens_the_log(tmp_path: Path) -> None:
    store = opened(tmp_path / "store.db")
    await store.commit(batch(*(interval(n, n) for n in range(2000))))
    assert (tmp_path / "store.db-wal").stat().st_size > 0
    assert await store.maintain(NOON_MS) == (0, 0)
    assert (tmp_path / "store.db-wal").stat().st_size == 0
    store.close()


def test_many_names_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meterd.stores.numbers._KEPT_MAX", 3)
    store = opened()
    for _ in range(2):
        store.commit_now(batch(*(interval(0, 1, f"meter-{n}") for n in range(10))))
    assert len(store._series) <= 3
    with store.reader() as reader:
        assert set(booked(reader).values()) == {2}
    store.close()


def test_new_configurations_replace_the_old(store: SqliteStore) -> None:
    store.register_configurations([RecordSpec("Only", "main", "energy_import")])
    store.commit_now(batch(record(configuration="Only")))
    with pytest.raises(StoreError, match="'Conveyor water' was not registered"):
        store.commit_now(batch(record(2)))


def test_the_memory_store_needs_no_file_and_reads_what_it_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = opened()
    store.commit_now(Batch([interval(0, 5)]))
    with store.reader() as reader, reader.snapshot():
        assert reader.intervals("main") == [interval(0, 5)]
    store.commit_now(Batch([interval(1, 5)]))  # closing a reader leaves the store open
    assert len(everything(store)) == 2
    store.close()
    assert list(tmp_path.iterdir()) == []
