"""The records of one meter configuration (seed 001): one is open, cuts end it and begin the next.

The law: what the records counted and what was not recorded is what was booked, exactly.
What happens to a record at an instant, a cut that falls due or an order, is a mark. A mark
waits for the booking that covers its instant, so that the booking is split there by time,
rounded down cumulatively. It waits STALE_MS at most and then takes effect, at its own
instant all the same, with what is known; energy that comes to light later is counted to
the record that is open then. No cut leaves a record of no length behind, but for the
last one of a configuration that is disabled just as it began.

Where a sum of several registers is counted (`metering/parts.py`), it is covered as far as
the slowest of them is; the first record starts when all have been read. A cut of one of them,
as by a rollover, is a mark like any other.
"""

from __future__ import annotations

from typing import Final

import msgspec

from meterd.events import Booking, RecordRow
from meterd.metering.calendar import Calendar
from meterd.metering.journal import Journal
from meterd.metering.parts import Parts
from meterd.orders import RecordOrder
from meterd.records.agenda import ORDERED, Agenda
from meterd.records.life import Cause, Status, after, may
from meterd.records.record import DISABLED, ENGINE, Mark, OpenRecord, RecorderState
from meterd.records.usage import Usage, of_booking, of_sum
from meterd.specs import STALE_MS, RecordSpec

CHANGE: Final = "change"
NEVER: Final = (1 << 63) - 1
MARKS_MAX: Final = 10_000
"""Marks carried out within one booking: at the shortest duration (30 s) three and a half days.
What a longer booking would cut beyond them stays one record, with an event."""
PART_MAX: Final = 1_000
"""Marks carried out in one call of `advance`, which goes on when it is called again."""

ORDERS_MAX: Final = 100
"""Orders that may wait for a reading; a further one is refused, with an event."""


