"""Mutation testing of the modules that make money: is every small wrong seen by some test?

    make mutants                             make mutants MODULES=src/meterd/billing/money.py

The tests are collected once. Then, in a fork of that process for each mutant, one function's
code is exchanged for the wrong one, and only the tests that call this function are run, the
quick ones first, until one fails. What survives is listed; the last line is the score.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any, Final, NamedTuple

import pytest
from tests.laws.exchange import exchange
from tests.laws.mutation import Point, points
from tests.laws.results import Result, keep

MODULES: Final = (
    "billing/money", "billing/pricing", "billing/period", "billing/closing", "billing/figures",
    "billing/tariffs/*", "metering/counter", "metering/questions", "metering/register",
    "metering/dial",
)  # fmt: skip
TESTS: Final = (
    "tests/billing", "tests/metering", "tests/test_tariff.py", "tests/test_tariff_cases.py",
    "tests/test_cases.py", "tests/test_cases_of_the_reference.py", "tests/test_pipeline.py",
    "tests/laws/test_bills_add_up.py", "tests/laws/test_books_of_a_register.py",
    "tests/laws/test_conservation.py", "tests/laws/test_intervals_of_a_meter.py",
)  # fmt: skip
SLOW: Final = 3
"""A mutant that makes the tests so many times slower never ends (in seconds of the processor)."""
LEAST_S: Final = 5
Calls = dict[tuple[str, int], list[int]]


class Tested(NamedTuple):
    """What the tests do when nothing is wrong.

    calls: (file, first line of a function) -> the tests that call it, quick ones first.
    seconds: how long each test takes.
    """

    calls: Calls
    seconds: list[float]


class Mutants:
    """A plugin of pytest that runs the collected tests over and over.

    most: how many mutants, chosen by chance, 0 for all; out: where the results are written.
    """

    def __init__(self, paths: Sequence[Path], most: int, seed: int) -> None:
        self.survivors: list[str] = []
        self.tried = self.untested = 0
        self._paths = paths
        self._most = most
        self._chance = Random(seed)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of running them once."""
        session.config.pluginmanager.unregister(name="terminalreporter")  # it has much to say
        heard = in_a_fork(lambda: _listen(session, {str(path) for path in self._paths}))
        tested = Tested(_calls(heard["calls"], heard["seconds"]), heard["seconds"])
        for name in heard["failing"]:
            print(f"fails as it is, and is not asked: {name}")
        chosen = [(path, point) for path in self._paths for point in points(path.read_text())]
        if self._most and len(chosen) > self._most:
            chosen = sorted(self._chance.sample(chosen, self._most))
        for path, point in chosen:
            self._try(session, tested, path, point)
        return True

    def _try(self, session: pytest.Session, tested: Tested, path: Path, point: Point) -> None:
        tests = tested.calls.get((str(path), point.begin), [])
        if not point.begin:  # a constant: whatever the module's functions are called by
            mine = [tests for (file, _line), tests in tested.calls.items() if file == str(path)]
            tests = sorted(set().union(*mine), key=lambda index: tested.seconds[index])
        where = f"{path.relative_to(Path.cwd())}:{point.line} {point.function}: {point.what}"
        self.tried += 1
        if not tests:
            self.untested += 1
            self._survives(f"{where} (no test calls it)")
            return
        limit_s = LEAST_S + SLOW * sum(tested.seconds[index] for index in tests)

        def killed() -> bool:
            signal.setitimer(signal.ITIMER_PROF, limit_s)
            exchange(path, point)
            return _fails(session, tests)

        if not in_a_fork(killed, default=True):
            self._survives(where)

    def _survives(self, where: str) -> None:
        self.survivors.append(where)
        print(f"survives: {where}", flush=True)


def in_a_fork(work: Callable[[], Any], default: Any = None) -> Any:
    """What work returns, done in a process of its own; `default` if that is killed."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        with os.fdopen(write, "w") as answer:
            json.dump(work(), answer)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else default


def _fails(session: pytest.Session, tests: Sequence[int]) -> bool:
    """Whether one of these tests fails."""
    return any(_run(session.items[index]) for index in tests)


def _run(item: pytest.Item) -> bool:
    """Whether a test fails."""
    failed: list[bool] = []

    class Hear:
        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            failed.append(report.failed)

    hear = Hear()
    item.config.pluginmanager.register(hear)
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
    item.config.pluginmanager.unregister(hear)
    return any(failed)


def _listen(session: pytest.Session, files: set[str]) -> dict[str, Any]:
    """Run every test once; which functions of these files it calls, and how long it takes."""
    seconds: list[float] = []
    calls: list[tuple[str, int, int]] = []
    failing: list[str] = []
    for index, item in enumerate(session.items):
        called: set[tuple[str, int]] = set()

        def hear(frame: FrameType, event: str, _arg: Any, into: Any = called) -> None:
            code = frame.f_code
            if event == "call" and code.co_filename in files:
                into.add((code.co_filename, code.co_firstlineno))

        begin = time.process_time()
        threading.setprofile(hear)
        sys.setprofile(hear)
        failed = _run(item)
        sys.setprofile(None)
        seconds.append(time.process_time() - begin)
        failing += [item.nodeid] if failed else []
        calls += [] if failed else [(*one, index) for one in sorted(called)]
    return {"seconds": seconds, "calls": calls, "failing": failing}


def _calls(found: list[tuple[str, int, int]], seconds: list[float]) -> Calls:
    calls: Calls = {}
    for file, line, index in found:
        calls.setdefault((file, line), []).append(index)
    return {key: sorted(tests, key=lambda test: seconds[test]) for key, tests in calls.items()}


def main(argv: list[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="tests.laws.mutants")
    parser.add_argument("modules", nargs="*", type=Path)
    parser.add_argument("--most", type=int, default=0, help="so many, chosen by chance")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    root = Path.cwd() / "src" / "meterd"
    found = [path for name in MODULES for path in sorted(root.glob(f"{name}.py"))]
    paths = [path.absolute() for path in given.modules] or found
    mutants = Mutants(paths, given.most, given.seed)
    began_s = time.monotonic()
    pytest.main(["-p", "no:cacheprovider", *TESTS], plugins=[mutants])
    survived, command = len(mutants.survivors), "make mutants"
    command += f" MOST={given.most}" if given.most else ""
    command += f" MODULES='{' '.join(map(str, given.modules))}'" if given.modules else ""
    score = f"{100 - 100 * survived / max(mutants.tried, 1):.1f} % are seen"
    print(f"{mutants.tried} mutants, {survived} survive, {mutants.untested} are never run; {score}")
    tried, lost = {"mutants": mutants.tried}, {"survived": survived}
    keep(Result("mutants", command, tried, lost, time.monotonic() - began_s, f"{score}."))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
