"""One target, many cases, each named by a seed and a number so that it can be seen again.

A case passes if the target takes it or refuses it in the words it is meant to use. What else
comes out of it, or takes long, is a finding.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from random import Random
from typing import Final, NamedTuple

from tests.fuzz.mutation import mutated

LONG_S: Final = 1.0
"""Of CPU, for one case: whoever sends it must not be able to hold everybody up."""
FINDINGS_MAX: Final = 5


class Target(NamedTuple):
    """Whom bytes of a stranger reach. refusals: how it may say no."""

    name: str
    corpus: Sequence[bytes]
    work: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...] = ()
    cases: int = 1_000


class Finding(NamedTuple):
    """What should not have come of a case."""

    target: str
    seed: int
    number: int
    data: bytes
    trouble: str


def case(corpus: Sequence[bytes], seed: int, number: int) -> bytes:
    """The bytes of a case; the first ones are the corpus itself."""
    if number < len(corpus):
        return corpus[number]
    return mutated(corpus, Random(f"{seed} {number}"))


def run(target: Target, numbers: range, seed: int) -> list[Finding]:
    """Try these cases; the first few findings."""
    found: list[Finding] = []
    for number in numbers:
        data = case(target.corpus, seed, number)
        trouble = _tried(target, data)
        if trouble:
            found.append(Finding(target.name, seed, number, data, trouble))
        if len(found) >= FINDINGS_MAX:
            break
    return found


def _tried(target: Target, data: bytes) -> str:
    """What was wrong, or nothing."""
    began = time.process_time()
    try:
        target.work(data)
    except target.refusals:
        pass
    except Exception as error:  # noqa: BLE001 - whatever gets out is what is looked for
        return f"{type(error).__name__}: {error}"
    took = time.process_time() - began
    return f"took {took:.1f} s of CPU" if took > LONG_S else ""
