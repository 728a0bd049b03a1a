"""The part of a list that a statement asks for."""

from __future__ import annotations

from meterd.shapes.statement.books import EVER_MS, Span


def test_a_span_is_all_there_is_unless_it_says_otherwise() -> None:
    span = Span()
    assert (span.start_ms, span.end_ms, span.after) == (0, EVER_MS, None)
