"""What people send in, as JSON has it: readings and replacements, checked field by field.

Values are in the declared unit of the meter's point. Commands and HTTP take the same words;
what is wrong is told by its field and with the remedy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from math import isfinite
from typing import Any, Final, NamedTuple

import msgspec

from meterd.events import Event, Output, PollFailed, Reading
from meterd.metering.calendar import iso, parse_iso
from meterd.orders import REFUSED, ReplacementOrdered
from meterd.shapes.readings import DIGITS_MAX, FACTS, NUMBER, Columns, cells, exact_amount
from meterd.specs import MeterSpec, RegisterSpec
from meterd.units import TEXTS, UNITS

AHEAD_MAX_MS: Final = 60_000
"""How far a sender's clock may be ahead of ours; what is later would shut out the readings
until then."""
UNREAD: Final = frozenset({"planned", "decommissioned"})
NOT_TAKEN: Final = frozenset({"duplicate", "out_of_order", "out_of_range", "stale"})
"""What the law says of a value that it does not even look at (rows 1 to 3)."""
_USUAL: Final = frozenset({"reading_entered", "online", "offline"})
OUTCOMES: Final = {None: "taken", "duplicate": "duplicate", "out_of_order": "late"}
"""Why nothing of a reading was taken -> what became of it, in a word; else it is refused."""
CONFLICT: Final = "conflict"
"""At the same instant something else was taken before."""
REPLACEMENT: Final = ("quantity", "old_final", "new_initial", "serial", "at", "force")
TEXT_MAX: Final = 100


class EntryError(ValueError):
    """What is wrong with one field of what was sent. field: "" for all of it."""

    def __init__(self, field: str, trouble: str) -> None:
        super().__init__(f"{field} {trouble}".strip())
        self.field = field
        self.trouble = trouble


class Newest(NamedTuple):
    """The newest reading of a meter before another: when it was taken, None for none, and its
    gauges in canonical units."""

    at_ms: int | None
    gauges: Mapping[str, float] = {}


def reading(spec: MeterSpec, item: Mapping[str, Any], now_ms: int, by: str) -> Reading:
    """A reading that somebody has sent. Raises EntryError.

    item: `meter`, `time` (ISO 8601, now where it is left out), quantities, and the facts
    serial_number, uptime, age_s and last_reset. by: who, "" for the device itself.
    """
    if spec.status in UNREAD:
        raise EntryError("meter", f"is {spec.status}; what it reads is not followed")
    if spec.expressions:
        raise EntryError("meter", "is virtual: it is calculated, and nobody reads it")
    for name in item:
        if name not in ("meter", "time", *FACTS, *spec.units):
            raise EntryError(name, f"is nothing that {spec.name} reads{_near(name, spec.units)}")
    values = {name: value for name, value in item.items() if name not in ("meter", "time")}
    _expect_numbers(values, {register.quantity for register in spec.registers})
    at_ms = _instant("time", item.get("time"), now_ms)
    if at_ms - now_ms > AHEAD_MAX_MS:
        raise EntryError("time", "has not come yet; is the sender's clock right?")
    try:
        row = Columns(["time", "meter", *values], spec).reading(["", "", *cells(values)], at_ms)
    except (ValueError, OverflowError) as error:
        raise EntryError("", str(error)) from error
    if isinstance(row, PollFailed):
        raise EntryError("", f"has no value; send one of {', '.join(spec.units)}")
    return msgspec.structs.replace(row, entered_by=by)


def _expect_numbers(values: Mapping[str, Any], counters: Collection[str]) -> None:
    for name, text in zip(values, cells(values), strict=True):
        if name in TEXTS or not text:
            continue
        try:
            whole = len(text) <= DIGITS_MAX and "_" not in text
            number = whole and (not isfinite(float(text)) or NUMBER.fullmatch(text.strip()))
            good = number or (whole and name not in counters)
        except ValueError:
            good = False
        if not good:
            raise EntryError(name, f"is {text[:DIGITS_MAX]!r}, not a number")


def joined(one: Reading, other: Reading) -> Reading | None:
    """Two readings of one meter and instant as one; None where both have the same quantity."""
    mine, theirs = ({*item.registers, *item.gauges, *item.texts} for item in (one, other))
    if mine & theirs:
        return None
    asked = (*one.missing, *other.missing)
    return msgspec.structs.replace(
        one,
        registers=one.registers | other.registers,
        gauges=one.gauges | other.gauges,
        missing=tuple(quantity for quantity in asked if quantity not in mine | theirs),
        serial=one.serial or other.serial,
        uptime_s=other.uptime_s if one.uptime_s is None else one.uptime_s,
        age_ms=max(one.age_ms, other.age_ms),
        texts=one.texts | other.texts,
    )


def outcome(item: Reading, outputs: Iterable[Output], before: Newest) -> dict[str, Any]:
    """What became of a reading. before: the meter's newest until then.

    outcome: taken, duplicate, late or refused. refused: why nothing of it was taken, None if
    something was. events: what was decided.
    """
    events = [
        output for output in outputs if isinstance(output, Event) and output.meter == item.meter
    ]
    not_taken = {event.quantity: event.kind for event in events if event.kind in NOT_TAKEN}
    why = None
    if item.registers and len(not_taken) == len(item.registers):
        why = next(iter(not_taken.values()))
    elif not item.registers and before.at_ms is not None and item.at_ms <= before.at_ms:
        why = "duplicate" if item.at_ms == before.at_ms else "out_of_order"
    other = any(event.kind == "duplicate" and "last" in event.numbers for event in events)
    if why == "duplicate" and (other or not item.gauges.items() <= before.gauges.items()):
        why = CONFLICT
    return {
        "meter": item.meter,
        "time": iso(item.at_ms),
        "outcome": OUTCOMES.get(why, "refused"),
        "refused": why,
        "events": [event.kind for event in events if event.kind not in _USUAL],
    }


def replacement(
    spec: MeterSpec, item: Mapping[str, Any], now_ms: int, by: str
) -> ReplacementOrdered:
    """The order that somebody has sent about a replaced device. Raises EntryError."""
    for name in item:
        if name not in REPLACEMENT:
            raise EntryError(name, f"is not known here{_near(name, REPLACEMENT)}")
    if spec.status in UNREAD:
        raise EntryError("", f"{spec.name} is {spec.status}; what it reads is not followed")
    if spec.expressions:
        raise EntryError("", f"{spec.name} is virtual; no device of it can be replaced")
    quantity, serial = _text(item, "quantity"), _text(item, "serial")
    valued = item.get("old_final") is not None or item.get("new_initial") is not None
    register = _register(spec, quantity) if quantity or valued else None
    force = item.get("force", False)
    if not isinstance(force, bool):
        raise EntryError("force", "is neither true nor false")
    return ReplacementOrdered(
        meter=spec.name,
        at_ms=now_ms,
        actor=by,
        quantity=register.quantity if register else "",
        swapped_ms=None if item.get("at") is None else _instant("at", item["at"], now_ms),
        old_final=_amount(item, "old_final", register),
        new_initial=_amount(item, "new_initial", register),
        serial=serial,
        force=force,
    )


def refusals(outputs: Iterable[Output], about: str) -> list[str]:
    """Why an order was not carried out, by what it has caused: a sentence each, none if it was.

    about: the meter or the record configuration; time may have passed for others as well.
    """
    return [
        str(output.numbers["why"])
        for output in outputs
        if isinstance(output, Event)
        and output.kind.endswith(REFUSED)
        and about in (output.meter, output.numbers.get("record"))
        and "why" in output.numbers
    ]


def _register(spec: MeterSpec, quantity: str | None) -> RegisterSpec:
    """The register that is meant: the one named, else the only one."""
    known = {register.quantity: register for register in spec.registers}
    if quantity is None and len(known) == 1:
        return spec.registers[0]
    if quantity is None:
        raise EntryError("quantity", f"is missing; {spec.name} has {' and '.join(known)}")
    if quantity not in known:
        trouble = f"is no counter of {spec.name}{_near(quantity, known)}"
        raise EntryError("quantity", trouble)
    return known[quantity]


def _amount(item: Mapping[str, Any], field: str, register: RegisterSpec | None) -> int | None:
    value = item.get(field)
    if value is None or register is None:
        return None
    try:
        amount = exact_amount(str(value), field, UNITS[register.unit])
    except ValueError as error:
        raise EntryError("", str(error)) from error
    if amount is None:
        raise EntryError(field, "is no number")
    return amount


def _text(item: Mapping[str, Any], field: str) -> str | None:
    value = item.get(field)
    if value is None:
        return None
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= TEXT_MAX:
        raise EntryError(field, f"is no printable text of up to {TEXT_MAX} characters")
    return value


def _instant(field: str, value: Any, now_ms: int) -> int:
    if value is None:
        return now_ms
    try:
        at_ms = parse_iso(value) if isinstance(value, str) else -1
    except (ValueError, OverflowError):
        at_ms = -1
    if at_ms < 0:
        raise EntryError(field, "is no time with an offset; write 2026-01-31T12:00:00Z")
    return at_ms


def _near(word: str, known: Collection[str]) -> str:
    near = get_close_matches(word[:TEXT_MAX], list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else f"; there is {', '.join(known)}"
