"""Cells that a spreadsheet would run are quoted; numbers are left alone."""

from __future__ import annotations

import pytest

from meterd.shapes.spreadsheet import guarded


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("-x", "'-x"), ("-1.5", "-1.5"),
        ("+3", "+3"), ("plain", "plain"), (None, None), (3, 3), ("", ""),
    ],
)  # fmt: skip
def test_a_formula_becomes_text(cell: object, shown: object) -> None:
    assert guarded(cell) == shown
