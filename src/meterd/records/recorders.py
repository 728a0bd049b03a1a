"""Every recorder of a site: which of them what a meter does concerns, and in which order.

`touch` is called for each recorder that was given something, so that its state is written
down and its next instant known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from fractions import Fraction

from meterd.events import Booking
from meterd.metering.expression import MISSING, Expression, Value, rate_of
from meterd.metering.journal import Journal
from meterd.metering.present import Present
from meterd.orders import RecordEdit, RecordOrdered
from meterd.records.recorder import Recorder
from meterd.specs import Term


class Recorders:
    """The recorders by name, in the order of the configuration."""

    def __init__(
        self,
        by_name: dict[str, Recorder],
        journal: Journal,
        touch: Callable[[Recorder], None],
        present: Present,
    ) -> None:
        self.by_name = by_name
        self._journal = journal
        self._touch = touch
        self._present = present
        self._flushed = [r for r in by_name.values() if r.spec.max_flush_ms is not None]
        self._followers: dict[str, dict[str, list[tuple[Recorder, int]]]] = {}
        self._watchers: dict[str, list[tuple[Recorder, Expression]]] = {}
        self._rates: dict[str, Expression] = {}
        for recorder in by_name.values():
            self._add(recorder)

    def _add(self, recorder: Recorder) -> None:
        spec, known = recorder.spec, self._present.known
        counted = spec.terms or (Term(Fraction(1), spec.meter, spec.quantity),)
        for part, (_coefficient, meter, quantity) in enumerate(counted):
            of_meter = self._followers.setdefault(meter, {})
            of_meter.setdefault(quantity, []).append((recorder, part))
        if spec.cost_expression:
            self._rates[spec.name] = Expression(spec.cost_expression, known).rate()
        if spec.on_change:
            watched = Expression(spec.on_change, known)
            for meter in dict.fromkeys(one.meter for one in watched.references):
                self._watchers.setdefault(meter, []).append((recorder, watched))

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
            for recorder, part in followers.get(booking.quantity, ()):
                if recorder.spec.name in self._rates:
                    self._price(recorder, booking.end_ms)
                recorder.book(booking, self._journal, part)
                self._touch(recorder)

    def look(self, meter: str, at_ms: int) -> None:
        """A meter has a newest reading, which may change what a record is cut on."""
        for recorder, watched in self._watchers.get(meter, ()):
            value = self._value(recorder, watched, at_ms)
            known = recorder.state.watched
            if value is not None and known != str(value):
                recorder.state.watched = str(value)
                if known is not None:
                    recorder.change(at_ms, self._journal)
                self._touch(recorder)

    def _price(self, recorder: Recorder, at_ms: int) -> None:
        """The rate of this cycle; where there is none the last one that was stays in force."""
        value = self._value(recorder, self._rates[recorder.spec.name], at_ms)
        if value is not None:
            recorder.state.rate = rate_of(float(value))

    def _value(self, recorder: Recorder, expression: Expression, at_ms: int) -> Value | None:
        """What an expression is now. Why it is nothing is told once."""
        value, reason = self._present.answer(expression)
        told, text = recorder.state.told, expression.text
        if value is not None:
            told.pop(text, None)
        elif reason != MISSING and told.get(text) != reason:
            told[text] = reason
            name, meter = recorder.spec.name, next((one.meter for one in expression.references), "")
            self._journal.event(at_ms, reason, meter, record=name, expression=text)
        return value

    def check(self, meter: str, faulted: Collection[str], at_ms: int) -> None:
        """faulted: the meter's registers whose readings are refused again and again."""
        for quantity, recorders in self._followers.get(meter, {}).items():
            for recorder, part in recorders:
                recorder.check(part, quantity in faulted, at_ms, self._journal)
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
        """Time has passed. Ends at one that has more to do: it goes on at the next call."""
        for recorder in self.by_name.values():
            if recorder.due_ms() <= due_ms:
                recorder.advance(due_ms, self._journal)
                self._touch(recorder)
                if recorder.due_ms() <= due_ms:
                    return

    def flush(self, now_ms: int) -> None:
        """Have the rows written again that would become too old."""
        for recorder in self._flushed:
            if recorder.flush(now_ms):
                self._touch(recorder)
