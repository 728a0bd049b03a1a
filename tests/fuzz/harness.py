"""One target, many cases, each named by a seed and a number so that it can be seen again.

A case passes if the target takes it or refuses it in the words it is meant to use. What else
comes out of it, or takes long, is a finding.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from tests.fuzz.mutation import mutated

LONG_S: Final = 1.0
"""Of CPU, for a file or a text: whoever sends it must not be able to hold everybody up."""
HANG_S: Final = 0.05
"""Of CPU, for a datagram or a message (failures, 4.6)."""
AGAIN: Final = 3
"""What seems to take long is tried again: the quickest time counts, the rest is the host's."""
FINDINGS_MAX: Final = 5

Change = Callable[[Sequence[bytes], Random], bytes]
"""Makes a case of what is sound."""
Ask = Callable[[bytes], Awaitable[str]]
"""Takes a case; what was wrong with what came of it, or nothing."""


class Target(NamedTuple):
    """Whom bytes of a stranger reach. row: of the table in failures 4.6.

    refusals: how it may say no. cases: of a run of the tests. weight: its share of its row.
    """

    name: str
    row: str
    corpus: Sequence[bytes]
    work: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...] = ()
    cases: int = 1_000
    change: Change = mutated
    long_s: float = LONG_S
    weight: float = 1.0


class Place(NamedTuple):
    """The same of what lives on an event loop: opened in a folder, and then asked."""

    name: str
    row: str
    corpus: Sequence[bytes]
    opened: Callable[[Path], AbstractAsyncContextManager[Ask]]
    cases: int = 700
    change: Change = mutated
    long_s: float = HANG_S
    weight: float = 1.0
    renewed: int = 1_000
    """After so many cases it is opened anew."""


class Finding(NamedTuple):
    """What should not have come of a case."""

    target: str
    seed: int
    number: int
    data: bytes
    trouble: str


class Tried(NamedTuple):
    """What came of some cases. slowest: the number of the case that took slowest_s of CPU."""

    found: list[Finding]
    slowest_s: float = 0.0
    slowest: int = 0


def case(target: Target | Place, seed: int, number: int) -> bytes:
    """The bytes of a case; the first ones are the corpus itself."""
    if number < len(target.corpus):
        return target.corpus[number]
    return target.change(target.corpus, Random(f"{seed} {number}"))


def run(target: Target, numbers: range, seed: int) -> Tried:
    """Try these cases; the first few findings."""
    tried = Tried([])
    for number in numbers:
        data = case(target, seed, number)
        took_s, trouble = _timed(target, data)
        for _ in range(AGAIN if took_s > target.long_s else 0):
            took_s = min(took_s, _timed(target, data)[0])
        tried = _noted(tried, target, (seed, number, data), (took_s, trouble))
        if len(tried.found) >= FINDINGS_MAX:
            break
    return tried


async def run_at(place: Place, numbers: range, seed: int, folder: Path) -> Tried:
    """The same at a place."""
    tried = Tried([])
    for start in range(numbers.start, numbers.stop, place.renewed):
        home = folder / str(start)
        home.mkdir()
        async with place.opened(home) as ask:
            for number in range(start, min(start + place.renewed, numbers.stop)):
                data = case(place, seed, number)
                took_s, trouble = await _asked(ask, data)
                for _ in range(AGAIN if took_s > place.long_s else 0):
                    took_s = min(took_s, (await _asked(ask, data))[0])
                tried = _noted(tried, place, (seed, number, data), (took_s, trouble))
                if len(tried.found) >= FINDINGS_MAX:
                    return tried
    return tried


def run_alone(target: Target | Place, numbers: range, seed: int, folder: Path) -> Tried:
    """Either of them, where no loop runs yet."""
    if isinstance(target, Target):
        return run(target, numbers, seed)
    return asyncio.run(run_at(target, numbers, seed, folder))


def _noted(
    tried: Tried, target: Target | Place, which: tuple[int, int, bytes], came: tuple[float, str]
) -> Tried:
    took_s, trouble = came
    if not trouble and took_s > target.long_s:
        trouble = f"took {1000 * took_s:.0f} ms of CPU"
    if trouble:
        tried.found.append(Finding(target.name, *which, trouble))
    if took_s > tried.slowest_s:
        return tried._replace(slowest_s=took_s, slowest=which[1])
    return tried


def _timed(target: Target, data: bytes) -> tuple[float, str]:
    """Seconds of CPU, and what was wrong, or nothing."""
    began = time.process_time()
    trouble = ""
    try:
        target.work(data)
    except target.refusals:
        pass
    except Exception as error:  # noqa: BLE001 - whatever gets out is what is looked for
        trouble = f"{type(error).__name__}: {error}"
    return time.process_time() - began, trouble


async def _asked(ask: Ask, data: bytes) -> tuple[float, str]:
    began = time.process_time()
    trouble = await ask(data)
    return time.process_time() - began, trouble
