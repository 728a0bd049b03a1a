"""The one word that an interval's quality is told in."""

from __future__ import annotations

from typing import Any

import pytest

from meterd.events import Interval

FIVE = 300_000
WORDS: list[tuple[dict[str, Any], str]] = [
    ({}, "good"),
    ({"missing_ms": FIVE - 1}, "good"),
    ({"missing_ms": FIVE, "amount": 0}, "missing"),
    ({"gap_from_ms": 1, "gap_to_ms": FIVE}, "gap"),
    ({"gap_from_ms": 1, "gap_to_ms": FIVE, "questionable": 1}, "questionable"),
    ({"missing_ms": FIVE, "questionable": 1}, "missing"),
    ({"missing_ms": 1, "event": "loss_window"}, "questionable"),
    ({"missing_ms": FIVE, "event": "loss_window"}, "missing"),
]


@pytest.mark.parametrize(("more", "word"), WORDS)
def test_the_weakest_quality_that_applies_is_the_intervals(more: dict[str, Any], word: str) -> None:
    facts = {"amount": 7, **more}
    interval = Interval("main", "energy_import", "measured", "", FIVE, 2 * FIVE, **facts)
    assert interval.quality == word
