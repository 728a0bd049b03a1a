"""A day of one recorder as a script, and the records that come of it as a table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from meterd.events import Booking, Event, RecordRow
from meterd.metering.calendar import Calendar
from meterd.metering.journal import Journal
from meterd.orders import RECORD_ORDERS
from meterd.records.record import RecorderState
from meterd.records.recorder import Recorder
from meterd.records.ulid import ulid
from meterd.specs import RecordSpec

DAY_MS = 1_767_225_600_000  # 2026-01-01 in UTC, the zone of these days
MINUTE_MS = 60_000
SHIFTS = {"schedule": "0 6,14,22 * * *"}
TEN = {"max_duration_ms": 10 * MINUTE_MS}


def at(text: str) -> int:
    """`05:30`, `05:30:15` or, days later, `2+05:30` as epoch ms."""
    days, plus, clock = text.rpartition("+")
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    in_s = hours * 3600 + minutes * 60 + sum(seconds) + 86_400 * (int(days) if plus else 0)
    return DAY_MS + in_s * 1000


def told(at_ms: int) -> str:
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    clock = moment.strftime("%H:%M:%S").removesuffix(":00")
    days = (at_ms - DAY_MS) // 86_400_000
    return f"{days}+{clock}" if days else clock


def spec_of(**settings: Any) -> RecordSpec:
    return RecordSpec("Conveyor", "main", "energy_import", **settings)


class Day:
    """Plays a script on one recorder."""

    def __init__(self, spec: RecordSpec, state: RecorderState | None = None) -> None:
        made = iter(range(1_000_000))
        self.journal = Journal(lambda at_ms: ulid(at_ms, next(made)))
        self.recorder = Recorder(spec, Calendar("UTC"), state)
        self.read_ms = 0

    def play(self, script: str) -> Day:
        for line in script.strip().splitlines():
            when, verb, *words = line.split()
            self.do(at(when), verb, words)
        return self

    def do(self, at_ms: int, verb: str, words: list[str]) -> None:
        recorder, journal = self.recorder, self.journal
        if verb == "book":
            numbers = [int(word) for word in words if word.isdigit()]
            cut = next((word for word in words if not word.isdigit()), "")
            amount, after = (*numbers, 0)[:2]
            start_ms, self.read_ms = self.read_ms, at_ms
            recorder.book(
                Booking("main", "energy_import", start_ms, at_ms, amount, cut=cut, after=after),
                journal,
            )
        elif verb == "seen":
            self.read_ms = at_ms
            recorder.seen(at_ms, journal)
        elif verb == "restart":
            body = msgspec.msgpack.encode(recorder.state)
            state = msgspec.msgpack.decode(body, type=RecorderState)
            self.recorder = Recorder(recorder.spec, Calendar("UTC"), state, at_ms)
        elif verb in ("cut", "pause", "resume", "cancel"):
            word = "cutover" if verb == "cut" else verb
            order = next(order for order in RECORD_ORDERS if order == word)
            recorder.obey(order, at_ms, "ann", journal)
        elif verb == "flush":
            recorder.flush(at_ms)
        elif verb == "edit":
            recorder.edited(at_ms, "ann")
        else:
            getattr(recorder, {"tick": "advance"}.get(verb, verb))(at_ms, journal)

    def rows(self) -> list[RecordRow]:
        """Every record as it stands last."""
        last = {row.id: row for row in self.journal.outputs if isinstance(row, RecordRow)}
        now = self.recorder.row()
        return list({**last, **({now.id: now} if now else {})}.values())

    def table(self) -> list[str]:
        lines = [
            f"{row.run} {told(row.start_ms)} {told(row.end_ms) if row.end_ms else '-'} "
            f"{row.status} {row.usage} {row.cut_by or '-'}"
            for row in self.rows()
        ]
        lost = self.recorder.state.not_recorded
        return [*lines, f"not recorded {lost}"] if lost else lines

    def events(self) -> list[Event]:
        return [event for event in self.journal.outputs if isinstance(event, Event)]

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events()]


def changed(day: Day, spec: RecordSpec) -> Day:
    """The same day under another configuration, as after a reload."""
    body = msgspec.msgpack.encode(day.recorder.state)
    after = Day(spec, msgspec.msgpack.decode(body, type=RecorderState))
    after.read_ms = day.read_ms
    return after
