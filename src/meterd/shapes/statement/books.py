"""What a statement asks of the store, and what it is told: the facts of one period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from meterd.billing.slots import Slot
from meterd.events import Adjusted, Event, Interval, PeriodClosed
from meterd.metering.calendar import Calendar
from meterd.metering.meter_state import MeterState
from meterd.specs import ChainMeter, MeterSpec, SiteSpec

EVER_MS = 1 << 62


class Span(msgspec.Struct, frozen=True):
    """Which part of a list: starts in [start_ms, end_ms), oldest first, at most `limit` rows."""

    start_ms: int = 0
    end_ms: int = EVER_MS
    after: Any = None
    limit: int = 1200


class Books(Protocol):
    """The store's read side; every call is bounded. page: a `Span`."""

    def periods(self, bill: str, page: Any) -> list[PeriodClosed]:
        """Closed periods of a bill, oldest first."""
        ...

    def adjustments(self, bill: str, page: Any) -> list[Adjusted]:
        """Adjustments of a bill by the time they came to light."""
        ...

    def events(self, page: Any, *, meter: str | None = None) -> list[Event]:
        """Events of a meter by their time."""
        ...

    def intervals(self, meter: str, page: Any, quantity: str | None = None) -> list[Interval]:
        """Intervals of a meter by start."""
        ...

    def slots(self, bill: str, start_ms: int, end_ms: int) -> list[Slot]:
        """What all sources of a bill used together, interval by interval."""
        ...

    def state(self, kind: str, key: str) -> bytes | None:
        """One saved state."""
        ...

    def booked_since(self, meter: str, quantity: str, start_ms: int) -> int:
        """What a meter's own counter has booked in intervals that start at or after."""
        ...


class MeterFacts(msgspec.Struct, frozen=True):
    """A meter of the bill. state: None where it was never read, or has left the site.

    since_start, since_end: what its counter booked since the edges of the period. at_start,
    at_end: the intervals on both sides of the edges. events: of its counter in the period.
    after_start, after_end: how many events of its counter there were since, None for many.
    """

    name: str
    spec: MeterSpec | None = None
    link: ChainMeter | None = None
    state: MeterState | None = None
    since_start: int = 0
    since_end: int = 0
    at_start: Sequence[Interval] = ()
    at_end: Sequence[Interval] = ()
    events: Sequence[Event] = ()
    after_start: int | None = 0
    after_end: int | None = 0


class Facts(msgspec.Struct, frozen=True):
    """One period of one bill.

    bill: as it is listed. period: its figures. closed: its sealed row, None while it is not
    closed; it is the `position`-th of the chain, from 1. terms, inputs: as a closed period
    keeps them. corrections: what came to light since it was closed. as_of_ms: what is known
    of it is known up to there.
    """

    site: SiteSpec
    calendar: Calendar
    bill: dict[str, Any]
    period: dict[str, Any]
    span_ms: tuple[int, int]
    as_of_ms: int
    terms: dict[str, Any]
    inputs: Sequence[dict[str, Any]]
    meters: dict[str, MeterFacts]
    closed: PeriodClosed | None = None
    position: int = 0
    tz_version: str | None = None
    corrections: Sequence[Adjusted] = ()
    slots: Sequence[Slot] = ()
