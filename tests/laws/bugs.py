"""Bugs put in on purpose, each of which the laws must catch; else the laws are worth little.

A bug is a name and a function that puts it in, by replacing something in the product. It is
put in within a process of its own and never taken out. Run all: `make seeded-bugs`. Three
are too rare for so few lives: a log that is shown unsynced and a journal that is left have
tests of their own (tests/stores/test_sqlite_cut_off.py); a closed period that is changed at
night was not caught, and that is open.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from meterd.billing.bill import Bill
from meterd.daemon.drive import Drive
from meterd.events import GAP, Reading
from meterd.metering import counter, questions
from meterd.metering.counter import Counter
from meterd.metering.interval import Track
from meterd.metering.register import Mark, Register
from meterd.pipeline import Pipeline
from meterd.records.recorder import Recorder
from meterd.sinks.mqtt_facts import FactLane
from meterd.stores import Batch, StoreError, damage, outbox, rows, sqlite
from meterd.stores.sqlite import SqliteStore

Put = Callable[[], None]
HOURS_6_MS: Final = 6 * 3_600_000


def _around(owner: Any, name: str, change: Callable[..., Any]) -> Put:
    """Replace a function by `change`, which is given the old one first."""

    def put() -> None:
        old = getattr(owner, name)
        setattr(owner, name, lambda *args, **named: change(old, *args, **named))

    return put


def _two_transactions(_old: Any, store: Any, batch: Batch) -> None:
    store._transact(lambda _: store._write(msgspec.structs.replace(batch, facts={})))
    store._transact(lambda _: store._write(Batch(facts=batch.facts, now_ms=batch.now_ms)))


def _state_first(_old: Any, store: Any, batch: Batch) -> None:
    store._transact(lambda _: store._write(msgspec.structs.replace(batch, outputs=())))
    store._transact(lambda _: store._write(msgspec.structs.replace(batch, saved=(), facts={})))


def _twice(old: Any, store: Any, batch: Batch) -> None:
    old(store, batch)
    store._transact(lambda _: store._write(Batch(outputs=_additive(batch))))


def _additive(batch: Batch) -> list[Any]:
    return [output for output in batch.outputs if type(output).__name__ == "Interval"]


async def _told_first(_old: Any, drive: Any) -> None:
    outputs, snapshot = drive.pipeline.take()
    drive._tell(outputs, snapshot)
    await drive._write(outputs, snapshot)


async def _dropped_when_full(old: Any, drive: Any, outputs: Any, snapshot: Any) -> None:
    commit, drive._store.commit = drive._store.commit, _once(drive._store.commit)
    try:
        await old(drive, outputs, snapshot)
    finally:
        drive._store.commit = commit


def _once(commit: Any) -> Any:
    async def tried(batch: Batch) -> None:
        try:
            await commit(batch)
        except StoreError as error:
            if not error.retriable:
                raise

    return tried


def _unsafe(setting: str) -> Put:
    def connected(old: Any, path: str) -> Any:
        connection = old(path)
        connection.execute(f"PRAGMA synchronous = {setting}").fetchall()
        return connection

    return _around(sqlite, "connect", connected)


def _log_thrown_away(old: Any, store: Path, now_ms: int) -> Any:
    Path(f"{store}-wal").unlink(missing_ok=True)
    return old(store, now_ms)


async def _prunes(old: Any, store: Any, now_ms: int, sql: str) -> Any:
    store._transact(lambda writer: writer.execute(sql).fetchall())
    return await old(store, now_ms)


def _pruning(sql: str) -> Put:
    return _around(SqliteStore, "maintain", lambda old, store, now: _prunes(old, store, now, sql))


def _no_cursor_back(old: Any, lane: Any) -> None:
    cursor = getattr(lane, "_cursor", None)
    old(lane)
    if cursor is not None:
        lane._cursor = cursor


def _taken_is_arrived(old: Any, lane: Any) -> Any:
    fact = old(lane)
    lane._arrived.append(fact.seq)
    return fact


def _without(kind: str) -> Put:
    def saved(old: Any, pipeline: Any, keys: Any) -> Any:
        return [one for one in old(pipeline, keys) if one.kind != kind]

    return _around(Pipeline, "_saved", saved)


def _missing_is_zero(old: Any, pipeline: Any, item: Any) -> None:
    if isinstance(item, Reading) and item.missing:
        item = msgspec.structs.replace(item, registers=dict.fromkeys(item.missing, 0), missing=())
    old(pipeline, item)


def _first_is_used(old: Any, register: Any, now: Mark, journal: Any) -> None:
    old(register, now, journal)
    register.book(now, register.move(now, now.amount), "good")


def _spike_believed(_old: Any, register: Any, _moved: Any, now: Mark, _journal: Any) -> None:
    register.enter(now, now.amount - register.state.prev.amount)


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


def _silent_is_zero(old: Any, pipeline: Any, name: str) -> Any:
    view = old(pipeline, name)
    totals = view.totals if view.online else dict.fromkeys(view.totals, 0)
    return msgspec.structs.replace(view, totals=totals)


def _glitch_moves(_old: Any, register: Any, now: Mark, _journal: Any) -> None:
    register.move(now, 0)


def _no_sink_row(old: Any, batch: Batch, names: Any) -> Any:
    return [one for one in old(batch, names) if one[0] != rows.UPSERT_SINK]


BUGS: Final[dict[str, Put]] = {
    "two transactions for one": _around(SqliteStore, "commit_now", _two_transactions),
    "the state before what it explains": _around(SqliteStore, "commit_now", _state_first),
    "intervals written twice": _around(SqliteStore, "commit_now", _twice),
    "told before it is kept": _around(Drive, "_settle", _told_first),
    "dropped while the disk is full": _around(Drive, "_write", _dropped_when_full),
    "the last number not kept": _around(sqlite, "statements_of", _no_sink_row),
    "commits not synced": _unsafe("NORMAL"),
    "nothing synced": _unsafe("OFF"),
    "the log thrown away": _around(damage, "mend", _log_thrown_away),
    "events pruned": _pruning("DELETE FROM events WHERE rowid % 7 = 3"),
    "the outbox pruned": _pruning("DELETE FROM outbox WHERE seq % 7 = 3"),
    "deleted before the acknowledgement": _around(FactLane, "take", _taken_is_arrived),
    "not sent again": _around(FactLane, "restart", _no_cursor_back),
    "newest first": _around(outbox, "after", lambda old, *args: old(*args)[::-1]),
    "a record's state not saved": _without("record"),
    "a meter's state not saved": _without("meter"),
    "a sentinel read as 0": _around(Pipeline, "feed", _missing_is_zero),
    "the first reading billed": _around(Counter, "_first", _first_is_used),
    "baseline moved on a glitch": _around(counter, "suspect", _glitch_moves),
    "a spike believed": _around(Counter, "_rise_above", _spike_believed),
    "a wrap one count short": _around(Register, "move", _one_count_less),
    "a wrap taken for a reset": _around(
        counter, "roll_over", lambda _old, *args: questions.suspect(*args)
    ),
    "the dial billed at a reset": _around(questions, "_confirm_reset", _whole_dial),
    "sums in float32": _around(Register, "move", _float32),
    "the energy of a gap dropped": _around(Register, "book", _no_gap),
    "a joule lost at each edge": _around(Track, "_add", _edge_lost),
    "a sample billed twice": _around(Bill, "take", _sampled_twice),
    "a sample not billed": _around(Bill, "take", _sample_lost),
    "a cut not recorded": _around(Recorder, "book", _cut_not_recorded),
    "the baseline forgotten at a start": _around(Pipeline, "__init__", _baseline_forgotten),
    "a silent meter shown as 0": _around(Pipeline, "meter_view", _silent_is_zero),
}
