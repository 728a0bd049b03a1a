"""Bugs put in on purpose, each of which the laws must catch; else the laws are worth little.

A bug is a name and a function that puts it in, by replacing something in the product. It is
put in within a process of its own and never taken out. Run all: `make seeded-bugs`. A log that
is shown unsynced and a journal that is left are too rare for so few lives; they have tests of
their own (tests/stores/test_sqlite_cut_off.py).
"""

from __future__ import annotations

import struct
from typing import Any, Final

import msgspec
from tests.laws.misheard import any_answer, any_length, given_up, left_down
from tests.laws.wrongs import (
    Put,
    around,
    both,
    dropped_when_full,
    log_thrown_away,
    no_cursor_back,
    no_sink_row,
    pruning,
    state_first,
    taken_is_arrived,
    told_first,
    twice,
    two_transactions,
    unsafe,
)

from meterd.billing.bill import Bill
from meterd.daemon.drive import Drive
from meterd.events import GAP, Reading
from meterd.metering import clocks, counter, questions
from meterd.metering.counter import Counter
from meterd.metering.interval import Track
from meterd.metering.register import Mark, Register
from meterd.pipeline import Pipeline
from meterd.readers import polling
from meterd.readers.modbus import frames
from meterd.records.recorder import Recorder
from meterd.sinks.mqtt_facts import FactLane
from meterd.stores import damage, outbox, sqlite
from meterd.stores.guard import Guard
from meterd.stores.sqlite import SqliteStore

HOURS_6_MS: Final = 6 * 3_600_000


def _without(kind: str) -> Put:
    def saved(old: Any, pipeline: Any, keys: Any) -> Any:
        return [one for one in old(pipeline, keys) if one.kind != kind]

    return around(Pipeline, "_saved", saved)


def _missing_is_zero(old: Any, pipeline: Any, item: Any) -> None:
    if isinstance(item, Reading) and item.missing:
        item = msgspec.structs.replace(item, registers=dict.fromkeys(item.missing, 0), missing=())
    old(pipeline, item)


def _first_is_used(old: Any, register: Any, now: Mark, journal: Any) -> None:
    old(register, now, journal)
    register.book(now, register.move(now, now.amount), "good")


def _spike_believed(_old: Any, register: Any, _moved: Any, now: Mark, _journal: Any) -> None:
    register.enter(now, now.amount - register.state.prev.amount)


def _as_a_reset(_old: Any, register: Any, now: Mark, journal: Any, **_more: Any) -> None:
    questions.suspect(register, now, journal)


def _one_count_less(old: Any, register: Any, now: Mark, amount: int, **more: Any) -> Any:
    return old(register, now, amount - (register.spec.count if more.get("rolled") else 0), **more)


def _whole_dial(old: Any, register: Any, *marks: Any) -> None:
    old(register, *marks)
    now: Mark = marks[2]
    register.book(now, register.move(now, now.amount), "good")


def _float32(old: Any, register: Any, now: Mark, amount: int, **more: Any) -> Any:
    kept = old(register, now, amount, **more)
    state = register.state
    state.booked = int(struct.unpack("f", struct.pack("f", state.booked))[0])
    return kept


def _no_gap(old: Any, register: Any, now: Mark, amount: int, *quality: str) -> None:
    old(register, now, 0 if quality[0] == GAP else amount, *quality)


def _edge_lost(old: Any, track: Any, booking: Any, *piece: int) -> None:
    start_ms, end_ms, amount = piece
    old(track, booking, start_ms, end_ms, amount - (end_ms == track.state.end_ms and amount > 0))


def _sampled_twice(old: Any, bill: Any, interval: Any, now_ms: int, out: Any) -> None:
    old(bill, interval, now_ms, out)
    if interval.start_ms % HOURS_6_MS == 0:
        old(bill, interval, now_ms, out)


def _sample_lost(old: Any, bill: Any, interval: Any, now_ms: int, out: Any) -> None:
    if interval.start_ms % HOURS_6_MS:
        old(bill, interval, now_ms, out)


