"""History against the books: which register, up to when, and what is there already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

import msgspec

from meterd.events import MEASURED, Interval
from meterd.metering.calendar import Calendar
from meterd.metering.meter_state import MeterState
from meterd.orders import HISTORY_IMPORTED, HistoryOrdered
from meterd.shapes.history.plan import LONGEST_MS, Limits, Plan, Span, plan
from meterd.shapes.history.rows import HistoryRow, Refused
from meterd.specs import MeterSpec, RegisterSpec, SiteSpec
from meterd.units import shown

PAGE_ROWS: Final = 10_000


class Books(Protocol):
    """What is asked of the store."""

    def intervals(self, meter: str, page: Any, quantity: str | None = None) -> list[Interval]:
        """Intervals of a meter by start."""
        ...

    def first_own(self, meter: str, quantity: str) -> int | None:
        """When a meter's own counter began to fill intervals."""
        ...

    def state(self, kind: str, key: str) -> bytes | None:
        """One saved state."""
        ...


class Part(msgspec.Struct, frozen=True):
    """Which part of a list."""

    start_ms: int
    end_ms: int
    after: Any = None
    limit: int = PAGE_ROWS


class History(msgspec.Struct, frozen=True):
    """Rows that somebody wants to be a meter's history. source: where they come from."""

    spec: MeterSpec
    register: RegisterSpec
    rows: Sequence[HistoryRow | Refused]
    source: str


class NotCountedError(ValueError):
    """The meter has no such counter; the text says which it has."""


def counted(spec: MeterSpec, quantity: str) -> RegisterSpec:
    """The register that history can be of. Raises NotCountedError."""
    if spec.expressions:
        raise NotCountedError(f"{spec.name} is virtual; it has no history of its own")
    known = {register.quantity: register for register in spec.registers}
    if quantity not in known:
        has = f"it has {' and '.join(known)}" if known else "it has none"
        raise NotCountedError(f"{quantity} is no counter of {spec.name}; {has}")
    return known[quantity]


def judged(books: Books, site: SiteSpec, history: History, now_ms: int) -> Plan:
    """What of it can be taken now."""
    spec, register = history.spec, history.register
    spans = [row for row in history.rows if isinstance(row, HistoryRow)]
    start_ms = max(0, min((row.start_ms for row in spans), default=0) - LONGEST_MS)
    limits = _limits(books, site, history, now_ms)
    there = _there(books, (spec.name, register.quantity), start_ms, limits.before_ms)
    return plan(history.rows, there, limits)


def _limits(books: Books, site: SiteSpec, history: History, now_ms: int) -> Limits:
    """Up to the interval in which the meter began to count itself, else the one that runs."""
    name, quantity = history.spec.name, history.register.quantity
    own = [books.first_own(name, quantity), _open_since(books, name, quantity)]
    begun = [at_ms for at_ms in own if at_ms is not None]
    running_ms = Calendar(site.timezone).interval(now_ms, site.sampling_ms)[0]
    return Limits(min([running_ms, *begun]), bool(begun), history.register.per_hour)


def _open_since(books: Books, meter: str, quantity: str) -> int | None:
    body = books.state("meter", meter)
    if body is None:
        return None
    track = msgspec.msgpack.decode(body, type=MeterState).tracks.get(f"{quantity}/{MEASURED}/")
    return track.start_ms if track is not None and track.end_ms else None


def _there(books: Books, key: tuple[str, str], start_ms: int, end_ms: int) -> list[Span]:
    """What was imported before, oldest first."""
    meter, quantity = key
    found: list[Span] = []
    part = Part(start_ms, end_ms)
    while rows := books.intervals(meter, part, quantity):
        found += [
            (row.start_ms, row.end_ms, row.amount)
            for row in rows
            if row.method == MEASURED and row.event == HISTORY_IMPORTED
        ]
        part = msgspec.structs.replace(part, after=rows[-1])
    return found


def ordered(history: History, taken: Sequence[HistoryRow], at_ms: int, by: str) -> HistoryOrdered:
    """The order to take these rows; there is at least one."""
    register = history.register
    return HistoryOrdered(
        meter=history.spec.name,
        at_ms=at_ms,
        actor=by,
        quantity=register.quantity,
        rows=tuple((row.start_ms, row.end_ms, row.amount, row.good) for row in taken),
        source=history.source,
        amount=shown(sum(row.amount for row in taken), register.unit),
        unit=register.unit,
    )
