"""Freeze a store of today's schema, once, when a release changes it.

    python -m tests.databases.freeze

writes tests/databases/schema_NNNN.sql, which is never written again after its release.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from tests.stores.made import (
    NOON_MS,
    accounts,
    adjusted,
    batch,
    event,
    interval,
    kept_object,
    opened,
    period,
    record,
    sample,
    saved,
    token,
)

from meterd.events import Output
from meterd.sinks import Fact
from meterd.stores.migrate import APPLICATION_ID, newest

HERE = Path(__file__).parent

GAP = interval(1, 70, gap=60, questionable=3, missing_ms=20, gap_from_ms=5, gap_to_ms=9,
               event="rollover")  # fmt: skip
DONE = record(1, end_ms=NOON_MS + 90_000, status="COMPLETED", cut_by="duration", usage=36_054_000,
              cost="13.70052", modified_ms=NOON_MS + 90_500, modified_by="anna")  # fmt: skip
KEPT: tuple[Output, ...] = (
    interval(0, 50), GAP, sample(interval(0, 50)), sample(GAP, discarded=True), event(1), event(2),
    DONE, record(2), period(1), adjusted(1),
)  # fmt: skip
PEOPLES = (kept_object(), token(expires_ms=NOON_MS + 5, used_ms=NOON_MS))
"""What people keep, since schema 2."""
ACCOUNTS = accounts()
"""And who may see it, since schema 5."""
STATES = {("meter", "main"): b"\x00state", ("bill", "tenant-a"): b"{}"}
FACTS = [Fact(4, "site/events", b'{"seq":4}', False), Fact(5, "site/bills", b"\x00\xff", True)]


def fill(path: Path) -> None:
    """A store with a row or two of everything."""
    store = opened(path)
    states = [saved(key, body, kind) for (kind, key), body in STATES.items()]
    store.commit_now(batch(*KEPT, *PEOPLES, *ACCOUNTS, saved=states, facts={"mqtt": FACTS}))
    store.close()


def main() -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        fill(path)
        with closing(sqlite3.connect(path)) as connection:
            lines = [*connection.iterdump()]
    lines.insert(1, f"PRAGMA application_id = {APPLICATION_ID};")
    lines.insert(2, f"PRAGMA user_version = {newest()};")
    (HERE / f"schema_{newest():04}.sql").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
