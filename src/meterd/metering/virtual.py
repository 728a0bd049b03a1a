"""A virtual meter: what other meters say, calculated, and a meter like any other.

Its gauges are the values of its expressions at an instant, and missing where a part is; it
is on line while every meter it names is. Its registers count what their parts have counted
over the same time, never a difference of totals: they advance where every part is known, so
that a silent part holds them up, and what it brings when it returns is entered across the
time it was away, of quality `gap`. A register never falls: what a difference lacks below
nothing is a debt, and what it counts next pays that first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import msgspec

from meterd.events import GOOD, MISSING, Booking, Reading
from meterd.metering.expression import MISSING as UNREAD
from meterd.metering.expression import NOT_A_NUMBER, Expression
from meterd.metering.meter import Meter
from meterd.metering.parts import Parts, PartsState
from meterd.metering.present import Present
from meterd.metering.register import Mark, Register
from meterd.metering.setting import NEVER_MS, Setting
from meterd.specs import MeterSpec
from meterd.units import UNITS, canonical_unit, shown

VIRTUAL: Final = "virtual"
SETTLE_MS: Final = 1_000
"""Its parts are read one after the other; so long it waits for the others of one cycle."""
PLACES: Final = 9
DEBT_TOLD: Final = 100
"""A debt is told from a hundredth of the register's unit on: 10 Wh, 10 litres."""
_RAISED: Final = "debt_raised"
_PAID: Final = "debt_paid"


class VirtualState(msgspec.Struct, array_like=True, gc=False):
    """What a virtual meter resumes from. told: quantity -> what was told of it last.

    heard_ms: since when a part has news, 0 for none. at_ms, mono_ms, boot: of the newest.
    """

    heard_ms: int = 0
    at_ms: int = 0
    mono_ms: int = 0
    boot: str = ""
    told: dict[str, str] = {}
    sums: dict[str, PartsState] = {}


class Gauge(NamedTuple):
    """An expression, and what its value is multiplied by."""

    expression: Expression
    factor: float


