"""Laws over random lives: conservation, tiling, and restarts that change nothing."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterd.events import Booking, RecordRow
from meterd.metering.calendar import Calendar, parse_iso
from meterd.metering.journal import Journal
from meterd.orders import RECORD_ORDERS
from meterd.records.life import NEXT, TERMINAL, Status
from meterd.records.record import RecorderState
from meterd.records.recorder import Recorder
from meterd.records.ulid import ulid
from meterd.specs import RecordSpec

pytestmark = pytest.mark.law
BERLIN = Calendar("Europe/Berlin")
BEGIN_MS = parse_iso("2026-03-28T20:00:00Z")  # the night the clocks go forward

SPECS = st.builds(
    lambda duration_s, schedule, on_rollover: RecordSpec(
        "c", "m", "energy_import",
        max_duration_ms=duration_s and duration_s * 1000,
        schedule=schedule,
        on_rollover=on_rollover,
    ),
    st.sampled_from([None, 30, 600, 3_601, 86_400]),
    st.sampled_from(["", "0 6,14,22 * * *", "*/15 * * * *", "30 2 * * *"]),
    st.booleans(),
)  # fmt: skip
ORDERS = st.sampled_from(RECORD_ORDERS)
STEP = st.one_of(
    st.tuples(
        st.just("book"),
        st.integers(0, 7_200_000),  # how long since the last booking
        st.integers(0, 10**9),
        st.sampled_from(["", "", "", "rollover", "reset", "level_shift"]),
    ),
    st.tuples(ORDERS, st.integers(-60_000, 600_000)),
    st.tuples(st.sampled_from(["fault", "recover", "seen", "begin"]), st.just(0)),
    st.tuples(st.just("tick"), st.integers(0, 7_200_000)),
)
LIVES = st.lists(STEP, max_size=25)


class Life:
    """A recorder under way: `now_ms` goes on with every booking and tick."""

    def __init__(self, spec: RecordSpec) -> None:
        made = iter(range(1_000_000))
        self.spec = spec
        self.journal = Journal(lambda at_ms: ulid(at_ms, next(made)))
        self.recorder = Recorder(spec, BERLIN)
        self.now_ms = self.read_ms = BEGIN_MS
        self.booked = 0

    def live(self, step: tuple[Any, ...]) -> None:
        verb, wait_ms, *rest = step
        recorder, journal = self.recorder, self.journal
        if verb == "book":
            self.book(wait_ms, *rest)
        elif verb == "tick":
            self.now_ms += wait_ms
            recorder.advance(self.now_ms, journal)
        elif verb in RECORD_ORDERS:
            recorder.obey(verb, self.now_ms + wait_ms, "ann", journal)
        else:
            getattr(recorder, verb)(self.now_ms, journal)

    def book(self, wait_ms: int, amount: int, cut: str) -> None:
        start_ms, self.read_ms = self.read_ms, self.read_ms + wait_ms
        self.now_ms = max(self.now_ms, self.read_ms)
        self.booked += amount
        after = amount // 3 if cut else 0
        self.recorder.book(
            Booking("m", "energy_import", start_ms, self.read_ms, amount, cut=cut, after=after),
            self.journal,
        )

    def resume(self) -> None:
        body = msgspec.msgpack.encode(self.recorder.state)
        state = msgspec.msgpack.decode(body, type=RecorderState)
        self.recorder = Recorder(self.spec, BERLIN, state)

    def rows(self) -> list[RecordRow]:
        rows = {row.id: row for row in self.journal.outputs if isinstance(row, RecordRow)}
        now = self.recorder.row()
        return list({**rows, **({now.id: now} if now else {})}.values())


@settings(deadline=None)
@given(SPECS, LIVES)
def test_what_was_booked_is_in_the_records_or_not_recorded(
    spec: RecordSpec, steps: list[tuple[Any, ...]]
) -> None:
    life = Life(spec)
    for step in steps:
        life.live(step)
        state = life.recorder.state
        assert all(row.usage >= 0 for row in life.rows())
        assert sum(row.usage for row in life.rows()) == state.recorded
        assert state.recorded + state.not_recorded == life.booked


@settings(deadline=None)
@given(SPECS, LIVES)
def test_records_tile_time_and_none_is_empty(
    spec: RecordSpec, steps: list[tuple[Any, ...]]
) -> None:
    life = Life(spec)
    for step in steps:
        life.live(step)
    rows = life.rows()
    assert [row.run for row in rows] == list(range(1, len(rows) + 1))
    assert all(row.end_ms == later.start_ms for row, later in pairwise(rows))
    assert all(row.end_ms > row.start_ms for row in rows if row.end_ms is not None)
    assert all((row.end_ms is not None) == (row.status in TERMINAL) for row in rows)
    assert all((row.cut_by != "") == (row.end_ms is not None) for row in rows)
    limit_ms = spec.max_duration_ms
    if limit_ms:
        assert all((row.end_ms or 0) - row.start_ms <= limit_ms for row in rows)


@settings(deadline=None)
@given(SPECS, LIVES)
def test_every_step_of_every_record_is_in_the_table(
    spec: RecordSpec, steps: list[tuple[Any, ...]]
) -> None:
    life = Life(spec)
    for step in steps:
        life.live(step)
    last: dict[str, Status] = {}
    for row in life.journal.outputs:
        if isinstance(row, RecordRow):
            before, now = last.get(row.id), Status(row.status)
            assert before is None or now in NEXT[before].values()
            last[row.id] = now


@settings(deadline=None)
@given(SPECS, LIVES, st.sets(st.integers(0, 25)))
def test_a_restart_anywhere_gives_the_same_records(
    spec: RecordSpec, steps: list[tuple[Any, ...]], restarts: set[int]
) -> None:
    told, killed = Life(spec), Life(spec)
    for place, step in enumerate(steps):
        if place in restarts:
            killed.resume()
        told.live(step)
        killed.live(step)
        assert killed.recorder.due_ms() == told.recorder.due_ms()
    assert [_figures(row) for row in killed.rows()] == [_figures(row) for row in told.rows()]


def _figures(row: RecordRow) -> tuple[Any, ...]:
    return (row.id, row.run, row.start_ms, row.end_ms, row.usage, row.created_ms, row.cut_by)


@settings(deadline=None)
@given(SPECS, LIVES)
def test_it_is_called_neither_in_vain_nor_too_late(
    spec: RecordSpec, steps: list[tuple[Any, ...]]
) -> None:
    life = Life(spec)
    for step in steps:
        life.live(step)
    recorder, journal = life.recorder, life.journal
    if recorder.row() is None or recorder.due_ms() > parse_iso("2100-01-01T00:00:00Z"):
        return
    due_ms, before = recorder.due_ms(), len(journal.outputs)
    recorder.advance(due_ms - 1, journal)
    assert len(journal.outputs) == before
    recorder.advance(due_ms, journal)
    assert len(journal.outputs) > before or recorder.due_ms() > due_ms
