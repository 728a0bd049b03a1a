"""What is to happen to the open record of one configuration: cuts that fall due, and orders."""

from __future__ import annotations

from typing import Final

from meterd.metering.calendar import Calendar
from meterd.orders import RecordOrder
from meterd.records.life import Cause, Status, after, may
from meterd.records.record import DISABLED, Mark, RecorderState
from meterd.records.schedule import Schedule
from meterd.specs import RecordSpec

COMMAND: Final = "command"
ORDERED: Final[dict[RecordOrder, tuple[Cause, str]]] = {
    "cutover": (Cause.CUTOVER, COMMAND),
    "pause": (Cause.PAUSE, ""),
    "resume": (Cause.RESUME, ""),
    "cancel": (Cause.CANCEL, "cancel"),
}
"""What an order does, and why the record that it ends was cut."""


class Agenda:
    """The marks to come. Those that wait are in the state."""

    def __init__(self, spec: RecordSpec, state: RecorderState, calendar: Calendar) -> None:
        self._spec = spec
        self._state = state
        self._schedule = Schedule(spec.schedule, calendar) if spec.schedule else None

    def next(self) -> Mark | None:
        """The next mark; of two at one instant a cut that is due goes before an order."""
        state = self._state
        if state.status is Status.IDLE:
            return None
        if not self._spec.enabled:
            return Mark(max(state.booked_ms, state.start_ms), Cause.CUTOVER, DISABLED)
        marks = [*self._due(), *state.orders[:1]]
        return min(marks, key=lambda mark: mark.at_ms, default=None)

    def _due(self) -> list[Mark]:
        """The next cuts by schedule and by duration, not before what is booked already."""
        state, marks = self._state, []
        if self._schedule is not None:
            at_ms = self._schedule.after(max(state.start_ms, state.booked_ms))
            marks.append(Mark(at_ms, Cause.CUTOVER, "schedule"))
        if self._spec.max_duration_ms is not None:
            at_ms = max(state.start_ms + self._spec.max_duration_ms, state.booked_ms)
            marks.append(Mark(at_ms, Cause.CUTOVER, "duration"))
        return marks

    def wait(self, mark: Mark) -> None:
        """Have a mark wait for the booking that covers it."""
        self._state.orders = sorted([*self._state.orders, mark], key=lambda order: order.at_ms)

    def done(self, mark: Mark) -> None:
        """It waits no more, if it did."""
        orders = self._state.orders
        if orders and mark is orders[0]:
            self._state.orders = orders[1:]

    def foreseen(self, at_ms: int) -> Status:
        """The status once the orders that wait and are not later are carried out."""
        status = self._state.status
        for order in self._state.orders:
            turns = order.cause in (Cause.PAUSE, Cause.RESUME)
            if turns and order.at_ms <= at_ms and may(status, order.cause):
                status = after(status, order.cause)
        return status
