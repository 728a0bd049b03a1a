"""The laws are tested too: a bug that is put in is caught. All of them: `make seeded-bugs`."""

from __future__ import annotations

import pytest
from tests.laws.bugs import BUGS
from tests.laws.campaign import hunt

pytestmark = pytest.mark.law
FEW = (
    "two transactions for one", "told before it is kept", "commits not synced",
    "the first reading billed", "a sample billed twice", "not sent again",
)  # fmt: skip
"""Those that are caught soonest, of every kind."""


@pytest.mark.process
def test_a_few_of_the_bugs_are_caught() -> None:
    found = dict(hunt(list(FEW)))
    assert all(found.values()), found


def test_there_are_bugs_enough() -> None:
    assert len(BUGS) >= 25
