"""Whatever a stranger sends is taken or refused in words, and holds nobody up: a few of each.

`make fuzz` tries very many more.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fuzz.budgets import ROWS, everyone, shares
from tests.fuzz.harness import Place, Target, run, run_at

SEED = 1
EVERYONE = everyone()
TARGETS = [one for one in EVERYONE if isinstance(one, Target)]
PLACES = [one for one in EVERYONE if isinstance(one, Place)]


@pytest.mark.parametrize("target", TARGETS, ids=[target.name for target in TARGETS])
def test_bytes_of_a_stranger_are_taken_or_refused(target: Target) -> None:
    assert run(target, range(target.cases), SEED).found == []


@pytest.mark.parametrize("place", PLACES, ids=[place.name for place in PLACES])
async def test_requests_of_a_stranger_are_answered_and_never_a_fault_of_ours(
    place: Place, tmp_path: Path
) -> None:
    assert (await run_at(place, range(place.cases), SEED, tmp_path)).found == []


def test_a_fault_and_a_hang_are_findings() -> None:
    def weak(data: bytes) -> None:
        if len(data) % 3 == 1:
            raise KeyError(data)

    target = Target("weak", "YAML", [b"abc"], weak)
    found = run(target, range(100), SEED).found
    assert found
    assert {one.trouble.split(":")[0] for one in found} == {"KeyError"}
    assert run(target._replace(refusals=(KeyError,)), range(100), SEED).found == []
    slow = run(target._replace(work=bytes, long_s=0.0), range(1), SEED)
    assert [one.trouble.rpartition(" took ")[2][-10:] for one in slow.found] == [" ms of CPU"]
    assert slow.slowest_s > 0


def test_every_row_has_its_budget_and_somebody_who_is_tried_for_it() -> None:
    assert {one.row for one in EVERYONE} == ROWS.keys()
    for nightly in (False, True):
        cases = shares(EVERYONE, nightly=nightly)
        for row, budget in ROWS.items():
            tried = sum(cases[one.name] for one in EVERYONE if one.row == row)
            whole = budget.nightly if nightly else budget.ci
            assert abs(tried - whole) <= len(EVERYONE)


def test_names_are_told_apart() -> None:
    assert len({one.name for one in EVERYONE}) == len(EVERYONE)
