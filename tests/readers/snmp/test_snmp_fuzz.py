"""Hostile datagrams: none kills, hangs or is believed (failures, 4.6); see `fuzz.py`."""

from __future__ import annotations

import random

import pytest
from tests.readers.snmp.fuzz import mutants, outcome, targets
from tests.readers.snmp.park import SILENCE_MS, objects, park

from meterd.sim.snmp_agent import Fault

CASES = 1_500
TARGETS = targets()


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("seed", range(2))
def test_d13_no_datagram_kills_or_hangs_us(name: str, seed: int) -> None:
    target = TARGETS[name]
    assert outcome(target, target.good) in {"taken", "ForeignError"}
    for data in mutants(target.good, seed, CASES):
        outcome(target, data)


@pytest.mark.parametrize("seed", range(2))
async def test_a_hostile_agent_gives_nothing_or_the_truth(seed: int) -> None:
    chance, good = random.Random(seed), TARGETS["version 2c"].good
    faults = [
        Fault(raw=data) for data in mutants(good, seed, 40)
    ] + [
        Fault(before=good, twice=True), Fault(partial=2, reorder=True), Fault(request_id=-1),
        Fault(error=5, index=2), Fault(error=1), Fault(null=True), Fault(silent=True),
        Fault(type=0xA8),
    ]  # fmt: skip
    truth = {f"own_{n}": 100.0 + n for n in range(1, 5)}
    async with park(objects(), timeout_ms=SILENCE_MS // 3) as site:
        site.agent.misbehave = lambda _: chance.choice(faults) if chance.random() < 0.5 else None
        for _ in range(40):
            values = await site.read()
            assert isinstance(values, str) or values.items() <= truth.items()
        site.agent.misbehave = None
        await site.read()
        site.clock.now += 120_000
        assert await site.read() == truth
