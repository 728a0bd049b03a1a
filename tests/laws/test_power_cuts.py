"""Power cuts: what was promised is there, whatever of the rest the disk has kept.

They are those of `make power-cuts`; a life that breaks a law says how to see it alone.
"""

from __future__ import annotations

import pytest
from tests.laws.campaign import CUT_SEEDS, CUTS_OF_A_LIFE, cut

pytestmark = pytest.mark.law
BLOCK = 4
"""Lives of one test: enough to be spread evenly."""


@pytest.mark.long
@pytest.mark.parametrize("first", CUT_SEEDS[::BLOCK])
def test_nothing_promised_is_lost_and_the_books_balance(first: int) -> None:
    for seed in range(first, first + BLOCK):
        world = cut(seed, CUTS_OF_A_LIFE)
        assert world.cuts >= CUTS_OF_A_LIFE


def test_all_are_cut_off() -> None:
    assert len(CUT_SEEDS) * CUTS_OF_A_LIFE == 20_000
    assert len(CUT_SEEDS) % BLOCK == 0
