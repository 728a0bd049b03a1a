"""Every recorder of a site: which of them what a meter does concerns, and in which order.

`touch` is called for each recorder that was given something, so that its state is written
down and its next instant known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from meterd.events import Booking
from meterd.metering.journal import Journal
from meterd.orders import RecordEdit, RecordOrdered
from meterd.records.recorder import Recorder


class Recorders:
    """The recorders by name, in the order of the configuration."""

    def __init__(
        self, by_name: dict[str, Recorder], journal: Journal, touch: Callable[[Recorder], None]
    ) -> None:
        self.by_name = by_name
        self._journal = journal
        self._touch = touch
        self._flushed = [r for r in by_name.values() if r.spec.max_flush_ms is not None]
        self._followers: dict[str, dict[str, list[Recorder]]] = {}
        for recorder in by_name.values():
            spec = recorder.spec
            of_meter = self._followers.setdefault(spec.meter, {})
            of_meter.setdefault(spec.quantity, []).append(recorder)

    def begin(self, now_ms: int) -> None:
        """The engine runs from here on, with this configuration."""
        for recorder in self.by_name.values():
            if recorder.begin(now_ms, self._journal):
                self._touch(recorder)

    def book(self, meter: str, bookings: Iterable[Booking]) -> None:
        """What a meter's counters have counted."""
        followers = self._followers.get(meter)
        for booking in bookings if followers else ():
            assert followers is not None
            for recorder in followers.get(booking.quantity, ()):
                recorder.book(booking, self._journal)
                self._touch(recorder)

    def check(self, meter: str, faulted: Collection[str], at_ms: int) -> None:
        """faulted: the meter's registers whose readings are refused again and again."""
        for quantity, recorders in self._followers.get(meter, {}).items():
            for recorder in recorders:
                turn = recorder.fault if quantity in faulted else recorder.recover
                turn(at_ms, self._journal)
                self._touch(recorder)

    def obey(self, item: RecordOrdered) -> None:
        """An operator's order about one of them."""
        recorder = self.by_name[item.record]
        recorder.obey(item.order, item.at_ms, item.actor, self._journal)
        self._touch(recorder)

    def edited(self, edit: RecordEdit) -> None:
        """An operator has changed what is theirs of a record, which may be an open one."""
        for recorder in self.by_name.values():
            if recorder.state.id == edit.id and recorder.row() is not None:
                recorder.edited(edit.modified_ms, edit.modified_by)
                self._touch(recorder)

    def advance(self, due_ms: int) -> None:
        """Time has passed."""
        for recorder in self.by_name.values():
            if recorder.due_ms() <= due_ms:
                recorder.advance(due_ms, self._journal)
                self._touch(recorder)

    def flush(self, now_ms: int) -> None:
        """Have the rows written again that would become too old."""
        for recorder in self._flushed:
            if recorder.flush(now_ms):
                self._touch(recorder)
