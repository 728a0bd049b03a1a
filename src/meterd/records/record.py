"""The open record of one configuration (seed 001): it starts, counts, changes status, ends.

What changes a status is a mark; `life` says which marks a status knows. Every change writes
a row, and an event where a person may ask why.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import msgspec

from meterd.events import RecordRow
from meterd.metering.journal import Journal
from meterd.metering.parts import PartsState
from meterd.records.cost import cost, cost_of
from meterd.records.life import INHERITED, Cause, Status, after, may
from meterd.specs import RecordSpec
from meterd.units import EXACT, shown

ENGINE: Final = "meterd"
"""Who acts where no person does (`created_by`, `modified_by`)."""

DISABLED: Final = "disabled"
"""Why the last record of a configuration that is no longer enabled was cut."""

_EVENTS: Final = {
    Cause.CUTOVER: "cutover",
    Cause.CANCEL: "record_cancelled",
    Cause.PAUSE: "record_paused",
    Cause.RESUME: "record_resumed",
    Cause.FAULT: "record_faulted",
    Cause.RECOVER: "record_recovered",
}


class Mark(msgspec.Struct, frozen=True):
    """Something that happens to the open record at an instant.

    reason: why it is cut, as in `cut_by`; "" where it is not. actor: who wants it.
    """

    at_ms: int
    cause: Cause
    reason: str = ""
    actor: str = ENGINE


class RecorderState(msgspec.Struct):
    """All that a recorder resumes from; the fields up to `usage` are the open record's.

    rate, usage_unit: the price it began with, per this unit. booked_ms: up to here its
    counter's bookings are known. recorded: base units ever counted to a record of this
    configuration. not_recorded: base units booked while there was none or it was paused.
    orders: marks that wait for a reading, by time. idle: with the status IDLE, that a record
    stands there and waits for its first reading; without, there is none. sums: where a sum is
    counted, what of its registers waits. faulted: terms whose readings are refused. watched:
    the last value of what cuts it on change. priced: the usage so far at the rates of its
    cycles, None where all of it costs `rate`. unpriced: usage before the first rate was
    known. told: its expressions that were told to have no value, and why.
    """

    status: Status = Status.IDLE
    run: int = 0
    id: str = ""
    start_ms: int = 0
    created_ms: int = 0
    modified_ms: int | None = None
    modified_by: str | None = None
    location: str | None = None
    rate: Decimal | None = None
    usage_unit: str = ""
    usage: int = 0
    booked_ms: int = 0
    recorded: int = 0
    not_recorded: int = 0
    orders: list[Mark] = []
    idle: bool = False
    sums: PartsState = msgspec.field(default_factory=PartsState)
    faulted: tuple[int, ...] = ()
    watched: str | None = None
    priced: Decimal | None = None
    unpriced: int = 0
    told: dict[str, str] = {}


class OpenRecord:
    """The record that is open, or none, and the ledger of all there were.

    flushed_ms: until when the row says that an open record has lasted, if that is later than
    its last reading.
    """

    def __init__(self, spec: RecordSpec, state: RecorderState) -> None:
        self.spec = spec
        self.state = state
        self.flushed_ms = 0

    def stands(self) -> bool:
        """Whether there is a record, be it one that waits for its first reading."""
        return self.state.idle or self.state.status is not Status.IDLE

    def await_reading(self, now_ms: int, journal: Journal) -> None:
        """Make an IDLE record. It starts, for the time being, where it was made."""
        self._make(now_ms, now_ms, journal)
        self.state.idle = True
        journal.write(self.row())

    def start(
        self, at_ms: int, now_ms: int, journal: Journal, befalls: Cause | None = None
    ) -> None:
        """Begin a record at `at_ms`, found out at `now_ms`. befalls: what it starts with.

        One that waited keeps its id, its run and the place where it was made.
        """
        state = self.state
        if not state.idle:
            self._make(at_ms, now_ms, journal)
        state.idle = False
        state.start_ms = at_ms
        state.status = after(Status.IDLE, Cause.START)
        if befalls is not None:
            state.status = after(state.status, befalls)
        self._settle_price()
        journal.write(self.row())

    def _make(self, at_ms: int, now_ms: int, journal: Journal) -> None:
        state = self.state
        state.run += 1
        state.id = journal.make_id(now_ms)
        state.start_ms, state.created_ms = at_ms, now_ms
        state.modified_ms, state.modified_by = None, None
        state.location = self.spec.location
        state.usage = 0
        self._settle_price()

    def _settle_price(self) -> None:
        """The price it begins with; an expression's rate goes on from the last record's."""
        state, spec = self.state, self.spec
        state.usage_unit = spec.usage_unit
        state.priced, state.unpriced = None, 0
        if not spec.cost_expression:
            state.rate = spec.cost_per_unit

    def count(self, amount: int) -> None:
        """Add to the open record, or to what is not recorded."""
        state = self.state
        if state.status in (Status.IDLE, Status.PAUSED):
            state.not_recorded += amount
            return
        if self.spec.cost_expression or state.priced is not None:
            self._price(amount)
        state.usage += amount
        state.recorded += amount

    def _price(self, amount: int) -> None:
        """Each delta at the rate of its own cycle, exactly."""
        state = self.state
        if state.priced is None:
            state.priced = EXACT.multiply(Decimal(state.usage), state.rate or Decimal(0))
        if state.rate is None:
            state.unpriced += amount
            return
        due = Decimal(amount + state.unpriced)
        state.priced = EXACT.fma(due, state.rate, state.priced)
        state.unpriced = 0

    def turn(self, mark: Mark, now_ms: int, journal: Journal) -> None:
        """Change the status, if it knows the mark; else nothing happens."""
        state = self.state
        if not may(state.status, mark.cause):
            return
        doubted = state.status is Status.UNKNOWN and mark.cause is Cause.RECOVER
        state.status = after(state.status, mark.cause)
        if not doubted:  # a restart leaves no trace in the record
            state.modified_ms, state.modified_by = now_ms, mark.actor
            self.tell(_EVENTS[mark.cause], mark, journal)
        journal.write(self.row())

    def end(self, mark: Mark, now_ms: int, journal: Journal) -> None:
        """End the record at the mark's instant and, unless disabled, start the next there.

        silent, in the event: no reading covers the instant.
        """
        state = self.state
        befalls = INHERITED.get(state.status)
        state.status = after(state.status, mark.cause)
        state.modified_ms, state.modified_by = now_ms, mark.actor
        journal.write(self.row(mark.at_ms, mark.reason))
        silent = mark.at_ms > state.booked_ms
        self.tell(_EVENTS[mark.cause], mark, journal, silent=silent)
        state.status, state.idle = Status.IDLE, False
        if mark.reason != DISABLED:
            self.start(mark.at_ms, now_ms, journal, befalls)

    def row(self, end_ms: int | None = None, cut_by: str = "") -> RecordRow:
        """The record as it stands."""
        state = self.state
        return RecordRow(
            id=state.id,
            configuration=self.spec.name,
            run=state.run,
            status=state.status.value,
            start_ms=state.start_ms,
            end_ms=end_ms,
            usage=state.usage,
            cost=cost(state.usage, state.usage_unit, state.rate)
            if state.priced is None
            else cost_of(Fraction(state.priced), state.usage_unit),
            created_ms=state.created_ms,
            modified_ms=state.modified_ms,
            modified_by=state.modified_by,
            location=state.location,
            cut_by=cut_by,
            as_of_ms=None if end_ms is not None or state.idle else self._known_ms(),
        )

    def _known_ms(self) -> int:
        """Until when the record has lasted for all that is known."""
        return max(self.state.start_ms, self.state.booked_ms, self.flushed_ms)

    # -- orders that cannot be carried out --------------------------------------------------

    def condition(self, status: Status) -> str:
        """What keeps a record of this status from an order, as a sentence goes on."""
        if status is not Status.IDLE:
            return f"its record is {status}"
        if self.state.idle:
            return "its record is IDLE, for nothing was read yet"
        return "it keeps no record, for it is disabled"

    def refuse(self, mark: Mark, why: str, journal: Journal) -> None:
        """Tell that an order is not carried out."""
        self.tell("record_order_refused", mark, journal, why=f"{self.spec.name}: {why}")

    def tell(self, kind: str, mark: Mark, journal: Journal, **numbers: Any) -> None:
        """An event about the record, with who wanted it and what it has counted."""
        state, spec = self.state, self.spec
        numbers = {
            "record": spec.name,
            "run": state.run,
            "cause": mark.reason or mark.cause.value,
            "actor": mark.actor,
            "usage": shown(state.usage, spec.usage_unit),
            "unit": spec.usage_unit,
            **numbers,
        }
        journal.event(mark.at_ms, kind, spec.meter, spec.quantity, **numbers)
