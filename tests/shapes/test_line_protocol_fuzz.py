"""Hostile lines: each is a reading's row or an error of its own."""

from __future__ import annotations

from contextlib import suppress

import pytest
from tests.damage import many
from tests.shapes.test_messages import NOON, SPECS
from tests.web.test_readings_fuzz import IN_LINES, LINES

from meterd.events import Reading
from meterd.shapes.entries import EntryError, reading
from meterd.shapes.line_protocol import PRECISIONS, rows

CASES = 1_500


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_text_is_rows(precision: str) -> None:
    whole = 0
    for data in many(5, CASES, LINES, IN_LINES):
        text = data.decode("utf-8", "replace")
        found = rows(text, precision)
        assert len(found) <= text.count("\n") + 1
        for row in found:
            if isinstance(row.item, EntryError):
                assert row.item.trouble
                continue
            whole += 1
            with suppress(EntryError):
                assert isinstance(reading(SPECS["plug"], row.item, NOON, ""), Reading)
    assert whole > CASES // 100
