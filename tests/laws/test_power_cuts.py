"""Power cuts: what was promised is there, whatever of the rest the disk has kept.

The long campaign is `make power-cuts`.
"""

from __future__ import annotations

import pytest
from tests.laws.campaign import CUTS_OF_A_LIFE, cut

pytestmark = pytest.mark.law


@pytest.mark.parametrize("seed", range(6))
def test_nothing_promised_is_lost_and_the_books_balance(seed: int) -> None:
    world = cut(seed, CUTS_OF_A_LIFE)
    assert world.cuts >= CUTS_OF_A_LIFE