def _cut_not_recorded(old: Any, recorder: Any, booking: Any, journal: Any, part: int = 0) -> None:
    if not booking.cut:
        old(recorder, booking, journal, part)


def _baseline_forgotten(old: Any, pipeline: Any, site: Any, states: Any, *more: Any) -> None:
    old(pipeline, site, states, *more)
    for meter in pipeline.meters.values():
        for register in meter.registers.values():
            register.state.prev = None


def _by_the_wall(_old: Any, _state: Any, before_ms: int, reading: Reading) -> int:
    return reading.at_ms - before_ms


def _silent_is_zero(old: Any, pipeline: Any, name: str) -> Any:
    view = old(pipeline, name)
    totals = view.totals if view.online else dict.fromkeys(view.totals, 0)
    return msgspec.structs.replace(view, totals=totals)


def _glitch_moves(_old: Any, register: Any, now: Mark, _journal: Any) -> None:
    register.move(now, 0)


CHANGED: Final = """
DROP TRIGGER IF EXISTS periods_never_change;
UPDATE periods SET body = CAST(body || ' ' AS BLOB)
"""
"""The store refuses by itself to change what is closed; without that the laws must see it."""
BUGS: Final[dict[str, Put]] = {
    "two transactions for one": around(SqliteStore, "commit_now", two_transactions),
    "the state before what it explains": around(SqliteStore, "commit_now", state_first),
    "intervals written twice": around(SqliteStore, "commit_now", twice),
    "told before it is kept": around(Drive, "_settle", told_first),
    "dropped while the disk is full": around(Drive, "_write", dropped_when_full),
    "the last number not kept": around(sqlite, "statements_of", no_sink_row),
    "commits not synced": unsafe("NORMAL"),
    "nothing synced": unsafe("OFF"),
    "the log thrown away": around(damage, "mend", log_thrown_away),
    "events pruned": pruning("DELETE FROM events WHERE rowid % 7 = 3"),
    "the outbox pruned": pruning("DELETE FROM outbox WHERE seq % 7 = 3"),
    "a closed period changed at night": pruning(CHANGED),
    "written to after the disk has failed": around(Guard, "_note", lambda *_: None),
    "deleted before the acknowledgement": around(FactLane, "take", taken_is_arrived),
    "not sent again": around(FactLane, "restart", no_cursor_back),
    "newest first": around(outbox, "after", lambda old, *a, **n: old(*a, **n)[::-1]),
    "a record's state not saved": _without("record"),
    "a meter's state not saved": _without("meter"),
    "a sentinel read as 0": around(Pipeline, "feed", _missing_is_zero),
    "the first reading billed": around(Counter, "_first", _first_is_used),
    "baseline moved on a glitch": around(counter, "suspect", _glitch_moves),
    "a spike believed": around(Counter, "_rise_above", _spike_believed),
    "a wrap one count short": around(Register, "move", _one_count_less),
    "a wrap taken for a reset": both(
        around(counter, "roll_over", _as_a_reset), around(questions, "roll_over", _as_a_reset)
    ),
    "the dial billed at a reset": around(questions, "_confirm_reset", _whole_dial),
    "sums in float32": around(Register, "move", _float32),
    "the energy of a gap dropped": around(Register, "book", _no_gap),
    "a joule lost at each edge": around(Track, "_add", _edge_lost),
    "a sample billed twice": around(Bill, "take", _sampled_twice),
    "a sample not billed": around(Bill, "take", _sample_lost),
    "a cut not recorded": around(Recorder, "book", _cut_not_recorded),
    "the baseline forgotten at a start": around(Pipeline, "__init__", _baseline_forgotten),
    "no clock believed but the host's": around(clocks, "_between_ms", _by_the_wall),
    "any answer taken for the one asked for": around(frames, "judge", any_answer),
    "a length that lies believed": around(frames, "judge", any_length),
    "a silent device given up": around(polling._Turn, "patience_ms", given_up),
    "a line left down": around(polling.Poller, "_went_down", left_down),
    "a silent meter shown as 0": around(Pipeline, "meter_view", _silent_is_zero),
}
