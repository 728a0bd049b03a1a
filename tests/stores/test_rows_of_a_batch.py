"""Rows: one pass, grouped by table, names as numbers."""

from __future__ import annotations

import pytest
from tests.stores.made import WATER, batch, event, interval, record, sample, saved

from meterd.events import AvailabilityChanged
from meterd.sinks import Fact
from meterd.stores import StoreError
from meterd.stores.meter_records import columns_of
from meterd.stores.rows import (
    DELETE_STATE,
    INSERT_EVENT,
    INSERT_FACT,
    INSERT_INTERVAL,
    INSERT_SAMPLE,
    UPSERT_META,
    UPSERT_SINK,
    UPSERT_STATE,
    Names,
    statements_of,
)

NAMES = Names(
    series={("main", "energy_import", "measured", ""): 7},
    sources={("tenant-a", 1_767_268_800_000, "energy", 7): 3},
    records={WATER.name: columns_of(WATER)},
)
NOON_HOUR = 490_908


def test_rows_are_grouped_by_table_in_the_order_they_came() -> None:
    late = interval(13, 60, gap=5)
    outputs = (late, event(1), sample(late, discarded=True), interval(0, 50), event(2))
    found = dict(statements_of(batch(*outputs), NAMES))
    assert found[INSERT_INTERVAL] == [
        (NOON_HOUR + 1, 7, 300_000, 300_000, 60, 5, 0, 0, 0, 0, ""),
        (NOON_HOUR, 7, 0, 300_000, 50, 0, 0, 0, 0, 0, ""),
    ]
    assert found[INSERT_SAMPLE] == [
        (NOON_HOUR + 1, 3, 300_000, True, 300_000, 60, 5, 0, 0, 0, 0, "")
    ]
    assert [row[-1] for row in found[INSERT_EVENT]] == ['{"n":1}', '{"n":2}']


def test_states_facts_and_the_time_of_the_commit_are_rows_too() -> None:
    facts = {"mqtt": [Fact(4, "t", b"p", True), Fact(5, "u", b"q", False)], "quiet": []}
    work = batch(saved=[saved("main", b"1"), saved("old", b"")], facts=facts)
    found = dict(statements_of(work, NAMES))
    assert found[UPSERT_STATE] == [("meter", "main", b"1")]
    assert found[DELETE_STATE] == [("meter", "old")]
    assert found[INSERT_FACT] == [("mqtt", 4, "t", b"p", True), ("mqtt", 5, "u", b"q", False)]
    assert found[UPSERT_SINK] == [("mqtt", 5)]
    assert found[UPSERT_META] == [("committed_ms", b"1767268800000")]


def test_a_change_of_availability_is_told_and_not_kept() -> None:
    empty = statements_of(batch(AvailabilityChanged("main", 0, online=False)), NAMES)
    assert [sql for sql, rows in empty if rows] == [UPSERT_META]


def test_a_record_of_an_unknown_configuration_is_refused_by_name() -> None:
    with pytest.raises(StoreError, match="'Steam' was not registered"):
        statements_of(batch(record(configuration="Steam")), NAMES)
