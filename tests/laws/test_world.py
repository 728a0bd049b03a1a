"""Lives of a small world under random faults, each judged by every law.

Conservation, nothing billed twice, bills and records and counters agree, nothing told before
it is kept, exported counters never fall, first deliveries in order, closed periods never
change, every shortfall declared, and all well again once it is quiet. They are those of
`make laws`; one that breaks a law says how to see it.
"""

from __future__ import annotations

import pytest
from tests.laws.campaign import DAYS, SEEDS, faults_of, live
from tests.laws.works import NAMES
from tests.laws.world import FAULTS

pytestmark = pytest.mark.law
BLOCK = 4
"""Lives of one test: enough to be spread evenly."""


@pytest.mark.long
@pytest.mark.parametrize("first", SEEDS[::BLOCK])
def test_every_law_holds_in_every_life(first: int) -> None:
    for seed in range(first, first + BLOCK):
        world = live(seed, DAYS)
        assert world.rounds


def test_no_seed_is_left_out() -> None:
    assert len(SEEDS) == 200
    assert DAYS == 30
    assert len(NAMES) == 8
    assert len(SEEDS) % BLOCK == 0


def test_the_same_seed_gives_the_same_life() -> None:
    one, other = live(3, 7), live(3, 7)
    assert one.ledger.facts == other.ledger.facts
    assert one.ledger.states == other.ledger.states
    assert one.ledger.events == other.ledger.events


def test_every_fault_befalls_some_life_and_spares_another() -> None:
    subsets = [faults_of(seed) for seed in SEEDS]
    assert frozenset.union(*subsets) == frozenset(FAULTS)
    assert not frozenset.intersection(*subsets)


def test_a_life_that_breaks_says_how_to_see_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.laws.world.World.judge", lambda _world: 1 // 0)
    with pytest.raises(ZeroDivisionError) as broken:
        live(7, 0.1)
    assert broken.value.__notes__ == ["to see it again: make laws SEED=7 SEEDS=1 DAYS=0.1"]
