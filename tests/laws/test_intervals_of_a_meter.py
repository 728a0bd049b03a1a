"""A meter's intervals tile time and hold all that was booked; days and months are their sums."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.laws.lives import CLOCKS, Device, Host, Round, registers, rounds

from meterd.events import Booking, Interval, PollFailed
from meterd.metering.calendar import Calendar, parse_iso
from meterd.metering.interval import TrackState
from meterd.metering.journal import Journal
from meterd.metering.meter import Meter
from meterd.metering.meter_state import MeterState
from meterd.metering.powermeter import consumption
from meterd.specs import MeterSpec
from meterd.units import JOULES_PER_KWH

pytestmark = pytest.mark.law
BERLIN = Calendar("Europe/Berlin")
BEGINS = [parse_iso("2026-03-28T20:00:07Z"), parse_iso("2025-12-30T20:00:00Z")]
LENGTHS = [60_000, 300_000, 900_000]
METERS = st.builds(
    lambda register, integrate: MeterSpec(
        "m", registers=() if register is None else (register,),
        integrate=integrate or register is None, estimate=("",),
    ),
    st.none() | registers(),
    st.booleans(),
)  # fmt: skip
SPANS = [
    ("kwhToday", "kwhYesterday", "day"),
    ("kwhThisMonth", "kwhLastMonth", "month"),
    ("kwhThisYear", "kwhLastYear", "year"),
]
LIVES = st.tuples(
    METERS, st.sampled_from(LENGTHS), rounds(1, 30), st.sampled_from(CLOCKS),
    st.sampled_from(BEGINS),
)  # fmt: skip
Life = tuple[MeterSpec, int, list[Round], str, int]


class Rows:
    """A meter that has lived, with every interval it closed, and what it booked."""

    def __init__(self, life: Life) -> None:
        spec, length_ms, turns, clock, begin_ms = life
        self.meter = Meter(spec, BERLIN, length_ms, MeterState())
        self.closed: dict[str, list[Interval]] = {}
        self.booked: list[Booking] = []
        host, device, journal = Host(clock, begin_ms), Device(spec), Journal(str)
        for turn in turns:
            host.wait(turn)
            for item in device.answer(turn, turn.polls[0], host):
                if isinstance(item, PollFailed):
                    self.meter.fail(item, journal)
                    continue
                self.meter.feed(item, journal)
                self.booked += self.meter.bookings
                for row in self.meter.intervals:
                    key = f"{row.quantity}/{row.method}/{row.phase}"
                    self.closed.setdefault(key, []).append(row)

    def tracks(self) -> list[tuple[str, TrackState, list[Interval]]]:
        """(row, what is open, what is closed)."""
        tracks = self.meter.state.tracks
        return [(key, track, self.closed.get(key, [])) for key, track in tracks.items()]


@given(LIVES)
def test_intervals_tile_time_on_the_grid_of_the_wall_clock(life: Life) -> None:
    for _key, track, closed in Rows(life).tracks():
        for row in closed:
            assert BERLIN.interval(row.start_ms, life[1]) == (row.start_ms, row.end_ms)
            assert 0 <= row.missing_ms <= row.end_ms - row.start_ms
            assert 0 <= row.gap + row.questionable <= row.amount
            assert bool(row.gap_from_ms) == bool(row.gap_to_ms)
        for one, two in pairwise(closed):  # only a clock set ahead leaves time out
            ahead = two.start_ms - one.end_ms
            assert ahead == 0 or (ahead > 0 and life[3] == "stepped")
        if closed:
            assert track.start_ms >= closed[-1].end_ms
        assert track.start_ms <= track.until_ms < track.end_ms or track.end_ms == 0


@given(LIVES)
def test_intervals_hold_all_that_was_booked(life: Life) -> None:
    rows = Rows(life)
    for key, track, closed in rows.tracks():
        assert sum(row.amount for row in closed) + track.amount == track.total
        quantity, method, _phase = key.split("/")
        if rows.meter.main is not None and method == rows.meter.main[1]:
            booked = sum(b.amount for b in rows.booked if b.quantity == quantity)
            assert booked == track.total
    for quantity, register in rows.meter.state.registers.items():
        assert rows.meter.state.tracks[f"{quantity}/measured/"].total == register.booked


@given(LIVES)
def test_missing_time_is_what_no_accepted_readings_cover(life: Life) -> None:
    """Loss windows and what lies before the first reading: no more, no less."""
    spec, _length, _turns, clock, _begin = life
    if clock == "stepped" or not spec.registers:
        return
    rows = Rows(life)
    (track, closed) = next(
        (track, closed) for key, track, closed in rows.tracks() if "measured" in key
    )
    if not track.end_ms:
        return
    lost = sum(b.end_ms - b.start_ms for b in rows.booked if b.quality == "missing")
    before = rows.booked[0].start_ms - (closed[0].start_ms if closed else track.start_ms)
    assert sum(row.missing_ms for row in closed) + track.missing_ms == lost + before


@given(LIVES)
def test_what_was_used_today_and_before_is_the_sum_of_intervals(life: Life) -> None:
    rows = Rows(life)
    main = "/".join(rows.meter.main or ())
    closed = rows.closed.get(main)
    if not closed or life[3] == "stepped":
        return
    fields = consumption(rows.meter, rows.meter.totals(), closed[-1].end_ms, Decimal("0.01"))
    opened = rows.meter.state.tracks[main].amount
    for this, last, span in SPANS:
        start_ms, _ = getattr(BERLIN, span)(closed[-1].end_ms)
        before_ms, _ = getattr(BERLIN, span)(start_ms - 1)
        now = sum(row.amount for row in closed if row.start_ms >= start_ms) + opened
        before = [row.amount for row in closed if before_ms <= row.start_ms < start_ms]
        assert fields[this] == round(now / JOULES_PER_KWH, 9)
        assert fields[last] == (round(sum(before) / JOULES_PER_KWH, 9) if before else None)
