"""Cells of strangers: numbers, and text that may be none."""

from __future__ import annotations

import pytest

from meterd.shapes.history.rows import NoHistoryError, amount_of, decoded, shortened


def test_an_amount_is_exact_in_base_units() -> None:
    assert amount_of(" 1.25 ", "kWh") == 4_500_000
    assert amount_of("1e-3", "Wh") == 4
    assert amount_of("-1", "kWh") == -3_600_000


@pytest.mark.parametrize("text", ["", "NaN", "1,5", "1.2.3", "0x10", "9" * 41, "1e999", "∞"])
def test_what_is_no_number_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        amount_of(text, "kWh")


def test_a_long_cell_is_not_repeated_whole() -> None:
    assert len(shortened("x" * 1000)) < 60


def test_text_is_utf_8_with_or_without_a_mark() -> None:
    assert decoded(b"\xef\xbb\xbfstart") == "start"
    with pytest.raises(NoHistoryError, match="line 3 is no UTF-8"):
        decoded(b"a\nb\n\xff\xfe")
