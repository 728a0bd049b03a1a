"""The budgets of CI, or of a night, against everybody whom bytes of a stranger reach.

    make fuzz                  the budgets of CI (failures, 4.6)
    make fuzz NIGHTLY=1        those of a night
    make fuzz CASES=20000      so many for each target
    make fuzz ONLY=modbus      the targets, or the rows, whose name begins so
    make fuzz SEED=7           other cases

A finding is printed with its seed and number; the exit code is 1 if there was one. What grows
by more than 1 MiB in a million cases is a finding too. A whole run adds a line to the report.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import logging
import os
import resource
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple

import structlog
from tests.fuzz.budgets import everyone, shares
from tests.fuzz.harness import Finding, Place, Target, Tried, run_alone
from tests.laws.results import Result, keep

MIB: Final = 1 << 20
M_ARENA_MAX: Final = -8
"""Of mallopt(3)."""
WARM: Final = 0.5
"""Of the cases, until every cache is full that is going to be."""
FLOOR: Final = 2 * MIB
"""A process takes memory in pieces, so less than this says nothing."""
FEW: Final = 5_000
"""So few cases fill the caches, and what grows is not looked at."""
HOSTILE: Final = "hostile input, by the budgets of CI"
NIGHT: Final = "hostile input, by the budgets of a night"


class Outcome(NamedTuple):
    """What came of a target. grown: bytes, over the cases after the warm ones."""

    name: str
    row: str
    cases: int
    cpu_s: float
    grown: int
    tried: Tried


def attempt(name: str, cases: int, seed: int) -> Outcome:
    """A target in a process of its own."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)  # or each thread keeps what it once had
    (target,) = [one for one in everyone() if one.name == name]
    gc.collect()
    gc.freeze()  # what is loaded is not looked through in the middle of a case
    warm = int(cases * WARM)
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        first = _part(target, range(warm), seed, Path(folder) / "a")
        before = _resident()
        rest = _part(target, range(warm, cases), seed, Path(folder) / "b")
        grown = _resident() - before
    tried = max(first, rest, key=lambda part: part.slowest_s)
    found = Tried(first.found + rest.found, tried.slowest_s, tried.slowest)
    if warm >= FEW and grown > FLOOR + MIB * (cases - warm) // 1_000_000:
        found.found.append(Finding(name, seed, cases, b"", f"grew by {grown / MIB:.1f} MiB"))
    return Outcome(name, target.row, cases, time.process_time() - began, grown, found)


def _part(target: Target | Place, numbers: range, seed: int, folder: Path) -> Tried:
    folder.mkdir()
    return run_alone(target, numbers, seed, folder)


def _resident() -> int:
    """Bytes that are in use, without what only lies about between them."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def told(outcome: Outcome) -> str:
    """A line of the answer."""
    tried = outcome.tried
    return (
        f"{outcome.row:8} {outcome.name:24} {outcome.cases:>11,} cases {outcome.cpu_s:>7.0f} s, "
        f"slowest {1000 * tried.slowest_s:>6.1f} ms (case {tried.slowest:,}), "
        f"{outcome.grown / MIB:+.1f} MiB, found {len(tried.found)}"
    )


def shown(one: Finding) -> str:
    """A finding, and how to see it again."""
    return f"case {one.number} of seed {one.seed}: {one.trouble}\n    {one.data[:300]!r}"


def _attempted(task: tuple[str, int, int]) -> Outcome:
    return attempt(*task)


def kept(outcomes: list[Outcome], command: str, seconds: float, nightly: bool) -> Result:
    """The line of the report."""
    rows: dict[str, float] = {}
    for one in outcomes:
        rows[one.row] = rows.get(one.row, 0) + one.cases
    slow = max(outcomes, key=lambda one: one.tried.slowest_s)
    note = (
        f"{sum(one.cpu_s for one in outcomes):.0f} s of the processor; the slowest case took "
        f"{1000 * slow.tried.slowest_s:.0f} ms ({slow.name})."
    )
    findings = {"findings": sum(len(one.tried.found) for one in outcomes)}
    return Result(NIGHT if nightly else HOSTILE, command, rows, findings, seconds, note)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, help="of each target, instead of its budget")
    parser.add_argument("--nightly", action="store_true")
    parser.add_argument("--only", default="", help="targets or rows whose name begins so")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    only = args.only.lower()
    wanted = [t for t in everyone() if f"{t.row}|{t.name}".lower().startswith(only)
              or t.name.startswith(only)]  # fmt: skip
    cases = shares(wanted, nightly=args.nightly)
    began, outcomes = time.monotonic(), list[Outcome]()
    tasks = [(t.name, args.cases or cases[t.name], args.seed) for t in wanted]
    with get_context("fork").Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        for outcome in pool.imap(_attempted, tasks, chunksize=1):
            outcomes.append(outcome)
            print(told(outcome), *map(shown, outcome.tried.found), sep="\n  ", flush=True)
    if not args.cases and not only:
        command = f"make fuzz SEED={args.seed}" + (" NIGHTLY=1" if args.nightly else "")
        keep(kept(outcomes, command, time.monotonic() - began, args.nightly))
    return 1 if any(one.tried.found for one in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
