"""Very many cases of every target: `make fuzz CASES=20000 SEED=1`.

A finding is printed with its seed and number; the exit code is 1 if there was one.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import structlog
from tests.fuzz import http
from tests.fuzz.harness import Finding, run
from tests.fuzz.targets import TARGETS

ORDER = [http.NAME, *(target.name for target in TARGETS)]


def tried(name: str, cases: int, seed: int) -> tuple[str, float, int, list[Finding]]:
    """A target in a process of its own: seconds of CPU, KiB its memory grew by, findings."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    numbers = range(cases)
    found = _some(name, range(min(cases, 500)), seed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    found = found or _some(name, numbers, seed)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return name, time.process_time() - began, grown, found


def _some(name: str, numbers: range, seed: int) -> list[Finding]:
    if name == http.NAME:
        with tempfile.TemporaryDirectory() as folder:
            return asyncio.run(http.run(Path(folder), numbers, seed))
    (target,) = [one for one in TARGETS if one.name == name]
    return run(target, numbers, seed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    bad = 0
    with ProcessPoolExecutor(os.cpu_count(), max_tasks_per_child=1) as pool:
        for future in [pool.submit(tried, name, args.cases, args.seed) for name in ORDER]:
            name, cpu_s, grown, found = future.result()
            pace = args.cases / max(cpu_s, 0.001)
            print(f"{name}: {args.cases:,} cases, {pace:,.0f} a second, {grown:,} KiB more")
            for one in found:
                bad += 1
                print(
                    f"  case {one.number} of seed {one.seed}: {one.trouble}\n    {one.data[:200]!r}"
                )
            sys.stdout.flush()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
