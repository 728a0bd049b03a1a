"""QR codes as shapes to draw."""

from __future__ import annotations

from meterd.shapes.statement.mark import mark, runs


def test_a_code_has_its_three_finders() -> None:
    rows = mark("meterd tenant 2026-01 sha256:" + "a" * 64)
    size = len(rows)
    assert {len(row) for row in rows} == {size}
    finder = (True,) * 7
    assert rows[0][:7] == rows[0][-7:] == rows[-1][:7] == finder


def test_runs_cover_exactly_what_is_dark() -> None:
    rows = ((True, True, False, True), (False, False, False, False), (False, True, True, True))
    assert runs(rows) == [(0, 0, 2), (3, 0, 1), (1, 2, 3)]