class Recorder:
    """Keeps the records of one configuration. What it has to tell goes into the journal."""

    def __init__(
        self,
        spec: RecordSpec,
        calendar: Calendar,
        state: RecorderState | None = None,
        restarted_ms: int = 0,
    ) -> None:
        """state: what was saved.

        restarted_ms: when a live daemon took it up, 0 for a replay and a reload. A running
        record is UNKNOWN from there until its first reading. Marks that fell due while the
        daemon was away wait STALE_MS from there for their reading, so that the energy of the
        outage is split where it should be.
        """
        self.spec = spec
        self.state = RecorderState() if state is None else state
        self.restarted_ms = restarted_ms
        self._record = OpenRecord(spec, self.state)
        self._parts = Parts(spec.terms, self.state.sums) if spec.terms else None
        if self._parts is not None and self._parts.left:
            self._record.count(self._parts.left)
        self._agenda = Agenda(spec, self.state, calendar)
        if restarted_ms and may(self.state.status, Cause.RESTART):
            self.state.status = after(self.state.status, Cause.RESTART)

    def row(self) -> RecordRow | None:
        """The open record as it stands; its status does not wait for a reading. None for none."""
        if not self._record.stands():
            return None
        status = self._agenda.foreseen(NEVER)
        return msgspec.structs.replace(self._record.row(), status=status.value)

    def begin(self, now_ms: int, journal: Journal) -> bool:
        """The engine runs with this configuration: a record stands from here on.

        It is IDLE until the first reading. One that still waits where the configuration has
        been disabled is cancelled. Returns whether the row is news, as it is also where a
        restart has made the record UNKNOWN.
        """
        record = self._record
        if self.state.status is not Status.IDLE:
            return self.state.status is Status.UNKNOWN
        if self.spec.enabled == record.stands():
            return False
        if self.spec.enabled:
            record.await_reading(now_ms, journal)
        else:
            record.end(Mark(now_ms, Cause.CANCEL, DISABLED), now_ms, journal)
        return True

    def flush(self, now_ms: int) -> bool:
        """Whether the row is to be written again: it is `max_flush_ms` old."""
        most_ms = self.spec.max_flush_ms
        if most_ms is None or self.state.status is Status.IDLE:
            return False
        if now_ms - max(self._record.flushed_ms, self.state.booked_ms) < most_ms:
            return False
        self._record.flushed_ms = now_ms
        return True

    def edited(self, at_ms: int, actor: str) -> None:
        """An operator has changed what is theirs of the open record."""
        self.state.modified_ms, self.state.modified_by = at_ms, actor

    # -- readings -----------------------------------------------------------------------

    def seen(self, at_ms: int, journal: Journal) -> None:
        """A reading of the counter was accepted as its baseline: the first record starts."""
        if self.state.status is not Status.IDLE:
            self.recover(at_ms, journal)
        elif self.spec.enabled:
            self.state.booked_ms = at_ms
            self._record.start(at_ms, at_ms, journal)

    def book(self, booking: Booking, journal: Journal, part: int = 0) -> None:
        """A counter has counted `booking.amount`. An amount of 0 moves time on, too.

        part: which term of a sum it is. Without an open record it is not recorded, and one
        starts where the booking ends.
        """
        idle = self.state.status is Status.IDLE
        cuts = booking.cut != "" and (booking.cut != "rollover" or self.spec.on_rollover)
        cut = Mark(booking.end_ms, Cause.CUTOVER, booking.cut) if cuts and not idle else None
        if not idle:
            self.check(part, False, booking.end_ms, journal)
        if self._parts is not None:
            self._parts.add(part, booking, cuts=cut is not None)
            self._book_sum(self._parts, cut, journal)
        elif idle:
            self._record.count(booking.amount)
            self.seen(booking.end_ms, journal)
        else:
            later = booking.after if cut else 0
            self._cover(booking.end_ms, of_booking(booking, booking.amount - later), journal)
            if cut:
                self._apply(cut, booking.end_ms, journal)
            self._record.count(later)

    def _book_sum(self, parts: Parts, cut: Mark | None, journal: Journal) -> None:
        """Count as far as every register of the sum is known."""
        if cut is not None and len(self.state.orders) < ORDERS_MAX:
            self._agenda.wait(cut)
        known_ms = parts.known_ms()
        if self.state.status is not Status.IDLE:
            self._cover(max(known_ms, self.state.booked_ms), of_sum(parts), journal)
        elif known_ms:
            self._record.count(parts.take(known_ms).amount)
            self.seen(known_ms, journal)

    def check(self, part: int, faulted: bool, at_ms: int, journal: Journal) -> None:
        """Whether a counter's readings are refused again and again, or one was accepted."""
        state = self.state
        others = tuple(other for other in state.faulted if other != part)
        state.faulted = (*others, part) if faulted else others
        turn = self.fault if state.faulted else self.recover
        turn(at_ms, journal)

    def fault(self, at_ms: int, journal: Journal) -> None:
        """Measuring fails: readings are refused. Changes nothing in a paused record."""
        self._record.turn(Mark(at_ms, Cause.FAULT), at_ms, journal)

    def recover(self, at_ms: int, journal: Journal) -> None:
        """A reading was accepted: ends a fault, and the doubt after a restart."""
        self._record.turn(Mark(at_ms, Cause.RECOVER), at_ms, journal)

    # -- orders, in force from their instant ------------------------------------------------

    def change(self, at_ms: int, journal: Journal) -> None:
        """What the configuration watches has changed: complete the record, start the next."""
        self._order(Mark(at_ms, Cause.CUTOVER, CHANGE), journal)

    def obey(self, order: RecordOrder, at_ms: int, actor: str, journal: Journal) -> None:
        """cutover completes the record, cancel ends it as CANCELLED; the next one starts.

        pause: count nothing until `resume`; what is booked meanwhile is not recorded.
        """
        cause, reason = ORDERED[order]
        self._order(Mark(at_ms, cause, reason, actor), journal)

    # -- time ---------------------------------------------------------------------------

    def due_ms(self) -> int:
        """The next instant at which `advance` has something to do; NEVER if none is known."""
        mark = self._agenda.next()
        return NEVER if mark is None else max(mark.at_ms, self.restarted_ms) + STALE_MS

    def advance(self, now_ms: int, journal: Journal) -> None:
        """Carry out the marks that no reading has covered in time, or the first PART_MAX."""
        for _ in range(PART_MAX):
            mark = self._agenda.next()
            if mark is None or self.due_ms() > now_ms:
                break
            if self._parts is not None:
                self._record.count(self._parts.take(mark.at_ms).amount)
            self._apply(mark, now_ms, journal)

    # -- marks --------------------------------------------------------------------------

    def _order(self, mark: Mark, journal: Journal) -> None:
        state = self.state
        foreseen = self._agenda.foreseen(mark.at_ms)
        if len(state.orders) == ORDERS_MAX:
            self._record.refuse(mark, f"{ORDERS_MAX} orders wait for a reading already", journal)
        elif not may(foreseen, mark.cause):
            if mark.actor != ENGINE:
                self._record.refuse(mark, self._record.condition(foreseen), journal)
        elif mark.at_ms <= state.booked_ms:
            covered = Mark(state.booked_ms, mark.cause, mark.reason, mark.actor)
            self._apply(covered, mark.at_ms, journal)
        else:
            self._agenda.wait(mark)

    def _cover(self, until_ms: int, usage: Usage, journal: Journal) -> None:
        """Count what was used until an instant, mark by mark."""
        state = self.state
        for _ in range(MARKS_MAX):
            mark = self._agenda.next()
            if mark is None or mark.at_ms > until_ms:
                break
            self._record.count(usage(mark.at_ms))
            state.booked_ms = max(state.booked_ms, mark.at_ms)
            self._apply(mark, until_ms, journal)
        else:
            rest = Mark(until_ms, Cause.CUTOVER)
            self._record.tell("cutovers_skipped", rest, journal)
        self._record.count(usage(until_ms))
        state.booked_ms = until_ms

    def _apply(self, mark: Mark, now_ms: int, journal: Journal) -> None:
        state = self.state
        self._agenda.done(mark)
        ends = mark.cause in (Cause.CUTOVER, Cause.CANCEL)
        empty = ends and mark.at_ms <= state.start_ms and mark.reason != DISABLED
        if empty or not may(state.status, mark.cause):
            if mark.actor != ENGINE:
                begun = "its record has only just begun"
                why = begun if empty else self._record.condition(state.status)
                self._record.refuse(mark, why, journal)
        elif ends:
            self._record.end(mark, now_ms, journal)
        else:
            self._record.turn(mark, now_ms, journal)
