"""Where a text may be wrong, and that a wrong is seen or survives."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from tests.laws.exchange import exchange
from tests.laws.mutants import in_a_fork
from tests.laws.mutation import mutated, points
from tests.laws.report import written
from tests.laws.results import Result, keep, machine, newest

from meterd.billing.money import total

SOURCE = '''"""A text."""
LIMIT: Final = 3


def most(numbers: list[int], *, strict: bool = False) -> int:
    """The most, at least 0."""
    assert len(numbers) < 9
    if not numbers:
        return 0
    found.append(min(numbers[0], LIMIT))
    return sum(numbers) + 1 if strict and numbers[0] >= 2 else -1
'''


def changes() -> list[str]:
    """Every change, as the first line of the text that differs."""
    told = []
    for point in points(SOURCE):
        after = ast.unparse(mutated(SOURCE, point.place)).splitlines()
        before = ast.unparse(ast.parse(SOURCE)).splitlines()
        told += [new for old, new in zip(before, after, strict=True) if old != new]
    return [line.strip() for line in told]


def test_every_kind_of_wrong_is_tried() -> None:
    found = changes()
    for wrong in (
        "LIMIT: Final = 4",
        "if not not numbers:",
        "return 1",
        "pass",
        "found.append(max(numbers[0], LIMIT))",
        "found.append(min(numbers[1], LIMIT))",
        "return sum(numbers) - 1 if strict and numbers[0] >= 2 else -1",
        "return sum(numbers) + 1 if strict or numbers[0] >= 2 else -1",
        "return sum(numbers) + 1 if strict and numbers[0] > 2 else -1",
        "return sum(numbers) + 1 if strict and numbers[0] < 2 else -1",
        "return sum(numbers) + 1 if not (strict and numbers[0] >= 2) else -1",
        "return sum(numbers) + 1 if strict and numbers[0] >= 2 else +1",
    ):
        assert wrong in found, found


def test_texts_types_and_assertions_are_let_be() -> None:
    assert not [line for line in changes() if "assert" in line or "def" in line]


@pytest.mark.process
def test_a_wrong_is_put_into_the_running_module_of_another_process_alone() -> None:
    path = Path("src/meterd/billing/money.py").absolute()
    (point,) = (one for one in points(path.read_text()) if one.function == "total")

    def sum_of_nothing() -> str:
        exchange(path, point)
        return str(total([], "EUR"))

    assert in_a_fork(sum_of_nothing) == "1.00"
    assert str(total([], "EUR")) == "0.00"


def test_the_newest_line_of_a_kind_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    keep(Result("kills", "make kills", {"kills": 9}, {"facts": 1}, 30), path)
    keep(Result("kills", "make kills", {"kills": 2_000}, {"facts": 0}, 300, "By SIGKILL."), path)
    page = written(newest(path))
    assert "| kills | kills 2,000 | facts 0 | 5 min |" in page
    assert "kills 9" not in page
    assert f"{machine()}. By SIGKILL." in page
