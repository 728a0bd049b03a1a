"""docs/reliability.md answers for every failure of the catalogue, with tests that exist."""

from __future__ import annotations

import re
from typing import Final

from tests.house.tree import ROOT

PAGE: Final = (ROOT / "docs" / "reliability.md").read_text("utf-8")
ROWS: Final = re.findall(r"^\| ([A-J]\d+) \| .+? \| (.+) \|$", PAGE, re.MULTILINE)
CATALOGUE: Final = {
    "A": 27, "B": 11, "C": 20, "D": 14, "E": 7, "F": 6, "G": 13, "H": 12, "I": 10, "J": 20,
}  # fmt: skip


def test_every_failure_is_answered_for_once_and_in_order() -> None:
    expected = [f"{room}{n + 1}" for room, count in CATALOGUE.items() for n in range(count)]
    assert [number for number, _ in ROWS] == expected


def test_an_answer_names_tests_that_exist_or_says_why_there_is_none() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    there = {name for text in sources for name in re.findall(r"def (test_\w+)", text)}
    named = {number: re.findall(r"`(test_\w+)`", answer) for number, answer in ROWS}
    assert {name for names in named.values() for name in names} <= there
    bare = [number for number, answer in ROWS if not named[number] and len(answer) < 20]
    assert bare == []


def test_every_control_names_tests_that_exist() -> None:
    page = (ROOT / "SECURITY.md").read_text("utf-8")
    sources = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    there = {name for text in sources for name in re.findall(r"def (test_\w+)", text)}
    named = set(re.findall(r"`(test_\w+)`", page))
    assert len(named) > 40
    assert named <= there
