"""How much dearer is a commit of the store than SQLite's own executemany of the same tuples?

    python bench/store_commit.py [batches]

Both write to the same disk in the same run, in turns; each batch is 1,000 intervals and 200
states, one transaction, synchronous FULL. Prints rows per second, CPU per row and the ratio.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from meterd.events import Interval, Saved
from meterd.stores import Batch
from meterd.stores.connection import connect, transaction
from meterd.stores.migrate import migrate
from meterd.stores.rows import INSERT_INTERVAL, UPSERT_STATE, statements_of
from meterd.stores.sqlite import SqliteStore

METERS = 1000
STATES = 200
BODY = b"x" * 400
STEP_MS = 300_000
BEGIN_MS = 1_767_225_600_000


def batch(index: int) -> Batch:
    """One interval of every meter, and the states of some."""
    start_ms = BEGIN_MS + index * STEP_MS
    outputs = [
        Interval(
            f"meter-{n}", "energy_import", "measured", "", start_ms, start_ms + STEP_MS, 9_000 * n
        )
        for n in range(METERS)
    ]
    first = index * STATES % METERS
    saved = [Saved("meter", f"meter-{n}", BODY) for n in range(first, first + STATES)]
    return Batch(outputs, saved, {}, start_ms)


def main(count: int) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        store = SqliteStore.open(Path(folder) / "store.db", now_ms=0, new_epoch="bench")
        bare_path = str(Path(folder) / "bare.db")
        bare = connect(bare_path)
        migrate(bare, bare_path)
        cpu: dict[str, list[float]] = {"store": [], "bare": []}
        wall: dict[str, list[float]] = {"store": [], "bare": []}
        for index in range(count):
            work = batch(index)
            rows = dict(statements_of(work, store._names))
            begun = time.perf_counter(), time.process_time()
            store.commit_now(work)
            wall["store"].append(time.perf_counter() - begun[0])
            cpu["store"].append(time.process_time() - begun[1])
            begun = time.perf_counter(), time.process_time()
            with transaction(bare):
                bare.executemany(INSERT_INTERVAL, rows[INSERT_INTERVAL])
                bare.executemany(UPSERT_STATE, rows[UPSERT_STATE])
            wall["bare"].append(time.perf_counter() - begun[0])
            cpu["bare"].append(time.process_time() - begun[1])
        store.close()
        bare.close()
    size = METERS + STATES
    for who in ("bare", "store"):
        second = statistics.median(wall[who])
        micros = statistics.median(cpu[who]) / size * 1e6
        print(f"{who:5}  {size / second:9,.0f} rows/s  {micros:5.2f} us CPU a row")
    ratio = statistics.median(cpu["store"]) / statistics.median(cpu["bare"])
    print(f"store / bare = {ratio:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
