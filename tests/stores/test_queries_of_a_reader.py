"""The read side: pages that bound every read, spans, and one instant in several reads."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.stores.made import (
    KINDS,
    NOON_MS,
    STEP_MS,
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

from meterd.stores import StoreError
from meterd.stores.connection import connect
from meterd.stores.migrate import newest
from meterd.stores.pages import Page, walk
from meterd.stores.queries import Reader
from meterd.stores.sqlite import SqliteStore
from meterd.stores.sums import booked

DAYS = 40
SLOTS = [n * 97 for n in range(DAYS * 288 // 97)]


@pytest.fixture(scope="module", params=KINDS)
def store(request: pytest.FixtureRequest) -> Iterator[SqliteStore]:
    kind = request.param
    store = opened(":memory:" if kind == "sqlite" else request.getfixturevalue("cluster").place())
    for slot in SLOTS:
        rows = [
            interval(slot, 1), interval(slot, 2, quantity="energy_export"),
            interval(slot, 3, method="integrated", phase="l1"), interval(slot, 9, "other"),
        ]  # fmt: skip
        refused = replace(sample(rows[0], discarded=True), period_start_ms=NOON_MS + STEP_MS)
        store.commit_now(batch(*rows, *map(sample, rows), refused))
    for n in range(30):
        store.commit_now(batch(event(n), event(n, kind="stale", meter="other"), record(n)))
        store.commit_now(batch(period(n), adjusted(n), period(n, "tenant-b")))
    yield store
    store.close()


@pytest.fixture
def reader(store: SqliteStore) -> Reader:
    return store._own_reader()


LISTS: dict[str, tuple[Callable[[Reader, Page], Sequence[object]], int]] = {
    "intervals": (lambda r, page: r.intervals("main", page), 3 * len(SLOTS)),
    "of one quantity": (lambda r, page: r.intervals("main", page, "energy_export"), len(SLOTS)),
    "samples": (lambda r, page: r.samples("tenant-a", page), 5 * len(SLOTS)),
    "events of a kind": (lambda r, page: r.events(page, kind="stale"), 30),
    "events of a meter": (lambda r, page: r.events(page, meter="main"), 30),
    "records": (lambda r, page: r.records(page), 30),
    "of one configuration": (lambda r, page: r.records(page, "Conveyor water"), 30),
    "periods": (lambda r, page: r.periods("tenant-b", page), 30),
    "adjustments": (lambda r, page: r.adjustments("tenant-a", page), 30),
}


@pytest.mark.parametrize(("fetch", "count"), LISTS.values(), ids=LISTS)
def test_every_list_is_the_same_whatever_the_size_of_its_pages(
    reader: Reader, fetch: Callable[[Reader, Page], list[object]], count: int
) -> None:
    whole = list(walk(lambda page: fetch(reader, page)))
    assert len(whole) == count
    for limit in (1, 7):
        assert list(walk(lambda page: fetch(reader, page), Page(limit=limit))) == whole


def test_intervals_come_by_start_and_then_by_source(reader: Reader) -> None:
    found = [
        (i.start_ms, i.quantity, i.method)
        for i in walk(lambda page: reader.intervals("main", page))
    ]
    assert found == sorted(found)
    assert {i.meter for i in reader.intervals("other")} == {"other"}


def test_a_span_holds_what_starts_in_it(reader: Reader) -> None:
    start_ms, end_ms = NOON_MS + SLOTS[3] * STEP_MS, NOON_MS + SLOTS[5] * STEP_MS
    span = Page(start_ms, end_ms)
    starts = [i.start_ms for i in reader.intervals("other", span)]
    assert starts == [start_ms, NOON_MS + SLOTS[4] * STEP_MS]
    assert {s.interval.start_ms for s in reader.samples("tenant-a", span)} == set(starts)
    assert reader.intervals("other", Page(end_ms=NOON_MS)) == []
    minutes = Page(NOON_MS + 60_000, NOON_MS + 180_000)
    assert [e.numbers["n"] for e in reader.events(minutes, kind="rollover")] == [1, 2]
    assert [found.row.run for found in reader.records(minutes)] == [1, 2]
    assert reader.adjustments("tenant-a", Page(NOON_MS + 1, NOON_MS + 3)) == [
        adjusted(1), adjusted(2),
    ]  # fmt: skip
    month = Page(period(1).start_ms, period(3).start_ms)
    assert reader.periods("tenant-a", month) == [period(1), period(2)]


def test_the_samples_of_one_period_are_those_that_it_took_of_whatever_time(reader: Reader) -> None:
    whole = list(walk(lambda page: reader.samples("tenant-a", page)))
    carriers = {found.period_start_ms for found in whole}
    assert len(carriers) > 1
    for carrier_ms in (*carriers, 1):
        own = [found for found in whole if found.period_start_ms == carrier_ms]
        assert reader.samples("tenant-a", carrier_ms=carrier_ms) == own


def test_the_latest_events_come_newest_first(reader: Reader) -> None:
    latest = reader.latest_events(Page(limit=5))
    assert [event.numbers["n"] for event in latest] == [29, 29, 28, 28, 27]
    going_on = Page(after=latest[-1], limit=2)
    assert [event.numbers["n"] for event in reader.latest_events(going_on)] == [26, 26]
    assert reader.latest_events(meter="nobody") == []


def test_the_latest_records_come_newest_first(reader: Reader) -> None:
    whole = list(walk(reader.records))
    latest = reader.latest_records(Page(limit=2))
    assert latest == whole[:-3:-1]
    assert reader.latest_records(Page(after=latest[-1], limit=1)) == [whole[-3]]
    assert reader.latest_records(configuration="nobody", status="IDLE") == []


def test_there_is_nothing_of_what_is_not_there(reader: Reader) -> None:
    assert reader.intervals("nobody") == []
    assert reader.samples("nobody") == []
    assert reader.periods("nobody") == []
    assert reader.adjustments("nobody") == []
    assert reader.events(meter="nobody") == []
    assert reader.records(configuration="nobody") == []
    assert reader.meta("nothing") is None


def test_the_bills_are_those_that_left_something(reader: Reader) -> None:
    assert reader.bills() == ["tenant-a", "tenant-b"]


def test_sums_are_of_all_rows(reader: Reader) -> None:
    assert booked(reader) == {
        ("main", "energy_export", "measured"): 2 * len(SLOTS),
        ("main", "energy_import", "integrated"): 3 * len(SLOTS),
        ("main", "energy_import", "measured"): len(SLOTS),
        ("other", "energy_import", "measured"): 9 * len(SLOTS),
    }


def test_an_empty_store_has_nothing_to_tell() -> None:
    store = opened()
    with store.reader() as reader:
        assert reader.committed_ms() is None
        assert list(walk(lambda page: reader.intervals("main", page))) == []
        assert booked(reader) == {}
    store.close()


def test_a_snapshot_is_one_instant_while_the_writer_goes_on(tmp_path: Path) -> None:
    store = opened(tmp_path / "store.db")
    store.commit_now(batch(interval(0, 1), saved=[saved("main", b"1")]))
    with Reader.open(tmp_path / "store.db") as reader:
        with reader.snapshot():
            before = reader.intervals("main")
            store.commit_now(batch(interval(1, 2), saved=[saved("main", b"2")]))
            assert reader.states() == {("meter", "main"): b"1"}
            assert reader.intervals("main") == before
        assert reader.states() == {("meter", "main"): b"2"}
        assert reader.intervals("main") == [*before, interval(1, 2)]
    store.close()


def test_a_snapshot_within_a_snapshot_is_the_same_instant(tmp_path: Path) -> None:
    store = opened(tmp_path / "store.db")
    store.commit_now(batch(saved=[saved("main", b"1")]))
    with Reader.open(tmp_path / "store.db") as reader:
        with reader.snapshot():
            before = reader.states()
            store.commit_now(batch(saved=[saved("main", b"2")]))
            with reader.snapshot():
                assert reader.states() == before
            assert reader.states() == before
        assert reader.states() != before
    store.close()


def test_a_stopped_store_is_read_where_nothing_may_be_written(small_disk: Path) -> None:
    path = small_disk / "store.db"
    store = opened(path)
    store.commit_now(batch(interval(0, 1)))
    store.close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with Reader.open(path) as reader:
        assert reader.intervals("main") == [interval(0, 1)]
    with pytest.raises(StoreError, match="Read-only file system"):
        opened(path)


def test_a_store_that_is_not_there_is_named_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store; `meterd run` makes it"):
        Reader.open(tmp_path / "store.db")
    assert list(tmp_path.iterdir()) == []


def test_a_store_of_an_older_schema_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    connect(str(path)).close()
    with pytest.raises(StoreError, match=f"has schema 0, this meterd reads {newest()}"):
        Reader.open(path)
