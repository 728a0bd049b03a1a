"""Sums over the sources of a bill, as the store makes them."""

from __future__ import annotations

import msgspec
from tests.stores.made import NOON_MS, STEP_MS, interval, sample

from meterd.billing.slots import Slot
from meterd.orders import HISTORY_IMPORTED
from meterd.stores import Batch
from meterd.stores.sqlite import SqliteStore

END_MS = NOON_MS + 10 * STEP_MS


def test_sources_add_up_and_what_was_refused_or_came_late_does_not(store: SqliteStore) -> None:
    gap = {"gap": 2, "questionable": 1, "gap_from_ms": NOON_MS - 9, "gap_to_ms": NOON_MS + 9}
    late = msgspec.structs.replace(sample(interval(-20, 7)), period_start_ms=NOON_MS)
    outputs = [
        sample(interval(0, 5)), sample(interval(0, 6, "rack-12", **gap)),
        sample(interval(1, 4, missing_ms=60_000)),
        sample(interval(2, 99), discarded=True), sample(interval(2, 3), bill="other"), late,
    ]  # fmt: skip
    store.commit_now(Batch(outputs=outputs, now_ms=NOON_MS))
    reader = store._own_reader()
    assert reader.slots("tenant-a", NOON_MS - 30 * STEP_MS, END_MS) == [
        Slot(NOON_MS, NOON_MS + STEP_MS, 11, 2, 2 * STEP_MS, 2, 1, NOON_MS - 9, NOON_MS + 9, 2),
        Slot(NOON_MS + STEP_MS, NOON_MS + 2 * STEP_MS, 4, 1, STEP_MS - 60_000),
    ]
    assert reader.slots("tenant-a", NOON_MS + STEP_MS, NOON_MS + STEP_MS) == []
    assert reader.slots("nobody", NOON_MS, END_MS) == []


def test_imported_history_is_told_from_what_was_read(store: SqliteStore) -> None:
    other = interval(-12, 8, event=HISTORY_IMPORTED)
    store.commit_now(Batch(outputs=[other, interval(0, 5), interval(1, 3, event="rollover")]))
    reader = store._own_reader()
    found = reader.imported(["main"], NOON_MS - 12 * STEP_MS, END_MS)
    assert [slot.amount for slot in found] == [8]
    assert reader.booked_since("main", "energy_import", 0) == 8
    assert reader.booked_since("main", "energy_import", NOON_MS + STEP_MS) == 3
    assert reader.booked_since("main", "energy_import", END_MS * 2) == 0
    assert reader.first_own("main", "energy_import") == NOON_MS
    assert reader.first_own("rack-12", "energy_import") is None
    assert reader.state("meter", "main") is None
    assert reader.imported(["rack-12"], 0, NOON_MS % 86_400_000) == []


def test_what_a_meter_used_comes_by_the_grain(store: SqliteStore) -> None:
    guessed = msgspec.structs.replace(interval(1, 7), method="estimated")
    rows = [interval(0, 5), interval(1, 3, gap=2), interval(2, 4), interval(9, 6), guessed]
    store.commit_now(Batch(outputs=rows))
    reader = store._own_reader()
    assert reader.series("main") == [
        ("energy_import", "estimated", ""), ("energy_import", "measured", ""),
    ]  # fmt: skip
    measured = ("energy_import", "measured", "")
    assert reader.used("main", measured, (NOON_MS, END_MS), 2 * STEP_MS) == [
        Slot(NOON_MS, NOON_MS + 2 * STEP_MS, 8, 1, 2 * STEP_MS, 2, 0, estimated=2),
        Slot(NOON_MS + 2 * STEP_MS, NOON_MS + 3 * STEP_MS, 4, 1, STEP_MS),
        Slot(NOON_MS + 9 * STEP_MS, NOON_MS + 10 * STEP_MS, 6, 1, STEP_MS),
    ]
    estimated = ("energy_import", "estimated", "")
    (found,) = reader.used("main", estimated, (NOON_MS, END_MS), STEP_MS)
    assert (found.amount, found.estimated) == (7, 7)
