"""A line that is never idle is used to 95 % of its characters and silences, on any host.

The clock moves only when everybody waits, so that this is what the reader's own rules cost.
"""

from __future__ import annotations

import asyncio

import pytest
from bench.peers.still import StillLoop
from bench.rtu_line import GOAL, LINES, by_its_rules


@pytest.mark.parametrize(("baud", "points"), LINES)
def test_the_reader_waits_for_nothing_but_the_line(baud: int, points: int) -> None:
    with asyncio.Runner(loop_factory=StillLoop) as runner:
        assert GOAL <= runner.run(by_its_rules(baud, points)) <= 1
