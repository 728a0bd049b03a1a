"""A replacement as an operator tells it: the old counter's tail, the new one's beginning.

Either it happens now: what the old register used since its last reading is booked, the
records are cut, the new one starts at its initial reading or at its next. Or the readings
have shown it already (the law's row 4, a reset, a new level): then what they could not know
is added as late energy. What was added never moves the dial, so the books stay balanced.
A refused order changes nothing and says why. Source: docs/how-to/replace-a-meter.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from meterd.events import GAP, REPLACED, REPLACEMENT_COMPLETED, Booking
from meterd.metering.calendar import iso
from meterd.metering.journal import Journal
from meterd.metering.register import HOUR_MS, Mark, Register, Swap
from meterd.metering.replacement_refusals import (
    nonsense,
    told_already,
    too_high,
    too_low,
    too_much,
    untimely,
)
from meterd.orders import ReplacementOrdered
from meterd.units import shown

REFUSED: Final = "replacement_refused"
CUT: Final = "replacement"


def replace_device(
    meter: str, registers: Mapping[str, Register], order: ReplacementOrdered, journal: Journal
) -> list[Booking]:
    """Carry out an order on the register that it names, or on all that were ever read.

    registers: the meter's, by quantity. Values need one register that they are of.
    """
    names = " and ".join(registers) or "no counter"
    if order.quantity and order.quantity not in registers:
        why = f"{meter} has no counter {order.quantity!r}; it has {names}"
        refuse((meter, order.quantity), order, why, journal)
        return []
    chosen = [r for quantity, r in registers.items() if order.quantity in ("", quantity)]
    read = [register for register in chosen if register.state.first is not None]
    valued = order.old_final is not None or order.new_initial is not None
    if not chosen or (valued and len(read) > 1):
        why = f"{meter} has {names}; say which of them the values are of"
        refuse((meter, ""), order, why, journal)
        return []
    return [booking for r in read or chosen for booking in replace(r, order, journal)]


def replace(register: Register, order: ReplacementOrdered, journal: Journal) -> list[Booking]:
    """Carry out an order on one register; what it books, nothing where it is refused."""
    register.bookings = []
    why = nonsense(register, order)
    swap = register.state.swap
    if why:
        pass
    elif swap is not None and _speaks_of(order, swap, register):
        why = _complete(register, order, swap, journal)
    else:
        why = _exchange(register, order, journal)
    if why:
        refuse((register.meter, register.spec.quantity), order, why, journal)
    return register.bookings


def refuse(
    register: tuple[str, str], order: ReplacementOrdered, why: str, journal: Journal
) -> None:
    """Tell why nothing was done. register: (meter, quantity, "" for all)."""
    journal.event(order.at_ms, REFUSED, *register, why=why, actor=order.actor)


def _speaks_of(order: ReplacementOrdered, swap: Swap, register: Register) -> bool:
    """Whether an order is about the replacement that the readings have shown."""
    known = register.state.serial
    if order.serial and known and order.serial != known:
        return False  # another device again
    if order.swapped_ms is None:
        return bool(order.serial)
    until_ms = register.state.covered_ms if swap.new is None else swap.new.at_ms
    return swap.old.at_ms <= order.swapped_ms <= until_ms


# -- a replacement that happens now -----------------------------------------------------------


def _exchange(register: Register, order: ReplacementOrdered, journal: Journal) -> str:
    """Close the old counter and begin the new one; "" or why not."""
    state = register.state
    old = state.prev or Mark(state.dial, state.covered_ms)
    at_ms = max(order.at_ms, state.covered_ms) if order.swapped_ms is None else order.swapped_ms
    tail = 0 if order.old_final is None else order.old_final - old.amount
    why = (
        untimely(register, order, at_ms)
        or too_low(register, order.old_final, old)
        or too_much(register, tail, at_ms - old.at_ms, order)
    )
    if why:
        return why
    if order.old_final is None:
        register.lose(Mark(0, at_ms), CUT, REPLACED)
    else:
        since_ms = state.covered_ms
        _book(register, register.move(Mark(order.old_final, at_ms), tail), since_ms, at_ms)
    _begin(register, order, at_ms)
    new = None if order.new_initial is None else state.prev
    state.swap = Swap(old, new, order.old_final is None, new is None, unit_power=0)
    _tell(register, order, REPLACED, journal)
    return ""


def _begin(register: Register, order: ReplacementOrdered, at_ms: int) -> None:
    """The new counter begins; nothing of the old one is a question any more."""
    state = register.state
    if order.new_initial is None:
        state.prev = state.question = None
        state.rebooted = state.cleared = False
    else:
        register.move(Mark(order.new_initial, at_ms), 0)
    state.before = state.replaced = None
    state.goods = ()
    state.serial = order.serial or ""
    state.moved = Mark(state.dial, at_ms)
    if state.last is None or state.last.at_ms < at_ms:
        state.last = state.moved


# -- a replacement that the readings have shown -------------------------------------------------


def _complete(register: Register, order: ReplacementOrdered, swap: Swap, journal: Journal) -> str:
    """Add what the readings could not know; "" or why not."""
    state, new = register.state, swap.new
    tail = 0 if order.old_final is None else order.old_final - swap.old.amount
    head = 0 if order.new_initial is None or new is None else new.amount - order.new_initial
    until_ms = state.covered_ms if new is None else new.at_ms
    why = (
        told_already(register, order, swap)
        or too_low(register, order.old_final, swap.old)
        or too_high(register, order.new_initial, new)
        or too_much(register, tail + head, until_ms - swap.old.at_ms, order)
    )
    if why:
        return why
    if order.new_initial is not None and new is None:
        new = Mark(order.new_initial, state.covered_ms)
        register.move(new, 0)
    _add_late(register, tail + head, swap.old.at_ms)
    state.goods, state.replaced, state.before = (), None, None
    state.serial = order.serial or state.serial
    final = swap.final and order.old_final is None
    initial = swap.initial and order.new_initial is None
    state.swap = Swap(swap.old, new, final, initial, unit_power=0)
    _tell(register, order, REPLACEMENT_COMPLETED, journal)
    return ""


def _add_late(register: Register, amount: int, since_ms: int) -> None:
    """Book what was used since `since_ms`, in no time at all; the dial stays.

    It is good for a debt first, as anything that is used.
    """
    state = register.state
    paid = min(state.debt, amount)
    state.debt -= paid
    state.booked += amount - paid
    state.adjusted -= amount - paid
    if amount > paid:
        _book(register, amount - paid, since_ms)


def _book(register: Register, amount: int, since_ms: int, cut_ms: int | None = None) -> None:
    """Book what was used since an instant. cut_ms: the old counter ended there, else it is late.

    Nothing is used faster than the ceiling allows: what is forced was used over a longer time.
    """
    state, per_hour = register.state, register.spec.per_hour
    late = cut_ms is None
    at_ms = state.covered_ms if cut_ms is None else cut_ms
    register.book(Mark(state.dial, at_ms), amount, GAP, REPLACEMENT_COMPLETED if late else REPLACED)
    whole = register.bookings.pop()
    if per_hour is not None:
        since_ms = min(since_ms, whole.end_ms - amount * HOUR_MS // per_hour)
    cut = "" if late else CUT
    register.bookings.append(msgspec.structs.replace(whole, cut=cut, since_ms=since_ms))


def _tell(register: Register, order: ReplacementOrdered, kind: str, journal: Journal) -> None:
    unit, swap = register.spec.unit, register.state.swap
    assert swap is not None
    values = {"old_final": order.old_final, "new_initial": order.new_initial}
    told = {name: shown(value, unit) for name, value in values.items() if value is not None}
    if order.serial:
        told["serial"] = order.serial
    journal.event(
        order.at_ms, kind, register.meter, register.spec.quantity,
        baseline=shown(swap.old.amount, unit), since=iso(swap.old.at_ms), **told,
        booked=shown(sum(booking.amount for booking in register.bookings), unit), unit=unit,
        actor=order.actor, forced=order.force,
    )  # fmt: skip
