"""The long campaigns, as commands: power cuts, lives under faults, and bugs put in on purpose.

    make power-cuts CUTS=20000      make laws SEEDS=200 DAYS=30
    make long-life YEARS=30         make seeded-bugs

A life that breaks a law says which, and how to see it again. The exit code is 1 if any did.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any, Final

import structlog
from tests.laws import loop
from tests.laws.bugs import BUGS
from tests.laws.results import Result, keep
from tests.laws.world import FAULTS, World, age, cut_often, life

SEEDS: Final = range(1, 201)
DAYS: Final = 30
CUTS_OF_A_LIFE: Final = 100
"""Then the store has grown enough, and another life begins."""
CUT_SEEDS: Final = range(1, 201)
"""The campaigns that are lived through by every build: 200 lives, and 20,000 power cuts."""
LIVES_OF_A_BUG: Final = 40
CUTS_OF_A_BUG: Final = 25
DAYS_OF_A_BUG: Final = 6
TOLD_MAX: Final = 120
FAST: Final = "/dev/shm"  # the disk is ours, so its files may lie in memory
LIVES: Final = "lives of a plant under random faults"
CUTS: Final = "power cuts, and processes cut off"
AGE: Final = "one long life"
Lived = dict[str, Any]


def faults_of(seed: int) -> frozenset[str]:
    """Which faults befall this life: a random half of them, so that none hides another."""
    chance = Random(f"swarm {seed}")
    return frozenset(fault for fault in FAULTS if chance.random() < 0.5)


def live(seed: int, days: float) -> World:
    """One life under some of the faults. Raises what it breaks, and says how to see it again."""
    return _lived((LIVES, seed, days), lambda at: life(at, seed, faults_of(seed), days))


def cut(seed: int, cuts: int) -> World:
    """One life of power cuts; the same."""
    return _lived((CUTS, seed, cuts), lambda at: cut_often(at, seed, cuts))


def grow_old(seed: int, span: tuple[int, int]) -> World:
    """One life. span: years, and seconds between two polls."""
    return _lived((AGE, seed, span), lambda at: age(at, seed, *span))


def _lived(told: tuple[str, int, Any], work: Callable[[Path], Coroutine[Any, Any, World]]) -> World:
    """A life, in a folder of its own. told: what, its seed and its size."""
    what, seed, size = told
    fast = FAST if Path(FAST).is_dir() else None
    with tempfile.TemporaryDirectory(dir=fast) as folder:
        try:
            return loop.run(work(Path(folder)))
        except Exception as error:
            error.add_note(f"to see it again: {_command(what, seed, 1, size)}")
            raise


def _tried(work: Callable[[int, Any], World], seed: int, size: Any) -> Lived:
    """What a life came to, or how it failed; runs in a process of its own."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    try:
        world = work(seed, size)
    except Exception as error:  # noqa: BLE001 - a life may fail in any way; all are told
        told = "; ".join([f"{type(error).__name__}: {error}", *error.__notes__])
        return {"seed": seed, "broken": told}
    return {
        "seed": seed,
        "broken": "",
        "rounds": world.rounds,
        "cuts": world.cuts,
        "crashes": world.crashes,
        "disk faults": world.failures,
        "commits": world.ledger.commits,
        "facts": world.ledger.numbered,
        "delivered again": world.broker.again,
        "periods closed": len(world.ledger.periods),
        "readings": world.field.readings,
    }


def run(what: str, work: Callable[[int, Any], World], seeds: range, size: Any) -> int:
    """Live them all, on every core; tell the sums, and how to see a broken one again."""
    sums: dict[str, float] = {}
    broken, began_s = 0, time.monotonic()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        futures = [pool.submit(_tried, work, seed, size) for seed in seeds]
        for future in futures:
            lived = future.result()
            if lived["broken"]:
                broken += 1
                print(f"seed {lived['seed']} breaks a law. {lived['broken']}", flush=True)
            for name, value in lived.items():
                if name not in ("seed", "broken"):
                    sums[name] = sums.get(name, 0) + value
    print(f"{len(seeds)} lives, {broken} of which broke a law")
    for name, value in sums.items():
        print(f"  {name}: {value:,}")
    command = _command(what, seeds.start, len(seeds), size)
    tried = {"lives": len(seeds)} | sums
    keep(Result(what, command, tried, {"lives": broken}, time.monotonic() - began_s))
    return 1 if broken else 0


def _command(what: str, seed: int, lives: int, size: Any) -> str:
    if what == CUTS:
        return f"make power-cuts SEED={seed} CUTS={lives * size:g}"
    if what == AGE:
        return f"make long-life SEED={seed} YEARS={size[0]} POLL={size[1]}"
    return f"make laws SEED={seed} SEEDS={lives} DAYS={size:g}"


def _lives_of_cuts(cuts: int) -> int:
    return -(-cuts // CUTS_OF_A_LIFE)


def caught(name: str) -> str:
    """The law that catches a bug, "" if none does; runs in a process of its own."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    BUGS[name]()
    for seed in range(LIVES_OF_A_BUG):
        for work, size in ((cut, CUTS_OF_A_BUG), (live, DAYS_OF_A_BUG)):
            try:
                work(seed, size)
            except Exception as error:  # noqa: BLE001 - a bug may show in any way
                return f"{type(error).__name__}: {error}"[:TOLD_MAX]
    return ""


def hunt(names: list[str]) -> Iterator[tuple[str, str]]:
    """Each bug, and the law that caught it."""
    with get_context("fork").Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        yield from zip(names, pool.imap(caught, names), strict=True)


def _hunt_all() -> int:
    missed, began_s = 0, time.monotonic()
    for name, law in hunt(list(BUGS)):
        missed += not law
        print(f"{'caught' if law else 'NOT CAUGHT'}: {name}. {law}", flush=True)
    print(f"{len(BUGS) - missed} of {len(BUGS)} caught")
    took_s = time.monotonic() - began_s
    keep(Result("seeded bugs", "make seeded-bugs", {"bugs": len(BUGS)}, {"missed": missed}, took_s))
    return 1 if missed else 0


def main(argv: list[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="tests.laws.campaign")
    parser.add_argument("what", choices=("cuts", "laws", "bugs", "age"))
    parser.add_argument("--seed", type=int, default=1, help="the first")
    parser.add_argument("--seeds", type=int, default=len(SEEDS))
    parser.add_argument("--cuts", type=int, default=len(CUT_SEEDS) * CUTS_OF_A_LIFE)
    parser.add_argument("--days", type=float, default=DAYS)
    parser.add_argument("--years", type=int, default=30)
    parser.add_argument("--poll", type=int, default=3_600, help="of a long life, seconds")
    given = parser.parse_args(argv)
    if given.what == "bugs":
        return _hunt_all()
    if given.what == "age":
        return run(AGE, grow_old, range(given.seed, given.seed + 1), (given.years, given.poll))
    if given.what == "cuts":
        seeds = range(given.seed, given.seed + _lives_of_cuts(given.cuts))
        return run(CUTS, cut, seeds, CUTS_OF_A_LIFE)
    return run(LIVES, live, range(given.seed, given.seed + given.seeds), given.days)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
