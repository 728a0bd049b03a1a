"""The budgets of the house: files, functions, parameters, lines."""

from __future__ import annotations

import pytest
from tests.house import budgets

SAMPLE = '''
class Dial:
    def turn(self, by, *, at_ms, **rest):
        """Says what it does.

        At length.
        """
        def inner(a):
            return a
        return inner(by)
'''


def test_a_function_is_measured_without_its_docstring_and_self() -> None:
    sizes = budgets.measure("src/dial.py", SAMPLE)
    assert sizes == {
        "file": {"src/dial.py": 10},
        "function": {"src/dial.py::Dial.turn": 4, "src/dial.py::Dial.turn.inner": 2},
        "parameters": {"src/dial.py::Dial.turn": 3, "src/dial.py::Dial.turn.inner": 1},
    }


def test_the_table_is_tightened_and_never_widened() -> None:
    table = {"file": {"shrunk": 300, "grown": 260, "mended": 270}}
    now = {"file": {"shrunk": 280, "grown": 290, "new": 399}}
    assert budgets.tightened(table, now) == {"file": {"shrunk": 280, "grown": 260}}


@pytest.mark.parametrize("kind", budgets.BUDGETS)
def test_nothing_is_over_its_hard_budget(kind: str) -> None:
    assert budgets.over(budgets.measured(), "hard")[kind] == {}


@pytest.mark.parametrize("kind", budgets.BUDGETS)
def test_what_is_over_a_soft_budget_is_named_in_the_table(kind: str) -> None:
    excess, allowed = budgets.over(budgets.measured(), "soft")[kind], budgets.allowed()[kind]
    grown = {name: size for name, size in excess.items() if size > allowed.get(name, 0)}
    assert grown == {}, f"over the soft budget of {budgets.BUDGETS[kind].soft}: make it smaller"


@pytest.mark.parametrize("kind", budgets.BUDGETS)
def test_the_table_allows_no_more_than_is_needed(kind: str) -> None:
    excess, allowed = budgets.over(budgets.measured(), "soft")[kind], budgets.allowed()[kind]
    slack = {name: size for name, size in allowed.items() if size > excess.get(name, 0)}
    assert slack == {}, "run `make budgets-tighten`"


def test_no_line_is_longer_than_a_screen() -> None:
    long = [
        f"{path.relative_to(budgets.ROOT)}:{number}"
        for path in budgets.sources()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if len(line) > budgets.LINE_MAX
    ]
    assert long == []
