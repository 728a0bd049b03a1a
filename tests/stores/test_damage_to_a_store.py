"""A damaged store: found, moved aside, saved as far as it can be read, and the daemon runs on."""

from __future__ import annotations

import sqlite3
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

from meterd.sinks import Fact
from meterd.stores import StoreError
from meterd.stores.damage import suspect_path
from meterd.stores.sqlite import SqliteStore
from meterd.stores.sums import booked

PAGE = 4096
LATER_MS = NOON_MS + 3_600_000
ASIDE = "store.db.damaged-20260101T130000Z"
SLOTS = 3000
STATES = 200


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    store = opened(path)
    marks = {1500: {"event": "marked"}}
    store.commit_now(
        batch(
            *(interval(n, 1, **marks.get(n, {})) for n in range(SLOTS)),
            sample(interval(0, 1)), event(1), record(1), period(), adjusted(),
            saved=[saved(f"m{n}", b"state of %d." % n * 20) for n in range(STATES)],
            facts={"mqtt": [Fact(9, "t", b"p", False)]},
        )
    )  # fmt: skip
    store.close()
    return path


def spoil(path: Path, mark: bytes) -> None:
    """Overwrite the page that holds the mark."""
    pages = bytearray(path.read_bytes())
    start = pages.index(mark) // PAGE * PAGE
    pages[start : start + PAGE] = b"\xff" * PAGE
    path.write_bytes(pages)


def content(path: Path) -> bytes:
    return path.read_bytes()


def restart(path: Path) -> SqliteStore:
    return opened(path, now_ms=LATER_MS, new_epoch="second")


async def test_a_spoilt_page_costs_what_stood_on_it_and_nothing_else(path: Path) -> None:
    spoil(path, b"state of 100.")
    before = content(path)
    store = restart(path)
    rebuilt = store.rebuilt
    assert rebuilt is not None
    assert (rebuilt.kind, rebuilt.at_ms) == ("store_rebuilt", LATER_MS)
    assert rebuilt.numbers["moved_to"] == ASIDE
    assert rebuilt.numbers["incomplete"] == ["states"]
    states = store.load()
    assert rebuilt.numbers["saved"]["states"] == len(states)
    assert STATES - 20 < len(states) < STATES
    assert states["meter", "m0"] == b"state of 0." * 20
    assert states["meter", "m199"] == b"state of 199." * 20
    with store.reader() as reader:
        assert reader.rows("SELECT count(*), sum(amount) FROM intervals") == [(SLOTS, SLOTS)]
        assert reader.samples("tenant-a") == [sample(interval(0, 1))]
        assert reader.events() == [event(1), rebuilt]
        assert [found.row for found in reader.records()] == [record(1)]
        assert reader.periods("tenant-a") == [period()]
        assert reader.adjustments("tenant-a") == [adjusted()]
    assert await store.outbox_after("mqtt", 0, 9) == [(9, "t", b"p", False)]
    assert await store.last_seq("mqtt") == 9
    assert store.epoch == "second"
    store.commit_now(batch(interval(0, 5), record(2)))
    store.close()
    assert content(path.with_name(ASIDE)) == before
    again = restart(path)
    assert again.rebuilt is None
    again.close()


