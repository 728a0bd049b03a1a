"""How lists are printed: nothing is cut, and nothing becomes a formula."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from meterd.cli.printing import SAMPLE_ROWS, as_csv, as_json, as_table, json_list


def test_a_table_is_as_wide_as_it_needs_and_says_what_is_not_known(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows: list[dict[str, Any]] = [
        {"name": "a", "value": None, "more": {"x": 1, "y": None}},
        {"name": "longer", "value": 1.5, "more": [1, 2, 3]},
    ]
    as_table(rows, ("name", "value", "more", "missing"))
    assert capsys.readouterr().out.splitlines() == [
        "name    value  more     missing",
        "a       -      x=1 y=-  -",
        "longer  1.5    3        -",
    ]


def test_a_long_table_is_printed_whole(capsys: pytest.CaptureFixture[str]) -> None:
    as_table(({"n": n, "wide": "w" * n} for n in range(SAMPLE_ROWS + 10)), ("n", "wide"))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == SAMPLE_ROWS + 11
    assert lines[-1].split() == [str(SAMPLE_ROWS + 9), "w" * (SAMPLE_ROWS + 9)]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+49 30", "'+49 30"),
        ("-x", "'-x"),
        ("\tx", "'\tx"),
        ("-1.5", "-1.5"),
        ("+7", "+7"),
        (-1.5, "-1.5"),
        ("plain, quoted", "plain, quoted"),
        (None, ""),
    ],
)
def test_a_cell_of_csv_is_never_a_formula(
    capsys: pytest.CaptureFixture[str], cell: object, shown: str
) -> None:
    as_csv([{"a": cell, "b": "end"}], ("a", "b"))
    text = capsys.readouterr().out
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["a", "b"], [shown, "end"]]
    assert text.endswith("\r\n")


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_json_list_is_one_row_a_line(capsys: pytest.CaptureFixture[str], count: int) -> None:
    rows = [{"n": n} for n in range(count)]
    json_list(iter(rows))
    text = capsys.readouterr().out
    assert json.loads(text) == rows
    assert len(text.splitlines()) == count + 2


def test_one_json_value_is_indented(capsys: pytest.CaptureFixture[str]) -> None:
    as_json({"a": [1]})
    assert capsys.readouterr().out == '{\n  "a": [\n    1\n  ]\n}\n'
