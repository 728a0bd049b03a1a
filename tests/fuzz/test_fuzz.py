"""Whatever a stranger sends is taken or refused in words, and holds nobody up: a few of each.

`make fuzz` tries very many more.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fuzz import http
from tests.fuzz.harness import Target, run
from tests.fuzz.targets import TARGETS

SEED = 1
REQUESTS = 700


@pytest.mark.parametrize("target", TARGETS, ids=[target.name for target in TARGETS])
def test_bytes_of_a_stranger_are_taken_or_refused(target: Target) -> None:
    assert run(target, range(target.cases), SEED) == []


def test_a_fault_and_a_hang_are_findings() -> None:
    def weak(data: bytes) -> None:
        if len(data) % 3 == 1:
            raise KeyError(data)

    found = run(Target("weak", [b"abc"], weak), range(100), SEED)
    assert found
    assert {one.trouble.split(":")[0] for one in found} == {"KeyError"}
    assert run(Target("weak", [b"abc"], weak, (KeyError,)), range(100), SEED) == []


async def test_requests_of_a_stranger_are_answered_and_never_a_fault_of_ours(
    tmp_path: Path,
) -> None:
    assert await http.run(tmp_path, range(REQUESTS), SEED) == []