def test_rows_that_lost_their_name_are_not_given_to_the_next_one(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA foreign_keys = OFF")
        other.execute("DELETE FROM series")  # as if its page were the spoilt one
        other.execute("DELETE FROM sinks")
    other.close()
    spoil(path, b"state of 100.")
    store = restart(path)
    assert store.rebuilt is not None
    assert store.rebuilt.numbers["incomplete"] == ["bill_sources", "intervals", "samples", "states"]
    heir = interval(0, 5, "heir")
    store.commit_now(batch(heir))
    with store.reader() as reader:
        assert reader.intervals("heir") == [heir]
        assert booked(reader) == {("heir", "energy_import", "measured"): 5}
        assert reader.rows("SELECT last_seq FROM sinks") == [(9,)]  # it still waits
    store.close()


def test_both_ends_of_a_spoilt_history_are_saved(path: Path) -> None:
    spoil(path, b"marked")
    store = restart(path)
    assert store.rebuilt is not None
    assert store.rebuilt.numbers["incomplete"] == ["intervals"]
    with store.reader() as reader:
        ((count, first, last),) = reader.rows(
            "SELECT count(*), min(start_ms), max(start_ms) FROM intervals"
        )
    assert SLOTS - 400 < count < SLOTS
    assert (first, last) == (interval(0).start_ms, interval(SLOTS - 1).start_ms)
    store.close()


def test_a_file_without_its_head_is_replaced_by_a_new_store(path: Path) -> None:
    path.write_bytes(b"\0" * PAGE + path.read_bytes()[PAGE:])
    store = restart(path)
    assert store.rebuilt is not None
    assert store.rebuilt.numbers["saved"] == {}
    assert "not a database" in store.rebuilt.numbers["complaint"]
    assert store.load() == {}
    store.close()


@pytest.mark.parametrize(("left", "saved"), [(0.75, 100), (0.05, 0)], ids=["rows", "tables"])
def test_a_file_cut_short_is_saved_up_to_the_cut(path: Path, left: float, saved: int) -> None:
    whole = content(path)
    path.write_bytes(whole[: int(len(whole) * left) // PAGE * PAGE])
    store = restart(path)
    assert store.rebuilt is not None
    assert store.rebuilt.numbers["incomplete"] != []
    assert sum(store.rebuilt.numbers["saved"].values()) >= saved
    store.commit_now(batch(interval(9000, 5)))
    store.close()


def test_what_the_log_holds_goes_aside_with_its_file(path: Path) -> None:
    spoil(path, b"state of 100.")
    path.with_name("store.db-wal").write_bytes(b"not a log")
    store = restart(path)
    store.close()
    assert path.with_name(f"{ASIDE}-wal").read_bytes() == b"not a log"


def test_a_row_that_breaks_a_rule_is_left_behind(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA ignore_check_constraints = ON")
        other.execute("UPDATE meter_records SET status = 'BROKEN'")
    other.close()
    spoil(path, b"state of 100.")
    store = restart(path)
    assert store.rebuilt is not None
    assert store.rebuilt.numbers["incomplete"] == ["meter_records", "states"]
    with store.reader() as reader:
        assert reader.records() == []
    store.close()


def test_an_interrupted_rescue_is_finished_by_the_next_start(path: Path) -> None:
    path.rename(path.with_name("store.db.rebuilding"))
    path.with_name("store.db-wal").write_bytes(b"of the damaged one")
    store = restart(path)
    assert store.rebuilt is None
    assert len(store.load()) == STATES
    store.close()
    assert path.with_name(f"{ASIDE}-wal").exists()


def test_a_rescue_that_was_never_finished_begins_again(path: Path) -> None:
    path.with_name("store.db.rebuilding").write_bytes(b"half done")
    spoil(path, b"state of 100.")
    store = restart(path)
    assert store.rebuilt is not None
    assert len(store.load()) > STATES - 20
    store.close()


def test_of_a_large_store_only_what_we_resume_from_is_checked_at_the_start(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meterd.stores.damage.WHOLE_CHECK_MAX_BYTES", 0)
    spoil(path, b"marked")
    store = restart(path)
    assert store.rebuilt is None
    with pytest.raises(StoreError) as met:
        store.commit_now(batch(*(interval(n, 1) for n in range(SLOTS))))
    assert met.value.damaged
    store.close()
    assert suspect_path(path).exists()
    mended = restart(path)
    assert mended.rebuilt is not None
    mended.close()
    spoil(path, b"state of 100.")
    again = opened(path, now_ms=LATER_MS + 60_000)
    assert again.rebuilt is not None
    again.close()


def test_of_a_very_long_history_the_newest_is_saved(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meterd.stores.damage.HISTORY_SAVED_MAX", 500)
    spoil(path, b"state of 100.")
    store = restart(path)
    assert store.rebuilt is not None
    assert store.rebuilt.numbers["incomplete"] == ["intervals", "states"]
    with store.reader() as reader:
        ((count, first),) = reader.rows("SELECT count(*), min(start_ms) FROM intervals")
    assert (count, first) == (500, interval(SLOTS - 500).start_ms)
    store.close()


def test_a_file_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    text, other = tmp_path / "notes.txt", tmp_path / "other.db"
    text.write_text("dear diary")
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE diary (day)")
    connection.close()
    for path in (text, other):
        before = path.read_bytes()
        for _ in range(2):
            with pytest.raises(StoreError, match="not a meterd store; name another file"):
                opened(path)
        assert path.read_bytes() == before
    assert not list(tmp_path.glob("*damaged*"))


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    (tmp_path / "store.db").touch()
    store = opened(tmp_path / "store.db")
    assert store.rebuilt is None
    store.close()
