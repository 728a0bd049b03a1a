"""The store as the web may ask it: by what it is asked, so that any store will do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

import msgspec

from meterd.billing.slots import Slot
from meterd.events import Adjusted, Event, Interval, PeriodClosed, RecordRow, Sample

EVER_MS: Final = 1 << 62


class Page(msgspec.Struct, frozen=True):
    """Which part of a list: starts in [start_ms, end_ms), oldest first, at most `limit` rows.

    after: the last row of the page before, or a stand-in with the same key; None at first.
    """

    start_ms: int = -EVER_MS
    end_ms: int = EVER_MS
    after: Any = None
    limit: int = 1000


class Recorded(Protocol):
    """A record as it is kept. columns: seed 001's, by name, in its order."""

    @property
    def row(self) -> RecordRow:
        """The record, exact."""
        ...

    @property
    def columns(self) -> dict[str, Any]:
        """The record as the table shows it."""
        ...


class Reader(Protocol):
    """The store's read side. page: a `Page`, or what looks like one. Every call is bounded."""

    def intervals(self, meter: str, page: Any, quantity: str | None = None) -> list[Interval]:
        """Intervals of a meter by start."""
        ...

    def samples(self, bill: str, page: Any) -> list[Sample]:
        """Samples of a bill by start."""
        ...

    def events(
        self, page: Any, *, meter: str | None = None, kind: str | None = None
    ) -> list[Event]:
        """Events by their time."""
        ...

    def latest_events(
        self, page: Any, *, meter: str | None = None, kind: str | None = None
    ) -> list[Event]:
        """Events, newest first; the page after one goes on before it."""
        ...

    def events_since(self, plain_id: str, at_ms: int) -> list[Event]:
        """Events committed after this one, oldest commit first; none if it is not there."""
        ...

    def latest_records(
        self, page: Any, *, configuration: str | None = None, status: str | None = None
    ) -> list[Any]:
        """Meter records, each a `Recorded`, newest first."""
        ...

    def series(self, meter: str) -> list[tuple[str, str, str]]:
        """(quantity, method, phase) of everything that was ever kept of a meter."""
        ...

    def used(
        self, meter: str, one: tuple[str, str, str], span_ms: tuple[int, int], grain_ms: int
    ) -> list[Slot]:
        """What a meter has of one of its series in [start, end), a row for every grain."""
        ...

    def records(self, page: Any, configuration: str | None = None) -> list[Any]:
        """Meter records, each a `Recorded`, by start."""
        ...

    def record(self, plain_id: str) -> Any:
        """One meter record, a `Recorded`; None where there is none."""
        ...

    def periods(self, bill: str, page: Any) -> list[PeriodClosed]:
        """Closed periods of a bill by start."""
        ...

    def slots(self, bill: str, start_ms: int, end_ms: int) -> list[Slot]:
        """What all sources of a bill used together, interval by interval."""
        ...

    def imported(self, meters: Sequence[str], start_ms: int, end_ms: int) -> list[Slot]:
        """The same of the imported history of some meters."""
        ...

    def adjustments(self, bill: str, page: Any) -> list[Adjusted]:
        """Adjustments of a bill by the time they came to light."""
        ...

    def booked_since(self, meter: str, quantity: str, start_ms: int) -> int:
        """What a meter's own counter has booked since."""
        ...

    def state(self, kind: str, key: str) -> bytes | None:
        """One saved state."""
        ...

    def first_own(self, meter: str, quantity: str) -> int | None:
        """When a meter's own counter began to fill intervals."""
        ...

    def has_history(self, meter: str) -> bool:
        """Whether anything was ever booked for a meter."""
        ...
