"""Why an order about a replacement is not carried out: a sentence each, "" where nothing speaks
against it. Each names the register, the numbers and what to do; none changes anything.
"""

from __future__ import annotations

from meterd.metering.calendar import iso
from meterd.metering.register import Mark, Register, Swap
from meterd.orders import ReplacementOrdered
from meterd.units import float_text, shown


def nonsense(register: Register, order: ReplacementOrdered) -> str:
    """What no order may say."""
    name, modulus = named(register), register.spec.modulus
    if register.state.first is None:
        return f"{name} was never read; its first reading sets it"
    for value in (order.old_final, order.new_initial):
        if value is not None and (value < 0 or (modulus is not None and value >= modulus)):
            return f"{name} can never show {_with_unit(register, value)}"
    if order.swapped_ms is not None and order.swapped_ms > order.at_ms:
        return f"{iso(order.swapped_ms)} has not come yet"
    return ""


def untimely(register: Register, order: ReplacementOrdered, at_ms: int) -> str:
    """A replacement now, of a counter that is read already beyond that instant."""
    covered_ms, name = register.state.covered_ms, named(register)
    if order.serial and order.serial == register.state.serial:
        return f"{name} has the serial number {order.serial} already; name the new one"
    if at_ms < covered_ms:
        return (
            f"{name} was read until {iso(covered_ms)}, after {iso(at_ms)}, and shows no "
            "replacement there; leave out the time if it is replaced now"
        )
    return ""


def told_already(register: Register, order: ReplacementOrdered, swap: Swap) -> str:
    """A replacement that the readings have shown, and what was told of it."""
    when = f"the replacement of {named(register)} after {iso(swap.old.at_ms)}"
    if order.old_final is None and order.new_initial is None:
        return f"{when} is booked; give its old final or its new initial reading"
    if order.old_final is not None and not swap.final:
        return f"{when} has its old final reading already"
    if order.new_initial is not None and not swap.initial:
        return f"{when} has its new initial reading already"
    return ""


def too_low(register: Register, final: int | None, old: Mark) -> str:
    """An old final reading below the last one that was accepted."""
    if final is None or final >= old.amount:
        return ""
    told = (
        f"{_with_unit(register, final)} is below {_with_unit(register, old.amount)}, which "
        f"{named(register)} showed at {iso(old.at_ms)}"
    )
    if register.state.swap is None or old == register.state.swap.old:
        return told
    return f"{told}; if the readings show the replacement, name its time or the new serial number"


def too_high(register: Register, initial: int | None, new: Mark | None) -> str:
    """A new initial reading above the first one that was accepted."""
    if initial is None or new is None or initial <= new.amount:
        return ""
    return (
        f"{_with_unit(register, initial)} is above {_with_unit(register, new.amount)}, the first "
        f"reading of the new {named(register)} at {iso(new.at_ms)}"
    )


def too_much(register: Register, added: int, span_ms: int, order: ReplacementOrdered) -> str:
    """More than the ceiling allows in the time, unless it is forced."""
    most = register.cap(span_ms)
    if most is None or added <= most or order.force:
        return ""
    span_s = float_text(span_ms / 1000)
    return (
        f"{_with_unit(register, added)} in {span_s} s is more than {named(register)} "
        f"can count ({_with_unit(register, most)}); correct it, or force it to be booked"
    )


def named(register: Register) -> str:
    """meter.quantity."""
    return f"{register.meter}.{register.spec.quantity}"


def _with_unit(register: Register, amount: int) -> str:
    return f"{shown(amount, register.spec.unit)} {register.spec.unit}"
