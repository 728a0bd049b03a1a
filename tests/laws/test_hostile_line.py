"""What is booked against what was truly used, on a line that lies.

Meters are polled every five minutes; one poll in a hundred reads zero, one anything the dial
can show, one nothing. Nothing is reset, so all that was used should be booked. Over a year:

- where the dial is far longer than what can be used between two polls (a thousand times, or
  no end at all), to within 0.01 %, on the low side;
- where it is a hundred times as long, to within 0.05 %: a lie that hides a rollover cannot
  be told from a reset, and is a loss that is told.

At no time has more been booked than was used, but for one lie inside the plausible band,
which the next readings pay back. METERD_LAWS=long lives the years, else a month stands for
each; in a month one loss weighs more, so three times as much is allowed.
"""

from __future__ import annotations

import os
from random import Random
from typing import Final, NamedTuple

import pytest

from meterd.metering.counter import Counter
from meterd.metering.journal import Journal
from meterd.metering.register import Mark, RegisterState
from meterd.specs import RegisterSpec

pytestmark = pytest.mark.law
KWH: Final = 3_600_000
COUNT: Final = KWH // 100
POLL_MS: Final = 300_000
CEILING_KW: Final = 100
YEARS: Final = os.environ.get("METERD_LAWS") == "long"
DAYS: Final = 365 if YEARS else 30
LONG_DIAL: Final = 0.0001 if YEARS else 0.0003
SHORT_DIAL: Final = 0.0005 if YEARS else 0.0015
BAND: Final = CEILING_KW * KWH // 12 * 3
"""One lie is accepted only below the ceiling over the time since the baseline: with what is
not read between, hardly ever more than three polls."""


class Line(NamedTuple):
    """A meter and its mean load. wrap: counts at which its dial starts again."""

    seed: int
    load_kw: int
    wrap: int | None


class Outcome(NamedTuple):
    """Joules. error: booked above the truth at the end. highest: ever."""

    used: int
    error: int
    highest: int


def lived(line: Line) -> Outcome:
    """So many days of one meter."""
    chance = Random(line.seed)
    modulus = None if line.wrap is None else line.wrap * COUNT
    spec = RegisterSpec(
        "energy_import", count=COUNT, modulus=modulus, per_hour=CEILING_KW * KWH
    )  # fmt: skip
    counter, journal = Counter("m", spec, RegisterState()), Journal(str)
    at_ms, true_j = 1_800_000_000_000, 700_000 * COUNT
    counter.observe(Mark(true_j % (modulus or 2**62), at_ms), journal)
    first_j, highest = true_j, 0
    for _ in range(DAYS * 86_400_000 // POLL_MS):
        at_ms += POLL_MS
        true_j += int(line.load_kw * (0.5 + chance.random()) * KWH) // 12
        shown = true_j // COUNT * COUNT % (modulus or 2**62)
        fate = chance.random()
        if fate < 0.01:
            counter.complain("read_failed", Mark(0, at_ms), journal)
            continue
        if fate < 0.02:
            shown = 0
        elif fate < 0.03:
            shown = chance.randrange(line.wrap or 2**32) * COUNT
        counter.observe(Mark(shown, at_ms), journal)
        journal.take()
        highest = max(highest, counter.state.booked - (true_j - first_j))
    counter.observe(Mark(shown, at_ms + 1), journal)
    return Outcome(true_j - first_j, counter.state.booked - (true_j - first_j), highest)


LONG = [Line(seed, load, wrap) for seed in (1, 2, 3) for load in (5, 60) for wrap in (None, 10**6)]
SHORT = [Line(seed, load, 10**5) for seed in (4, 5, 6) for load in (5, 60)]


@pytest.mark.parametrize("line", LONG, ids=str)
def test_on_a_long_dial_next_to_nothing_is_lost(line: Line) -> None:
    outcome = lived(line)
    assert -outcome.used * LONG_DIAL - COUNT <= outcome.error <= 0
    assert outcome.highest <= BAND


@pytest.mark.parametrize("line", SHORT, ids=str)
def test_on_a_short_dial_little_is_lost(line: Line) -> None:
    outcome = lived(line)
    assert -outcome.used * SHORT_DIAL - COUNT <= outcome.error <= 0
    assert outcome.highest <= BAND
