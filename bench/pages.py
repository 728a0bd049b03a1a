"""How heavy and how slow are the pages, against what was promised?

    python bench/pages.py [meters]

The first page with its style sheet and script, compressed, against FIRST_PAGE_B; and a year
of five-minute intervals of one meter as a page, read, drawn and written, against YEAR_MS of a
processor (other programs may want it too; the clock's time is printed beside). The store
holds the year beside a month of the other meters' rows, so that no page is had for free.
"""

from __future__ import annotations

import gzip
import statistics
import sys
import tempfile
import time
from pathlib import Path

from meterd.events import Interval
from meterd.metering.calendar import Calendar
from meterd.specs import ChainMeter, MeterSpec, RegisterSpec, SiteSpec
from meterd.stores import Batch
from meterd.stores.queries import Reader
from meterd.stores.sqlite import SqliteStore
from meterd.views import MeterView, SiteView
from meterd.web.pages.meter import meter
from meterd.web.pages.overview import overview
from meterd.web.pages.sheet import Seen, written
from meterd.web.static import TYPES, content

FIRST_PAGE_B = 100_000
YEAR_MS = 300
STEP_MS = 300_000
DAY_MS = 86_400_000
BEGIN_MS = 1_767_222_000_000  # 2026-01-01 in Berlin
NOW_MS = BEGIN_MS + 365 * DAY_MS - STEP_MS
RUNS = 9


def fill(path: Path, names: list[str]) -> None:
    """A year of the first meter, and the last month of the others."""
    store = SqliteStore.open(path, now_ms=BEGIN_MS, new_epoch="bench")
    for name in names:
        first_ms = BEGIN_MS if name == names[0] else NOW_MS - 30 * DAY_MS
        starts = range(first_ms, NOW_MS, STEP_MS)
        rows = [
            Interval(name, "energy_import", "measured", "", at, at + STEP_MS, 900_000 + at % 7_919)
            for at in starts
        ]
        store.commit_now(Batch(outputs=rows, now_ms=NOW_MS))
    store.close()


def seen(names: list[str], **asked: str) -> Seen:
    """A site of these meters; the first feeds the others."""
    view = {"currentKw": 12.5, "kwhToday": 300.0, "loadPercent": 41.0}
    return Seen(
        site=SiteSpec(
            "bench", "Europe/Berlin",
            meters=tuple(MeterSpec(n, registers=(RegisterSpec("energy_import"),)) for n in names),
            chain=tuple(ChainMeter(n, parent=None if n == names[0] else names[0]) for n in names),
        ),
        calendar=Calendar("Europe/Berlin"),
        now_ms=NOW_MS,
        meters={n: MeterView(n, True, NOW_MS, "good", view, {}, {}, {}) for n in names},
        bills={}, whole=SiteView(), lines=(), trouble=None, path="/", name=names[0], asked=asked,
    )  # fmt: skip


def main(count: int) -> None:
    """Print the figures."""
    names = [f"meter-{n}" for n in range(count)]
    with tempfile.TemporaryDirectory(dir=".") as folder:
        path = Path(folder) / "store.db"
        fill(path, names)
        with Reader.open(path) as reader:
            given = seen(names)
            first = [written(overview(given, reader), given), *map(content, TYPES)]
            size = sum(len(gzip.compress(part, 6)) for part in first)
            year = seen(names, range="year")
            took_ms: list[float] = []
            wall_ms: list[float] = []
            for _ in range(RUNS):
                begun = time.perf_counter(), time.thread_time()
                page = written(meter(year, reader), year)
                took_ms.append((time.thread_time() - begun[1]) * 1000)
                wall_ms.append((time.perf_counter() - begun[0]) * 1000)
    print(f"first page, style and script: {size:,} B compressed")
    print(f"first page / {FIRST_PAGE_B:,} B = {size / FIRST_PAGE_B:.2f}")
    middle = statistics.median(took_ms)
    wall = statistics.median(wall_ms)
    print(f"a year of one meter among {count}: {middle:.0f} ms of CPU, {wall:.0f} ms of the clock")
    print(f"its page: {len(page):,} B, {len(gzip.compress(page, 6)):,} B compressed")
    print(f"a year / {YEAR_MS} ms = {middle / YEAR_MS:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
