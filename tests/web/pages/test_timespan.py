"""Spans of time: ranges of the calendar, and any from and to."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from tests.web.pages.seen import seen

from meterd.metering.calendar import DAY_MS, Calendar, parse_iso
from meterd.web.pages.sheet import Seen
from meterd.web.pages.timespan import (
    FREE,
    HOUR_MS,
    LONGEST_MS,
    Span,
    asked_span,
    heading,
    marks,
    moved,
    wall,
)  # fmt: skip
from meterd.web.problems import Problem

BERLIN = Calendar("Europe/Berlin")

FREE_SPANS = {
    "an hour and a half has its own intervals": (
        "2026-01-01T10:02", "2026-01-01T11:30", 300_000, "1 Jan 2026 10:00 – 11:30"),
    "a day has quarters of an hour": (
        "2026-01-01T12:00", "2026-01-02T12:00", 900_000, "1 Jan 2026 12:00 – 2 Jan 12:00"),
    "three days have hours": (
        "2026-01-01", "2026-01-04", HOUR_MS, "1 Jan 2026 00:00 – 4 Jan 00:00"),
    "a fortnight has quarters of a day": (
        "2026-01-01", "2026-01-15", 6 * HOUR_MS, "1 Jan 2026 00:00 – 15 Jan 00:00"),
    "two months have days": ("2025-12-15T13:00", "2026-02-15", DAY_MS, "15 Dec 2025 – 14 Feb 2026"),
    "an offset is understood": (
        "2026-01-01T09:00:00Z", "2026-01-01T10:00:00Z", 300_000, "1 Jan 2026 10:00 – 11:00"),
}  # fmt: skip


def asking(**asked: str) -> Seen:
    """The site, asked for this."""
    return seen("main", asked={name.removesuffix("_"): text for name, text in asked.items()})


@pytest.mark.parametrize("told", FREE_SPANS.values(), ids=FREE_SPANS)
def test_a_free_span_has_some_hundred_whole_buckets(told: tuple[str, str, int, str]) -> None:
    start, end, length_ms, title = told
    span = asked_span(asking(from_=start, to=end))
    assert span.name == FREE
    assert {b - a for a, b in pairwise(span.edges)} == {length_ms}
    assert span.start_ms <= BERLIN.parse(start) < span.start_ms + length_ms
    assert span.end_ms - length_ms < BERLIN.parse(end) <= span.end_ms
    assert heading(span, BERLIN) == title
    assert marks(span, BERLIN)


def test_one_end_alone_is_a_day() -> None:
    day = asked_span(asking(from_="2026-01-02T00:00"))
    assert (day.end_ms - day.start_ms, day.at) == (DAY_MS, date(2026, 1, 2))
    assert asked_span(asking(to="2026-01-03T00:00")).edges == day.edges


def test_years_have_months_on_their_axis() -> None:
    span = asked_span(asking(from_="2024-01-01", to="2026-01-01"))
    assert len(span.edges) == 732
    assert [mark.label for mark in marks(span, BERLIN)][:2] == ["Jan 2024", "Mar"]


def test_the_store_may_put_hours_together_where_no_edge_cuts_one() -> None:
    assert asked_span(asking(range="year")).grain_ms == HOUR_MS
    assert asked_span(asking(range="day")).grain_ms == 300_000
    assert asked_span(asking(from_="2026-01-01", to="2026-03-01")).grain_ms == HOUR_MS
    kolkata = Span("month", date(2026, 1, 1), [1_800_000, 88_200_000])
    assert kolkata.grain_ms == 300_000


def test_from_a_span_one_goes_back_on_and_out() -> None:
    span = asked_span(asking(from_="2026-01-01T10:00", to="2026-01-01T12:00"))
    before, after, wider = moved(span, BERLIN, "")
    assert before == "?from=2026-01-01T08%3A00&to=2026-01-01T10%3A00"
    assert after == "?from=2026-01-01T12%3A00&to=2026-01-01T14%3A00"
    assert wider == "?from=2026-01-01T09%3A00&to=2026-01-01T13%3A00"
    longest = Span(FREE, date(2020, 1, 1), [0, LONGEST_MS])
    assert (
        moved(longest, BERLIN, "x")[2] == "?from=1970-01-01T01%3A00&to=1975-01-02T01%3A00&series=x"
    )


def test_an_hour_that_occurs_twice_is_told_apart() -> None:
    assert wall(parse_iso("2026-10-25T00:30:00Z"), BERLIN) == "2026-10-25T02:30"
    assert wall(parse_iso("2026-10-25T01:30:00Z"), BERLIN) == "2026-10-25T01:30:00Z"


WRONG: dict[str, dict[str, Any]] = {
    "is not later": {"from": "2026-01-02", "to": "2026-01-01"},
    "more than five years": {"from": "2000-01-01", "to": "2026-01-01"},
    "'from' is no time": {"from": "soon"},
    "'to' is no time": {"to": "9999-12-31"},
}


@pytest.mark.parametrize(("told", "asked"), WRONG.items(), ids=WRONG)
def test_what_is_no_span_is_refused(told: str, asked: dict[str, str]) -> None:
    with pytest.raises(Problem, match=told):
        asked_span(seen("main", asked=asked))
