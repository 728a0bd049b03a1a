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
from collections.abc import Callable
from functools import partial
from pathlib import Path

from meterd.events import Interval
from meterd.stores import Batch
from meterd.stores.connection import connect, transaction
from meterd.stores.migrate import migrate
from meterd.stores.numbers import Numbers
from meterd.stores.rows import INSERT_INTERVAL, UPSERT_STATE, Names, Row, statements_of
from meterd.stores.sqlite import SqliteStore
from meterd.views import Saved

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


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    begun = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun[0], time.process_time() - begun[1]


def in_turns(folder: Path, count: int) -> dict[str, list[tuple[float, float]]]:
    """The same batches through the store and through executemany alone."""
    store = SqliteStore.open(folder / "store.db", now_ms=0, new_epoch="bench")
    bare = connect(str(folder / "bare.db"))
    migrate(bare, str(folder / "bare.db"))
    names = Names(Numbers(bare, "series", "meter, quantity, method, phase"), {}, {})
    taken: dict[str, list[tuple[float, float]]] = {"bare": [], "store": []}

    def alone(rows: dict[str, list[Row]]) -> None:
        with transaction(bare):
            for sql in (INSERT_INTERVAL, UPSERT_STATE):
                bare.executemany(sql, rows[sql])

    for index in range(count):
        work = batch(index)
        rows = dict(statements_of(work, names))
        taken["store"].append(timed(partial(store.commit_now, work)))
        taken["bare"].append(timed(partial(alone, rows)))
    store.close()
    bare.close()
    return taken


def main(count: int) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        taken = in_turns(Path(folder), count)
    size = METERS + STATES
    cpu = {}
    for who, times in taken.items():
        wall, cpu[who] = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"{who:5}  {size / wall:9,.0f} rows/s  {cpu[who] / size * 1e6:5.2f} us CPU a row")
    print(f"store / bare = {cpu['store'] / cpu['bare']:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
