"""Replay of a year of five-minute readings of twenty meters into SQLite.

    python bench/replay.py [--days 365] [--meters 20]

Every reading has a counter and a power. The peer is the same file merely parsed with the
csv module, in the same run: the ratio of the two CPU times is the figure. Both run as whole
processes, so start-up counts.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

PARSE = "import csv, sys\nfor row in csv.reader(open(sys.argv[1], newline='')): pass"


def write_site(folder: Path, meters: int) -> Path:
    path = folder / "site.yaml"
    lines = ["site: {name: bench, timezone: Europe/Berlin}", "meters:"]
    points = '{energy_import: {unit: kWh, resolution: "0.01"}, active_power: {unit: kW}}'
    lines += [f"  - {{name: m{index}, points: {points}}}" for index in range(meters)]
    path.write_text("\n".join(lines) + "\n")
    return path


def write_readings(folder: Path, meters: int, days: int) -> tuple[Path, int]:
    path = folder / "readings.csv"
    start = datetime(2025, 1, 1, tzinfo=UTC)
    steps = days * 288
    with path.open("w") as file:
        file.write("time,meter,energy_import,active_power\n")
        for step in range(steps):
            moment = (start + timedelta(minutes=5 * step)).strftime("%Y-%m-%dT%H:%M:%SZ")
            for index in range(meters):
                kwh = 1000 + index + step * (1 + index % 7) / 12
                file.write(f"{moment},m{index},{kwh:.2f},{1 + index % 7:.3f}\n")
    return path, steps * meters


def timed(words: Sequence[str]) -> tuple[float, float, float]:
    """(CPU seconds, wall seconds, peak RSS in MB) of one process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, wall, after.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--meters", type=int, default=20)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="meterd-bench-") as name:
        folder = Path(name)
        site = write_site(folder, args.meters)
        path, count = write_readings(folder, args.meters, args.days)
        parse, _wall, _rss = timed([sys.executable, "-c", PARSE, str(path)])
        store = folder / "bench.db"
        meterd = Path(sys.executable).with_name("meterd")
        words = ["replay", "-c", str(site), "--readings", str(path)]
        cpu, wall, rss = timed([str(meterd), *words, "--store", f"sqlite://{store}"])
        size = store.stat().st_size / count
    print(f"{count:,} readings: {cpu:.1f} s CPU, {wall:.1f} s wall, {count / cpu:,.0f} readings/s")
    print(f"csv module alone: {parse:.2f} s CPU; ratio {cpu / parse:.1f} x")
    print(f"peak RSS {rss:.0f} MB; {size:.1f} bytes of store per reading")


if __name__ == "__main__":
    main()