class Virtual:
    """A meter of expressions."""

    def __init__(
        self, meter: Meter, state: VirtualState, present: Present, setting: Setting
    ) -> None:
        self.meter = meter
        self.state = state
        self._present = present
        self._setting = setting
        self._gauges: dict[str, Gauge] = {}
        self._sums: dict[str, Parts] = {}
        self._takers: dict[tuple[str, str], list[tuple[str, int]]] = {}
        named: dict[str, None] = {}
        for quantity, text in meter.spec.expressions.items():
            expression = Expression(text, present.known)
            named |= dict.fromkeys(reference.meter for reference in expression.references)
            if quantity in meter.registers:
                self._add_sum(quantity, expression)
            else:
                factor = expression.factor_to(*_units(meter.spec, quantity))
                self._gauges[quantity] = Gauge(expression, float(factor))
        self.parts = tuple(named)

    def _add_sum(self, quantity: str, expression: Expression) -> None:
        terms = expression.linear()
        state = self.state.sums.setdefault(quantity, PartsState())
        self._sums[quantity] = Parts(terms, state)
        for index, term in enumerate(terms):
            self._takers.setdefault(term[1:], []).append((quantity, index))

    # -- registers ----------------------------------------------------------------------

    def book(self, bookings: Iterable[Booking]) -> bool:
        """Take what a part has booked. Whether it is news, even if not all parts are there."""
        touched: dict[str, None] = {}
        for booking in bookings:
            for quantity, index in self._takers.get((booking.meter, booking.quantity), ()):
                self._sums[quantity].add(index, booking)
                touched[quantity] = None
        counted = (
            self._settled(booking) for quantity in touched for booking in self._counted(quantity)
        )
        if touched:
            self._touch()
            self.meter.enter(counted)
        return bool(touched)

    def _counted(self, quantity: str) -> Iterator[Booking]:
        """What the sum has counted since it was asked last, by interval and by quality."""
        parts, name = self._sums[quantity], self.meter.spec.name
        calendar, length_ms, *_ = self._setting
        known_ms = parts.known_ms()
        if not known_ms:
            return
        at_ms = parts.state.taken_ms
        if not at_ms:
            at_ms = parts.begin_ms()
            parts.take(at_ms)
            since_ms = self.meter.registers[quantity].state.covered_ms or at_ms
            quality = MISSING if since_ms < at_ms else GOOD
            yield Booking(name, quantity, since_ms, at_ms, 0, quality)
        while at_ms < known_ms:
            to_ms = parts.skipped_ms(at_ms)
            if not to_ms:
                edge_ms = calendar.interval(at_ms, length_ms)[1]
                to_ms = min(edge_ms, known_ms, parts.turn_ms(at_ms))
            share = parts.take(to_ms)
            yield Booking(
                name, quantity, at_ms, to_ms, share.amount, share.quality,
                event=share.event, since_ms=share.from_ms, gap_to_ms=share.to_ms,
            )  # fmt: skip
            at_ms = to_ms

    def _settled(self, booking: Booking) -> Booking:
        """The booking as the register enters it, after debts."""
        register = self.meter.registers[booking.quantity]
        state = register.state
        if state.first is None:
            state.first = 0
        debt = state.debt
        booked = register.move(Mark(state.dial + booking.amount, booking.end_ms), booking.amount)
        state.covered_ms = booking.end_ms
        if debt != state.debt:
            self._tell_debt(register, booking.end_ms)
        return msgspec.structs.replace(booking, amount=booked)

    def _tell_debt(self, register: Register, at_ms: int) -> None:
        debt, told, spec = register.state.debt, self.state.told, register.spec
        known = told.get(spec.quantity)
        high = debt * DEBT_TOLD > UNITS[spec.unit].factor
        if high and known != _RAISED:
            kind = _RAISED
        elif not debt and known == _RAISED:
            kind = _PAID
        else:
            return
        told[spec.quantity] = kind
        name, numbers = self.meter.spec.name, {"debt": shown(debt, spec.unit), "unit": spec.unit}
        self._setting.journal.event(at_ms, kind, name, spec.quantity, **numbers)

    # -- gauges ---------------------------------------------------------------------------

    def hear(self, part: Meter, now_ms: int) -> None:
        """A part was read."""
        state, heard = self.state, part.state
        self._heard(now_ms)
        at_ms = heard.at_ms or 0
        if heard.mono_ms and heard.boot != state.boot:
            newer = True
        elif heard.mono_ms and state.mono_ms:
            newer = heard.mono_ms > state.mono_ms
        else:
            newer = at_ms >= state.at_ms
        if newer:
            state.at_ms, state.mono_ms, state.boot = at_ms, heard.mono_ms, heard.boot

    def miss(self, at_ms: int, now_ms: int) -> None:
        """A part does not answer."""
        self._heard(now_ms)
        self.state.at_ms = max(self.state.at_ms, at_ms)

    def _heard(self, now_ms: int) -> None:
        self.state.heard_ms = self.state.heard_ms or now_ms
        self._touch()

    def _touch(self) -> None:
        self._setting.touch(VIRTUAL, self.meter.spec.name, self.due_ms())

    def due_ms(self) -> int:
        """When `look` is to be called."""
        heard_ms = self.state.heard_ms
        return heard_ms + SETTLE_MS if heard_ms else NEVER_MS

    def look(self) -> Reading | None:
        """The values of this instant; None where a part is silent, and so is the meter."""
        state, name = self.state, self.meter.spec.name
        state.heard_ms = 0
        self._touch()
        silent = self._present.silent(self.parts)
        if silent:
            self.meter.leave(state.at_ms, f"{silent} is silent", self._setting.journal)
            return None
        values = {quantity: self._value(quantity) for quantity in self._gauges}
        gauges = {quantity: value for quantity, value in values.items() if value is not None}
        return Reading(
            name, state.at_ms, {}, gauges, tuple(name for name in values if name not in gauges),
            boot=state.boot, mono_ms=state.mono_ms, quality=self._present.quality(self.parts),
        )  # fmt: skip

    def _value(self, quantity: str) -> float | None:
        """A gauge's value in its canonical unit. Why there is none is told once."""
        gauge, told = self._gauges[quantity], self.state.told
        value, reason = self._present.answer(gauge.expression)
        if isinstance(value, str):
            value, reason = None, NOT_A_NUMBER
        if value is not None:
            told.pop(quantity, None)
            return round(float(value) * gauge.factor, PLACES)
        if reason != UNREAD and told.get(quantity) != reason:
            told[quantity] = reason
            numbers = {"expression": gauge.expression.text}
            journal, name = self._setting.journal, self.meter.spec.name
            journal.event(self.state.at_ms, reason, name, quantity, **numbers)
        return None


def _units(spec: MeterSpec, quantity: str) -> tuple[str, str]:
    """(the unit that a quantity is kept in, the one its expression is in where it has none)."""
    declared = spec.units.get(quantity, "")
    return canonical_unit(quantity) or declared, declared
