"""The statement in a terminal."""

from __future__ import annotations

from tests.shapes.statement.case import facts, provisional

from meterd.shapes.statement.layout import layout
from meterd.shapes.statement.statement import statement
from meterd.shapes.statement.text import WIDTH, text


def test_numbers_stand_under_each_other_and_sentences_are_wrapped() -> None:
    lines = text(layout(statement(facts()))).splitlines()
    assert lines[:3] == ["Statement of tenant", "2026-01-01 to 2026-01-31", "=" * 24]
    total = next(line for line in lines if line.startswith("Total"))
    charge = next(line for line in lines if line.startswith("<script>"))
    assert total.rindex("34.60") == charge.rindex("34.60")
    assert "SHA-256" in text(layout(statement(facts())))
    assert all(len(line) <= WIDTH for line in lines if line.startswith("  "))


def test_a_period_that_runs_is_told_in_capitals() -> None:
    page = text(layout(statement(provisional())))
    assert "*" * WIDTH in page
    assert "PROVISIONAL: THIS PERIOD IS OPEN" in page
