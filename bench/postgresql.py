"""A commit to PostgreSQL against the same commit to SQLite, and against psycopg without a store.

The same batches of 1,000 intervals, as 1,000 meters make them every five minutes, in turns; CPU
of this process by row, and the whole time of a commit on a loopback server that syncs its log.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import psycopg

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.stores.cluster import Cluster  # run from a checkout

from meterd.events import Interval
from meterd.stores import Batch
from meterd.stores.sqlite import SqliteStore

ROWS = 1_000
ROUNDS = 40
STEP_MS = 300_000


def batch(slot: int) -> Batch:
    """One slot of every meter."""
    start_ms, end_ms = slot * STEP_MS, (slot + 1) * STEP_MS
    return Batch(
        [
            Interval(f"m{n}", "energy_import", "measured", "", start_ms, end_ms, n)
            for n in range(ROWS)
        ],
        now_ms=end_ms,
    )


def commit_to(store: SqliteStore, slot: int) -> None:
    """As the daemon does it."""
    store.commit_now(batch(slot))


def bare(url: str) -> Callable[[int], None]:
    """The rows alone, as psycopg inserts them."""
    session = psycopg.connect(url, autocommit=True)
    session.execute("CREATE TABLE bare (hour BIGINT, series BIGINT, offset_ms BIGINT, length_ms "
                    "BIGINT, amount BIGINT, PRIMARY KEY (hour, series, offset_ms))")  # fmt: skip

    def commit(slot: int) -> None:
        rows = [(slot, n, 0, STEP_MS, n) for n in range(ROWS)]
        with session.transaction(), session.cursor() as cursor:
            cursor.executemany("INSERT INTO bare VALUES (%s, %s, %s, %s, %s)", rows)

    return commit


def main() -> None:
    """Print the figures and their ratios."""
    cluster = Cluster(settings="-c fsync=on")
    cluster.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), cluster)
    finally:
        cluster.stop("immediate")
        cluster.remove()


def measure(folder: Path, cluster: Cluster) -> None:
    """Commit in turns."""
    stores = {
        "SQLite": SqliteStore.open(folder / "bench.db", now_ms=0, new_epoch="0"),
        "PostgreSQL": SqliteStore.open(cluster.place(), now_ms=0, new_epoch="0"),
    }
    commits: dict[str, Callable[[int], None]] = {"bare psycopg": bare(cluster.place())}
    commits |= {name: partial(commit_to, store) for name, store in stores.items()}
    cpu: dict[str, list[float]] = {name: [] for name in commits}
    wall: dict[str, list[float]] = {name: [] for name in commits}
    for slot in range(ROUNDS):
        for name, commit in commits.items():
            began, busy = time.perf_counter(), time.process_time()
            commit(slot)
            cpu[name].append((time.process_time() - busy) / ROWS * 1e6)
            wall[name].append((time.perf_counter() - began) * 1e3)
    for name in commits:
        row_us, commit_ms = median(cpu[name]), median(wall[name])
        print(f"{name:13} {row_us:6.1f} us CPU a row, {commit_ms:6.1f} ms a commit")
    for peer in ("SQLite", "bare psycopg"):
        print(f"PostgreSQL is {median(cpu['PostgreSQL']) / median(cpu[peer]):.1f} x {peer} in CPU")
    for store in stores.values():
        store.close()


if __name__ == "__main__":
    main()
