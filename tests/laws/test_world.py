"""Lives of a small world under random faults, each judged by every law.

Conservation, nothing billed twice, bills and records and counters agree, nothing told before
it is kept, exported counters never fall, first deliveries in order, closed periods never
change, every shortfall declared, and all well again once it is quiet. The long campaign is
`make laws`.
"""

from __future__ import annotations

import pytest
from tests.laws.campaign import faults_of, live
from tests.laws.world import FAULTS

pytestmark = pytest.mark.law
DAYS = 7
LIVES = 20


@pytest.mark.parametrize("seed", range(LIVES))
def test_every_law_holds_in_every_life(seed: int) -> None:
    world = live(seed, DAYS)
    assert world.rounds


def test_the_same_seed_gives_the_same_life() -> None:
    one, other = live(3, DAYS), live(3, DAYS)
    assert one.ledger.facts == other.ledger.facts
    assert one.ledger.states == other.ledger.states


def test_every_fault_befalls_some_life_and_spares_another() -> None:
    subsets = [faults_of(seed) for seed in range(LIVES)]
    assert frozenset.union(*subsets) == frozenset(FAULTS)
    assert not frozenset.intersection(*subsets)
