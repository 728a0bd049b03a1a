"""Schedules against a minute-by-minute reading of the rule, and against cronsim."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest
from cronsim import CronSim, CronSimError
from hypothesis import given, settings
from hypothesis import strategies as st

from meterd.metering.calendar import Calendar, iso, parse_iso
from meterd.records.schedule import Schedule, parse

MINUTE_MS = 60_000
HOUR_MS = 3_600_000

# -- the rule, read minute by minute -------------------------------------------------------

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana"]
TURNS = {  # an hour before a change of the clocks
    "Europe/Berlin": ["2026-03-29T00:00:00Z", "2026-10-25T00:00:00Z"],
    "America/New_York": ["2026-03-08T06:00:00Z", "2026-11-01T05:00:00Z"],
    "Australia/Lord_Howe": ["2026-10-03T14:30:00Z", "2026-04-04T14:00:00Z"],
    "America/Havana": ["2026-03-08T04:00:00Z", "2026-11-01T04:00:00Z"],
}
FIELD = st.one_of(
    st.just("*"),
    st.sampled_from(["*/7", "*/20", "0", "30", "15-45/10", "0,59"]),
)
HOUR = st.one_of(st.just("*"), st.sampled_from(["*/2", "0", "1", "2", "0-3", "1,2,5"]))


def due_by_the_minute(text: str, calendar: Calendar, first_ms: int, last_ms: int) -> list[int]:
    """Each local minute that matches: the instant it first shows, or the end of its gap."""
    cron = parse(text)
    found: set[int] = set()
    shown: set[datetime] = set()
    wall = calendar.local(first_ms).replace(tzinfo=None)
    for at_ms in range(first_ms, last_ms, MINUTE_MS):
        now = calendar.local(at_ms).replace(tzinfo=None)
        skipped = [wall + timedelta(minutes=n) for n in range(int((now - wall).seconds / 60))]
        for moment in [*(skipped if now > wall else []), now]:
            new = moment not in shown
            shown.add(moment)
            if new and moment.hour in cron.hours and moment.minute in cron.minutes:
                found.add(at_ms)
        wall = now + timedelta(minutes=1)
    return sorted(found)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(ZONES), st.integers(0, 1), FIELD, HOUR)
def test_around_a_change_of_the_clocks(zone: str, turn: int, minute: str, hour: str) -> None:
    calendar = Calendar(zone)
    text = f"{minute} {hour} * * *"
    first_ms = parse_iso(TURNS[zone][turn]) - 4 * HOUR_MS
    last_ms = first_ms + 9 * HOUR_MS
    expected = due_by_the_minute(text, calendar, first_ms, last_ms)
    schedule = Schedule(text, calendar)
    at_ms, found = first_ms - 1, []
    while (at_ms := schedule.after(at_ms)) < last_ms:
        found.append(at_ms)
    assert [iso(due) for due in found] == [iso(due) for due in expected]


@settings(deadline=None)
@given(st.sampled_from(ZONES), st.lists(st.integers(0, 2**41), min_size=1, max_size=5))
def test_from_any_instant_it_is_later_and_the_memory_does_not_matter(
    zone: str, instants: list[int]
) -> None:
    calendar = Calendar(zone)
    schedule = Schedule("7,30 2,14 * * 1-5", calendar)
    for at_ms in instants:
        due_ms = schedule.after(at_ms)
        assert due_ms > at_ms
        assert schedule.after(due_ms - 1) == due_ms
        assert Schedule("7,30 2,14 * * 1-5", calendar).after(at_ms) == due_ms


# -- cronsim, where it means the same: in UTC ------------------------------------------------


def terms(first: int, last: int) -> st.SearchStrategy[str]:
    number = st.integers(first, last)
    pairs = st.lists(number, min_size=2, max_size=2, unique=True).map(sorted)
    spans = pairs.map(lambda pair: f"{pair[0]}-{pair[1]}")  # cronsim takes 5-5/2 for 5/2
    stepped = st.one_of(spans, st.just("*"), number.map(str))
    return st.one_of(
        st.just("*"),
        st.lists(number.map(str), min_size=1, max_size=3).map(",".join),
        spans,
        st.tuples(stepped, st.integers(1, last)).map(lambda pair: f"{pair[0]}/{pair[1]}"),
    )


@settings(deadline=None)
@given(
    st.tuples(terms(0, 59), terms(0, 23), terms(1, 31), terms(1, 12), terms(0, 7)),
    st.integers(946_684_800, 4_000_000_000),
)
def test_in_utc_it_agrees_with_cronsim(fields: tuple[str, ...], at_s: int) -> None:
    text = " ".join(fields)
    since = datetime.fromtimestamp(at_s, UTC)
    try:
        theirs = [int(due.timestamp()) * 1000 for due in islice(CronSim(text, since), 3)]
    except CronSimError:
        theirs = []
    if not theirs:
        with pytest.raises(ValueError, match="never falls due"):
            parse(text)
        return
    schedule, at_ms, ours = Schedule(text, Calendar("UTC")), at_s * 1000, list[int]()
    for _ in range(3):
        at_ms = schedule.after(at_ms)
        ours.append(at_ms)
    assert ours == theirs


def test_a_zone_s_instants_are_in_order_and_never_twice() -> None:
    schedule = Schedule("*/5 * * * *", Calendar("Europe/Berlin"))
    at_ms, found = parse_iso("2026-10-24T22:00:00Z"), []
    for _ in range(24 * 12):
        at_ms = schedule.after(at_ms)
        found.append(at_ms)
    steps = {later - earlier for earlier, later in pairwise(found)}
    assert steps == {5 * MINUTE_MS, 65 * MINUTE_MS}  # the repeated hour is passed over
