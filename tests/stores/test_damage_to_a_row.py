"""Bits that fell over where SQLite does not look: in a text, in JSON, in a time."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from tests.stores.test_damage_to_a_store import STATES, path, restart, spoil

from meterd.stores import StoreError

__all__ = ["path"]


def test_a_text_that_is_none_costs_its_row_and_no_other(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("UPDATE events SET kind = CAST(x'ff' AS TEXT)")
        other.execute("UPDATE states SET key = CAST(x'fffe' AS TEXT) WHERE key = 'm7'")
    other.close()
    spoil(path, b"marked")
    store = restart(path)
    assert store.rebuilt is not None
    assert store.rebuilt.numbers["incomplete"] == ["events", "intervals", "states"]
    assert store.rebuilt.numbers["saved"]["states"] == STATES - 1
    assert ("meter", "m8") in store.load()
    store.close()


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE events SET numbers = '{\"n\":1'", "event .* cannot be read"),
        ("UPDATE meter_records SET created_date = 'some day'", "record .* cannot be read"),
        ("UPDATE events SET kind = CAST(x'ff' AS TEXT)", "can no more be read; restore a backup"),
    ],
)
def test_a_row_that_nobody_has_written_is_told_and_is_no_fault_of_ours(
    sql: str, said: str, path: Path
) -> None:
    with sqlite3.connect(path) as other:
        other.execute(sql)
    other.close()
    store = restart(path)
    assert store.rebuilt is None
    with store.reader() as reader, pytest.raises(StoreError, match=said):
        _ = reader.events(), reader.records()
    store.close()
